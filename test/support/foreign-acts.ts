// What others do to a page's DOM, as data that fast-check makes and shrinks; and what is left of an island's own nodes
// when all that is theirs is left out.

import fc from 'fast-check';

const kinds = [
  'translate',
  'add',
  'addText',
  'remove',
  'move',
  'wrap',
  'split',
  'normalize',
  'reparse',
  'stripComments',
  'empty',
  'class',
  'style',
  'shadow',
] as const;

/** Which kind of thing is done to which node, and where else. */
export interface ForeignAct {
  readonly kind: (typeof kinds)[number];
  readonly node: number;
  readonly place: number;
}

export const foreignActs: fc.Arbitrary<ForeignAct[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), node: fc.nat(), place: fc.nat() }),
  { maxLength: 4 },
);

/** All nodes that others have made. */
const theirs = new WeakSet<Node>();

/** Does what somebody else might do. Only prototypes are trusted, as a good extension would. */
export function act(root: HTMLElement, { kind, node: index, place }: ForeignAct): void {
  const nodes = below(root);
  const pick = <Kind extends Node>(isIt: (node: Node) => boolean, at = index): Kind | undefined => {
    const found = nodes.filter(isIt);
    return found[at % found.length] as Kind | undefined;
  };
  const isText = (node: Node): boolean => node instanceof Text && node.data.trim() !== '';
  const isElement = (node: Node): boolean => node instanceof Element && !(node instanceof HTMLInputElement);
  const make = (name: string): Element => {
    const element = document.createElement(name);
    theirs.add(element);
    return element;
  };
  switch (kind) {
    case 'translate': {
      const text = pick<Text>(isText);
      const outer = make('font');
      const inner = make('font');
      outer.append(inner);
      inner.textContent = `translated ${text?.data}`;
      claim(inner);
      text?.replaceWith(outer);
      break;
    }
    case 'add':
    case 'addText': {
      const parent = pick<Element>(isElement);
      if (!parent) break;
      const added = kind === 'add' ? make('x-theirs') : new Text('theirs');
      theirs.add(added);
      const all = Array.from(childrenOf(parent));
      Node.prototype.insertBefore.call(parent, added, all[place % (all.length + 1)] ?? null);
      break;
    }
    case 'remove':
      detach(pick(() => true));
      break;
    case 'move': {
      const node = pick<Node>(() => true);
      const parent = pick<Element>(isElement, place);
      if (!node || !parent || Node.prototype.contains.call(node, parent)) break;
      Node.prototype.insertBefore.call(parent, node, childrenOf(parent)[place % 3] ?? null);
      break;
    }
    case 'wrap': {
      const node = pick<Node>((each) => isText(each) || isElement(each));
      const parent = node && parentOf(node);
      if (!parent) break;
      const wrapper = make('x-theirs');
      Node.prototype.insertBefore.call(parent, wrapper, node);
      wrapper.append(node);
      break;
    }
    case 'split': {
      const text = pick<Text>((each) => each instanceof Text && each.length > 1);
      if (text) theirs.add(text.splitText(1));
      break;
    }
    case 'normalize':
      root.normalize();
      break;
    case 'reparse': {
      const element = pick<Element>(isElement);
      if (!element) break;
      element.innerHTML = `${element.innerHTML}`;
      claim(element);
      break;
    }
    case 'stripComments':
      for (const node of nodes) if (node instanceof Comment && node !== root.lastChild) detach(node);
      break;
    case 'empty': {
      const element = pick<Element>(isElement);
      for (const node of element ? Array.from(childrenOf(element)) : []) detach(node);
      break;
    }
    case 'class':
      pick<Element>(isElement)?.classList.add('theirs');
      break;
    case 'style':
      pick<HTMLElement>(isElement)?.style.setProperty('outline-width', '3px');
      break;
    case 'shadow': {
      const form = pick<HTMLFormElement>((each) => each instanceof HTMLFormElement);
      const names = [
        'firstChild',
        'childNodes',
        'textContent',
        'attributes',
        'getAttribute',
        'setAttribute',
        'isConnected',
      ];
      const field = make('input');
      field.setAttribute('name', names[place % names.length] as string);
      if (form) Node.prototype.appendChild.call(form, field);
    }
  }
}

/**
 * An island's own nodes as data: what others have added is left out, what they have put around ours counts as not
 * there.
 */
export function describeOurs(node: Node): unknown[] {
  const described: unknown[] = [];
  for (const child of childrenOf(node)) {
    if (theirs.has(child)) described.push(...describeOurs(child));
    else if (child instanceof Text) described.push(child.data);
    else if (child instanceof Comment) described.push([child.data]);
    else if (child instanceof Element) {
      const attributes = Array.from(attributesOf(child), ({ name, value }) => `${name}=${value}`);
      described.push([child.localName, attributes.map(withoutTheirs).filter(Boolean).sort(), describeOurs(child)]);
    }
  }
  return described;
}

function withoutTheirs(attribute: string): string {
  const ours = attribute.replace(/ ?\btheirs\b| ?outline-width: 3px;/g, '').replace(/;$/, '');
  return /^(class|style)=$/.test(ours) ? '' : ours.replace(/ +$/, '');
}

function claim(parent: Node): void {
  for (const node of below(parent)) theirs.add(node);
}

function below(root: Node): Node[] {
  return Array.from(childrenOf(root)).flatMap((node) => [node, ...below(node)]);
}

function childrenOf(node: Node): NodeListOf<ChildNode> {
  return Reflect.get(Node.prototype, 'childNodes', node);
}

function attributesOf(element: Element): NamedNodeMap {
  return Reflect.get(Element.prototype, 'attributes', element);
}

function parentOf(node: Node): Node | null {
  return Reflect.get(Node.prototype, 'parentNode', node);
}

function detach(node: Node | undefined): void {
  const parent = node && parentOf(node);
  if (parent) Node.prototype.removeChild.call(parent, node);
}
