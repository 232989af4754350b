/*
 * The DOM's own members, taken from its prototypes: a <form> that holds a control named `remove`, `parentNode` or `id`
 * has that control under this name. Whatever may be a form is read and changed by these.
 */

export type Reader<Member> = (node: Node) => Member;

// a bundle leaves out those that it does not use
export const parentOf: Reader<(ParentNode & Node) | null> = /* @__PURE__ */ readerOf('parentNode');
export const firstOf: Reader<ChildNode | null> = /* @__PURE__ */ readerOf('firstChild');
export const nextOf: Reader<ChildNode | null> = /* @__PURE__ */ readerOf('nextSibling');
export const isConnected: Reader<boolean> = /* @__PURE__ */ readerOf('isConnected');

/** Methods; call them by `call`. */
export const { insertBefore, removeChild, contains } = Node.prototype;
export const { addEventListener, dispatchEvent, removeEventListener } = EventTarget.prototype;
export const { closest, matches, getAttribute, hasAttribute, setAttribute, removeAttribute, toggleAttribute } =
  Element.prototype;
/** Takes a node out of where it is. */
export function remove(node: Node): void {
  const parent = parentOf(node);
  if (parent) removeChild.call(parent, node);
}

/** Reads any member of a node: slower than the ones above, for what is seldom needed. */
export function read<Member>(node: Node, name: string): Member {
  return Reflect.get(Object.getPrototypeOf(node), name, node);
}

/** Sets a member that has a setter. */
export function write(node: Node, name: string, value: unknown): void {
  Reflect.set(Object.getPrototypeOf(node), name, value, node);
}

/** The elements below a node that a selector matches. */
export function findAll<Found extends Element>(root: Node, selector: string): Found[] {
  return [...read<ParentNode['querySelectorAll']>(root, 'querySelectorAll').call(root, selector)] as Found[];
}

/** Makes what reads a member that all nodes have. */
export function readerOf<Member>(name: string): Reader<Member> {
  const { get } = Object.getOwnPropertyDescriptor(Node.prototype, name) as { get(this: Node): Member };
  return (node) => get.call(node);
}
