/*
 * An island's DOM: makes instances of templates, and applies patches. Input: operations (`shared/wire/patch.ts`).
 * Output: changed DOM, the fewest nodes touched. The same code serves both places; `adopt.ts` builds the same
 * structures over server-rendered DOM.
 */

import { isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { isShared } from '../../shared/wire/adoption.ts';
import {
  decodeIdsReversed,
  type IdRuns,
  isInstance,
  isRaw,
  markupOf,
  slotsOf,
  templateOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import type { BrowserHole, WireDefinition } from '../../shared/wire/definition.ts';
import { decodeListener, type Listener, type WireListener } from '../../shared/wire/listener.ts';
import {
  type AttributeChanges,
  carryOut,
  instanceOf,
  type Operation,
  type OperationHandler,
  type Run,
  readRun,
} from '../../shared/wire/patch.ts';
import { writeAttribute } from './attributes.ts';
import { isBound, noteListener } from './controls.ts';
import { type Foreign, watchForeign } from './foreign.ts';
import { hear, type Toggle } from './hear.ts';
import { read, remove, toggleAttribute, write } from './native.ts';
import { prepareParts, repair as repairScript, special } from './parts.ts';
import {
  DomList,
  instancesIn,
  type Link,
  link,
  nodeAt,
  nodesOf,
  type Part,
  partsOf,
  place,
  placeOf,
  unlink,
} from './places.ts';
import type { Repair } from './repair.ts';
import { type DomTemplate, parse, templateFrom } from './templates.ts';

/** What a child hole holds in the DOM. */
export type DomContent = Text | DomInstance | DomList | ChildNode[] | null;

export interface DomInstance extends Link {
  id: number;
  readonly template: DomTemplate;
  /** Per hole: the element it belongs to, or the comment that ends its content. */
  nodes: Node[];
  /** Per hole: content, how its event is heard, or what was said of an attribute that others have a part in. */
  slots: (DomContent | Toggle | string | undefined)[];
  /** Elements or comments: what others do to texts leaves an instance's ends alone. */
  first: ChildNode;
  last: ChildNode;
  /** Not all of it was there when it was adopted. */
  isBroken?: boolean;
  /** That of a row, if the server has told it. */
  key?: unknown;
  /** Where it stands: in this hole of that instance. */
  holder: DomInstance;
  hole: number;
}

/** What the tree tells the element (or app) that it belongs to. */
export interface DomOwner {
  /** An event happened at a hole that has a handler, and the listener's conditions hold. */
  onEvent(instance: number, hole: number, event: Event, listener: Listener): void;
  /** A property is to be set; returns false where somebody else sees to it: it is state of a control (`fields.ts`). */
  onProperty(node: Node, name: string, value: unknown): boolean;
  /** Others have taken something away. */
  onTaken(): void;
  /** What others have torn apart is taken out now. */
  onTorn(): void;
  /** Others have changed what cannot be put right here: this instance is not what it should be; 0: perhaps none is. */
  onMisfit(instance: number, error: unknown): void;
}

/** An island's DOM. It carries out operations, and knows their instances. */
export interface DomTree extends OperationHandler<void> {
  templates: DomTemplate[];
  instances: Map<number, DomInstance>;
  nextId: number;
  readonly foreign: Foreign;
  /** What puts it right, once that has been loaded. */
  readonly repair: Repair | undefined;
  /**
   * Shows something else: all that stands in the root is made anew.
   *
   * @param ids Those of all instances, in document order.
   */
  mount(content: WireContent, ids: IdRuns, nextId: number): void;
  /** Gives the next instances these ids, in document order, and those after them the ids from `nextId` on. */
  expectIds(ids: IdRuns, nextId: number): void;
  /** Carries out what changes the DOM; other operations do not. */
  apply(operations: readonly Operation[]): void;
  /** Puts back what others have moved or taken out since. */
  mend(): void;
  /** The instance that holds another one; 0: the root of all. */
  holderOf(id: number): number;
  define(first: number, ...definitions: WireDefinition[]): void;
  /** Gives an instance its id and place in the index. @param instance One that is kept; else it is new or adopted. */
  enter(template: DomTemplate, holder: DomInstance, hole: number, instance?: DomInstance): DomInstance;
  /** Starts (or changes, or with null stops) to hear a hole's event. */
  listen(instance: DomInstance, hole: number, wire: WireListener | null): void;
  /** Starts or stops to hear what happens at the window and the document, which outlive the island. */
  hear(isOn: boolean): void;
  setProperty(node: Node, name: string, value: unknown): void;
  /** An attribute is said that may be state of a control, or bound that state. */
  say(element: Element, name: string, text: string | null): void;
  /** @param old What we said before; undefined or null: nothing. */
  writeAttribute(element: Element, name: string, text: string | null, old?: string | null): void;
}

/** What the parts that are loaded later need of a tree besides. */
export interface TreeInside {
  readonly tree: DomTree;
  readonly root: ParentNode & Node;
  readonly owner: DomOwner;
  /** The id of the instance that is made next, if that is known. */
  peekId(): number | undefined;
  newList(): DomList;
  build(wire: WireContent, instance: DomInstance, hole: number, parent: Node): DomContent;
  create(wire: WireInstance, holder: DomInstance, hole: number, instance?: DomInstance): DomInstance;
  fill(instance: DomInstance, wire: WireInstance): void;
  removePart(part: Part): void;
  forget(instance: DomInstance): void;
}

/** @param end The node in `root` before which the content ends; null: it fills `root`. */
export function createDomTree(root: ParentNode & Node, end: Node | null, owner: DomOwner): DomTree {
  prepareParts();
  const foreign = watchForeign(root, () => repairScript.use(() => tree.repair?.look()));
  /** Ids for the next new instances, last first, where they do not just count on. */
  let nextIds: number[] = [];
  /** How many instances are being made: after a failure of that nobody knows which ids the next ones have. */
  let making = 0;
  let repair: Repair | undefined;

  /** Makes the instance that the root of the content stands in. */
  const createHost = (end: Node | null): DomInstance => {
    const hole: BrowserHole = { kind: end ? HoleKind.child : HoleKind.only, name: '', path: [] };
    return {
      id: 0,
      template: { content: root, holes: [hole] },
      nodes: [end ?? root],
      slots: [null],
    } as unknown as DomInstance;
  };

  /** Where a patch does not fit there is no such instance, and whatever is done to it throws. */
  const find = (id: number): DomInstance => tree.instances.get(id) as DomInstance;

  const setHole = (instance: DomInstance, hole: number, value: unknown): void => {
    const { kind, name } = instance.template.holes[hole] as BrowserHole;
    const element = instance.nodes[hole] as Element;
    if (isContent(kind)) setContent(instance, hole, value as WireContent);
    else if (kind === HoleKind.attribute) {
      if (isBound(name)) tree.say(element, name, value as string | null);
      writeAttribute(element, name, value as string | null, instance.slots[hole] as string | undefined);
      if (isShared(name)) instance.slots[hole] = value as string;
    } else if (kind === HoleKind.spread) special.part?.spread(element, value as AttributeChanges, tree);
    else if (kind === HoleKind.boolean) {
      // what a person opened is theirs
      if (name !== 'open' || owner.onProperty(element, name, value))
        toggleAttribute.call(element, name, value as boolean);
    } else if (kind === HoleKind.property) tree.setProperty(element, name, value);
    else if (kind === HoleKind.event) tree.listen(instance, hole, value as WireListener | null);
    else {
      if (element instanceof HTMLTextAreaElement) owner.onProperty(element, 'value', value);
      // no `textContent`, which a script's policy would ask for more than data
      if (element.textContent !== value) element.replaceChildren(...(value ? [value as string] : []));
    }
  };

  const setContent = (instance: DomInstance, hole: number, wire: WireContent): void => {
    const old = instance.slots[hole];
    if (special.part?.isEditedAt(instance, hole) && special.part.setEdited(inside, instance, hole, wire)) return;
    if (repair?.isWanted) repair.setContent(instance, hole, wire);
    else if (old instanceof Text && typeof wire !== 'object') old.data = wire as string;
    else {
      foreign.pause();
      const [parent, end] = placeOf(instance, hole);
      // first what is new: its ids are counted, whatever becomes of it
      const content = build(wire, instance, hole, parent);
      instance.slots[hole] = content;
      for (const part of partsOf(old)) removePart(part);
      for (const part of partsOf(content)) place(part, parent, end);
    }
  };

  const build = (wire: WireContent, instance: DomInstance, hole: number, parent: Node): DomContent => {
    if (wire === null) return null;
    if (typeof wire !== 'object') return new Text(wire as string);
    if (isRaw(wire)) return [...parse(markupOf(wire), parent).childNodes];
    if (isInstance(wire)) return create(wire, instance, hole);
    const list = new DomList();
    for (const item of wire) link(create(item, instance, hole), list);
    return list;
  };

  /**
   * Makes an instance, which has yet to be placed.
   *
   * @param instance One that is made anew, and whose place and id are kept.
   */
  const create = (wire: WireInstance, holder: DomInstance, hole: number, instance?: DomInstance): DomInstance => {
    making++;
    const template = tree.templates[templateOf(wire)] as DomTemplate;
    const made = tree.enter(template, holder, hole, instance && Object.assign(instance, blank(template)));
    const content = document.importNode(template.content, true);
    const { holes } = template;
    // all places first: filling one hole shifts what stands behind it
    for (let index = 0; index < holes.length; index++) {
      made.nodes.push(nodeAt(content, (holes[index] as BrowserHole).path));
    }
    fill(made, wire);
    special.part?.autofocusIn(content);
    made.first = content.firstChild as ChildNode;
    made.last = content.lastChild as ChildNode;
    making--;
    return made;
  };

  const fill = (instance: DomInstance, wire: WireInstance): void => {
    const slots = slotsOf(wire);
    const { length } = instance.template.holes;
    instance.key = slots[length];
    for (let hole = 0; hole < length; hole++) {
      // what is new has nothing yet
      if (slots[hole] !== null || instance.first || special.part?.isEditedAt(instance, hole))
        setHole(instance, hole, slots[hole]);
    }
  };

  const removePart = (part: Part): void => {
    foreign.pause();
    const nodes = repair?.isWanted ? repair.nodesOf(part) : (nodesOf(part) as Node[]);
    if (!(part instanceof Node)) {
      forget(part);
      unlink(part);
    }
    for (const node of nodes) remove(node);
  };

  const forget = (instance: DomInstance): void => {
    // while nodes are kept another may have the id already
    if (find(instance.id) === instance) tree.instances.delete(instance.id);
    for (const slot of instance.slots) {
      if (typeof slot === 'function') slot(false);
      else if (slot && typeof slot === 'object') instancesIn(slot).forEach(forget);
    }
  };

  const tree: DomTree = {
    templates: [],
    instances: new Map([[0, createHost(end)]]),
    nextId: 1,
    foreign,

    get repair() {
      repair ??= repairScript.part?.createRepair(inside);
      return repair;
    },

    mount(content, ids, nextId) {
      foreign.pause();
      // something else may stand there
      tree.hear(false);
      write(root, 'textContent', '');
      foreign.forget();
      repair = undefined;
      const host = createHost(null);
      tree.instances = new Map([[0, host]]);
      tree.expectIds(ids, nextId);
      try {
        setContent(host, 0, content);
      } finally {
        foreign.resume();
      }
    },

    expectIds(ids, nextId) {
      tree.nextId = nextId;
      nextIds = decodeIdsReversed(ids);
      making = 0;
    },

    apply(operations: readonly Operation[]): void {
      tree.mend();
      for (const operation of operations) {
        try {
          carryOut(operation, tree);
        } catch (error) {
          const id = instanceOf(operation);
          owner.onMisfit(!making && tree.instances.has(id) ? id : 0, error);
        }
      }
      foreign.resume();
    },

    mend(): void {
      if (foreign.look()) tree.repair?.mend();
    },

    holderOf: (id) => find(id)?.holder.id ?? 0,

    set(id: number, hole: number, value: unknown): void {
      const instance = find(id);
      const old = instance.slots[hole];
      // most changes are of a text, and nearly always nobody else has touched it
      if (old instanceof Text && typeof value !== 'object' && !foreign.isSeen) old.data = value as string;
      else setHole(instance, hole, value);
    },

    define(first: number, ...definitions: WireDefinition[]): void {
      definitions.forEach((definition, index) => {
        tree.templates[first + index] = templateFrom(definition, tree.templates[first + index]);
      });
      // those of a mount are all there are
      tree.templates.length = first + definitions.length;
    },

    enter(template, holder, hole, instance = blank(template)) {
      instance.id = nextIds.pop() ?? tree.nextId++;
      instance.holder = holder;
      instance.hole = hole;
      tree.instances.set(instance.id, instance);
      return instance;
    },

    listen(instance: DomInstance, hole: number, wire: WireListener | null): void {
      const { name } = instance.template.holes[hole] as BrowserHole;
      const old = instance.slots[hole];
      if (typeof old === 'function') old(false);
      const node = instance.nodes[hole] as Node;
      const listener = wire === null ? null : decodeListener(wire);
      instance.slots[hole] =
        listener && hear(node, name, listener, (event) => owner.onEvent(instance.id, hole, event, listener));
      noteListener(node, name, listener && listener.data === 1);
    },

    hear(isOn: boolean): void {
      for (const { slots } of tree.instances.values()) {
        for (const slot of slots) if (typeof slot === 'function') slot(isOn, true);
      }
    },

    setProperty(node: Node, name: string, value: unknown): void {
      const target = node as Node & Record<string, unknown>;
      const next = value ?? (typeof target[name] === 'string' ? '' : value);
      // an equal value set again would move the caret
      if (!owner.onProperty(node, name, next) || (target[name] ?? null) === next) return;
      try {
        target[name] = next;
      } catch (error) {
        reportError(error); // it is that element's own
      }
    },

    say(element, name, text) {
      // the attributes of custom elements are no properties
      if (/^(input|select|textarea|option)$/.test(read(element, 'localName')))
        owner.onProperty(element, name, name === 'value' ? (text ?? '') : text !== null);
    },

    writeAttribute,

    list(id: number, hole: number, removed: readonly number[], ...runs: Run[]): void {
      const instance = find(id);
      // first what is new: its ids are counted, whatever becomes of it
      const parts = runs.map(readRun).map(({ before, entries }) => ({
        before,
        entries: entries.map((entry) => (typeof entry === 'number' ? find(entry) : create(entry, instance, hole))),
      }));
      const list = instance.slots[hole] as DomList;
      for (const gone of removed) removePart(find(gone));
      const [parent, end] = placeOf(instance, hole);
      foreign.pause();
      for (const { before, entries } of parts) {
        const next = before ? find(before) : undefined;
        for (const item of entries) {
          link(item, next ?? list);
          place(item, parent, next ? next.first : end);
        }
      }
    },
  };
  const inside: TreeInside = {
    tree,
    root,
    owner,
    peekId: () => nextIds.at(-1),
    newList: () => new DomList(),
    build,
    create,
    fill,
    removePart,
    forget,
  };
  return tree;
}

/** An instance that has nothing yet. */
function blank(template: DomTemplate): DomInstance {
  const empty: Partial<DomInstance> = {
    template,
    nodes: [],
    slots: [],
    first: undefined,
    last: undefined,
    isBroken: false,
  } as object;
  return empty as DomInstance;
}
