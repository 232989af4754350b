/*
 * Two renderings as `same.ts` compares them. Input: what an island shows, and what it is to show. Output: their elements
 * and rows. Part of `repair.ts`.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import {
  isInstance,
  isRaw,
  slotsOf,
  templateOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import { isNamed, planOf } from './adopt.ts';
import type { DomContent, DomInstance } from './dom-tree.ts';
import { firstOf, getAttribute, hasAttribute, nextOf } from './native.ts';
import { special } from './parts.ts';
import { DomList } from './places.ts';
import type { Item, Row, Scope } from './same.ts';
import type { DomTemplate } from './templates.ts';

/** How a rendering is read: what is shown, or what is to be. */
interface Side<Instance extends object, Content> {
  templateOf(instance: Instance): DomTemplate;
  contentOf(instance: Instance, hole: number): Content;
  /** What stands in a hole: instances, in a list or not, or a text. */
  read(content: Content): { readonly inner?: Instance; readonly rows?: readonly Instance[]; readonly text?: unknown };
  keyOf(instance: Instance): unknown;
  /** The element that a pattern stands for: that of a hole, or the next one from a node on. */
  find(instance: Instance, pattern: Element, hole: number | undefined, next: Node | null): Element | undefined;
  /** What stands in an element, or (undefined) is first of an instance. */
  firstIn(instance: Instance, element?: Element): Node | null;
  /** What stands behind a hole's content. */
  behind(instance: Instance, hole: number): Node | null;
  /** What a hole says of an attribute; undefined: nothing. */
  saidAt(
    instance: Instance,
    hole: number,
    element: Element,
  ): string | null | undefined | { readonly [name: string]: string | null };
}

export interface Rendering extends Scope {
  /** Of each instance that is not all text. */
  readonly itemsOf: Map<object, Item[]>;
}

/** @param isTheirs Whether somebody else has added a node. */
export function shownIn(content: DomContent, isTheirs: (node: Node) => boolean): Rendering {
  const taken = new Set<Node>();
  return collect<DomInstance, DomContent>(content, {
    templateOf: ({ template }) => template,
    contentOf: ({ slots }, hole) => slots[hole] as DomContent,
    read(content) {
      if (content instanceof Text) return { text: content.data };
      if (content instanceof DomList) return { rows: [...content] };
      return content && 'template' in content ? { inner: content } : {};
    },
    keyOf: ({ key }) => key,
    find({ nodes }, pattern, hole, next) {
      let node = hole === undefined ? next : (nodes[hole] as Node);
      if (hole === undefined) while (node && (!isNamed(node, pattern) || isTheirs(node))) node = nextOf(node);
      if (!node || taken.has(node)) return undefined;
      taken.add(node);
      return node as Element;
    },
    firstIn: ({ first }, element) => (element ? firstOf(element) : first),
    behind: ({ nodes }, hole) => (nodes[hole] ? nextOf(nodes[hole]) : null),
    saidAt({ template }, hole, element) {
      const { kind, name } = template.holes[hole] as BrowserHole;
      if (kind === HoleKind.spread) return special.part?.spreadOf(element);
      return kind === HoleKind.attribute || kind === HoleKind.boolean ? getAttribute.call(element, name) : undefined;
    },
  });
}

export function renderedAs(content: WireContent, templates: readonly DomTemplate[]): Rendering {
  const template = (wire: WireInstance): DomTemplate => templates[templateOf(wire)] as DomTemplate;
  return collect<WireInstance, WireContent>(content, {
    templateOf: template,
    contentOf: (wire, hole) => wire[hole + 1] as WireContent,
    read(content) {
      if (typeof content !== 'object') return { text: content };
      if (!content || isRaw(content)) return {};
      return isInstance(content) ? { inner: content } : { rows: content };
    },
    keyOf: (wire) => slotsOf(wire)[template(wire).holes.length],
    find: (_, pattern) => pattern,
    firstIn: () => null,
    behind: () => null,
    saidAt(wire, hole) {
      const { kind } = template(wire).holes[hole] as BrowserHole;
      const value = wire[hole + 1];
      if (kind === HoleKind.boolean) return value ? '' : null;
      return kind === HoleKind.attribute || kind === HoleKind.spread ? (value as string | null) : undefined;
    },
  });
}

