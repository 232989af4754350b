/*
 * The DOM's own members, taken from its prototypes: a <form> that holds a control named `remove`, `parentNode` or `id` has
 * that control under this name. Whatever may be a form is read and changed by these.
 */

const { get: getParent } = memberOf(Node.prototype, 'parentNode');
const { get: getFirst } = memberOf(Node.prototype, 'firstChild');
const { get: getLast } = memberOf(Node.prototype, 'lastChild');
const { get: getNext } = memberOf(Node.prototype, 'nextSibling');
const { get: getPrevious } = memberOf(Node.prototype, 'previousSibling');

type Parent = ParentNode & Node;

export const parentOf = (node: Node): Parent | null => getParent.call(node) as Parent | null;
export const firstOf = (node: Node): ChildNode | null => getFirst.call(node) as ChildNode | null;
export const lastOf = (node: Node): ChildNode | null => getLast.call(node) as ChildNode | null;
export const nextOf = (node: Node): ChildNode | null => getNext.call(node) as ChildNode | null;
export const previousOf = (node: Node): ChildNode | null => getPrevious.call(node) as ChildNode | null;

/** Methods; call them by `call`. */
export const { insertBefore, removeChild, compareDocumentPosition, contains } = Node.prototype;
export const { addEventListener, removeEventListener } = EventTarget.prototype;
export const { getAttribute, hasAttribute, setAttribute, removeAttribute, toggleAttribute } = Element.prototype;

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

function memberOf(prototype: object, name: string): { get(this: Node): unknown } {
  return Object.getOwnPropertyDescriptor(prototype, name) as { get(this: Node): unknown };
}