function collect<Instance extends object, Content>(content: Content, side: Side<Instance, Content>): Rendering {
  const itemsOf = new Map<object, Item[]>();

  const addContent = (content: Content, scope: Scope & Partial<Row>, items: Item[], parent: Item | undefined): void => {
    const { inner, rows, text } = side.read(content);
    if (text !== undefined && scope.texts !== undefined) scope.texts += `${text} `;
    if (inner) addInstance(inner, scope, items, parent);
    const list = (scope.rows.at(-1)?.list ?? 0) + 1;
    for (const each of rows ?? []) {
      const row: Row = { list, all: [], items: [], rows: [], key: side.keyOf(each), texts: '', values: '', parent };
      scope.rows.push(row);
      addInstance(each, row, row.items, undefined);
    }
  };

  const addInstance = (
    instance: Instance,
    scope: Scope & Partial<Row>,
    items: Item[],
    parent: Item | undefined,
  ): void => {
    const template = side.templateOf(instance);
    template.plan ??= planOf(template);
    const { plan, holes } = template;
    const own: Item[] = [];
    itemsOf.set(instance, own);

    const say = (element: Element, pattern: Element, at: readonly number[]): Pick<Item, 'said' | 'holes'> => {
      const said = new Map(Array.from(pattern.attributes, ({ name, value }) => [name, value]));
      const byHoles = new Set<string>();
      for (const hole of at) {
        const found = side.saidAt(instance, hole, element);
        if (found === undefined) continue;
        const all =
          found !== null && typeof found === 'object' ? found : { [(holes[hole] as BrowserHole).name]: found };
        for (const [name, text] of Object.entries(all)) {
          byHoles.add(name);
          if (text === null) said.delete(name);
          else said.set(name, `${text}`);
        }
        if (scope.values !== undefined) scope.values += `${Object.values(all)} `;
      }
      return { said, holes: byHoles };
    };

    const addIn = (parentPattern: Node, first: Node | null, items: Item[], parent: Item | undefined): void => {
      let next = first;
      for (let pattern = firstOf(parentPattern); pattern; pattern = nextOf(pattern)) {
        const at = plan.get(pattern) ?? [];
        if (pattern instanceof Element) {
          const node = side.find(instance, pattern, at[0], next);
          if (!node) continue;
          next = nextOf(node);
          const item: Item = {
            tag: pattern.localName,
            node,
            pattern,
            ...say(node, pattern, at),
            of: instance,
            at: own.length,
            items: [],
          };
          own.push(item);
          scope.all.push(item);
          items.push(item);
          const whole = at.find((hole) => holes[hole]?.kind === HoleKind.only);
          if (whole !== undefined) addContent(side.contentOf(instance, whole), scope, item.items, item);
          else if (!isTheirs(pattern) && (isHeld(pattern, template) || !hasAttribute.call(pattern, 'contenteditable')))
            addIn(pattern, side.firstIn(instance, node), item.items, item);
        } else {
          for (const hole of at) {
            addContent(side.contentOf(instance, hole), scope, items, parent);
            next = side.behind(instance, hole);
          }
        }
      }
    };

    addIn(template.content, side.firstIn(instance), items, parent);
  };

  const scope: Scope = { all: [], items: [], rows: [] };
  addContent(content, scope, scope.items, undefined);
  return { ...scope, itemsOf };
}

/** Whether other code draws what stands in an element. */
function isTheirs(pattern: Element): boolean {
  return hasAttribute.call(pattern, 'data-islet-own');
}

/** Whether what stands in an element has holes, or is what a hole holds. */
function isHeld(pattern: Node, { plan, holes }: DomTemplate): boolean {
  for (let child = firstOf(pattern); child; child = nextOf(child)) if (plan?.has(child)) return true;
  return plan?.get(pattern)?.some((hole) => holes[hole]?.kind === HoleKind.only) ?? false;
}

/** Whether what stands in an element of two renderings is the same, without a look at it. */
export function isSameInside(next: Item, template: DomTemplate): boolean {
  const old = next.same as Item;
  if (isTheirs(next.pattern)) return true;
  if (isHeld(next.pattern, template) || isHeld(old.pattern, (old.of as DomInstance).template)) return false;
  const isSame = (inside: Item): boolean =>
    inside.same?.of === old.of && inside.same.at - old.at === inside.at - next.at && inside.items.every(isSame);
  return next.pattern.innerHTML === old.pattern.innerHTML && next.items.every(isSame);
}

/** Whether its person edits what a hole holds. */
export function isEdited({ pattern }: Item, template: DomTemplate): boolean {
  return hasAttribute.call(pattern, 'contenteditable') && isHeld(pattern, template);
}
