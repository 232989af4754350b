// The laws that need a DOM, over random views: adopting server-rendered HTML gives what mounting gives, and patches
// keep both what a fresh mount of the next view is.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adopt } from '../../client-runtime/dom/adopt.ts';
import { createDomTree, type DomOwner, type DomTree } from '../../client-runtime/dom/dom-tree.ts';
import { compile } from '../../client-runtime/dom/html-parser.ts';
import '../../client-runtime/dom/load-parts.ts';
import { repair, special } from '../../client-runtime/dom/parts.ts';
import { type Definition, type Hole, isContent } from '../../shared/template/definition.ts';
import { encodeShape, TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import {
  decodeIdsReversed,
  IdRunsWriter,
  isInstance,
  isRaw,
  slotsOf,
  templateOf,
  type WireInstance,
} from '../../shared/wire/content.ts';
import { histories, lists, type Part, views } from '../support/arbitrary-views.ts';
import { timesOf } from './times.ts';

await repair.load();
await special.load();

/** Instances that could not be changed. */
const misfits: number[] = [];

const owner: DomOwner = {
  onEvent: () => undefined,
  onProperty: () => true,
  onTaken: () => undefined,
  onTorn: () => undefined,
  onMisfit: (instance) => misfits.push(instance),
};

interface Shown {
  readonly root: HTMLElement;
  readonly tree: DomTree;
}

function emptyTree(rendering: Rendering): Shown {
  const root = document.createElement('div');
  const tree = createDomTree(root, null, owner);
  const define = rendering.define(0);
  if (define) tree.apply([define]);
  return { root, tree };
}

function mounted(rendering: Rendering): Shown {
  const shown = emptyTree(rendering);
  shown.tree.mount(rendering.toMount(), rendering.toIds(), rendering.nextId);
  return shown;
}

function adopted(rendering: Rendering): Shown {
  const shown = emptyTree(rendering);
  // as in a page, and not as in the <template> that instances are made from
  shown.root.innerHTML = renderContent(rendering.content);
  adopt(shown.tree, {
    shape: encodeShape(rendering.content, rendering.table),
    ids: rendering.toIds(),
    nextId: rendering.nextId,
  });
  return shown;
}

/** Nodes as data. HTML says some properties as attributes, which a mount sets as properties alone. */
function describe(node: Node): unknown {
  if (node instanceof Text) return node.data;
  if (node instanceof Comment) return [node.data];
  const element = node as Element;
  const attributes = [...element.attributes]
    .filter(({ name }) => element.localName !== 'input' || name !== 'value')
    .map(({ name, value }) => `${name}=${value}`);
  return [element.localName, element.namespaceURI, attributes.sort(), ...Array.from(element.childNodes, describe)];
}

/** Which instances there are, and where they start and end. */
function instancesOf({ root, tree }: Shown): unknown {
  const nodes = [...descendants(root)];
  const places = [...tree.instances]
    .filter(([id]) => id > 0)
    .map(([id, { first, last }]) => [id, nodes.indexOf(first), nodes.indexOf(last)]);
  return places.sort(([left], [right]) => Number(left) - Number(right));
}

function* descendants(node: Node): Generator<Node> {
  for (const child of node.childNodes) {
    yield child;
    yield* descendants(child);
  }
}

function check(history: readonly Part[]): void {
  const view = views();
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view(history[0] ?? null));
  const both = [adopted(rendering), mounted(rendering)];
  const compareAll = (): void => {
    const fresh = mounted(rendering);
    for (const shown of both) {
      expect(describe(shown.root)).toEqual(describe(fresh.root));
      expect(instancesOf(shown)).toEqual(instancesOf(fresh));
    }
  };
  compareAll();
  for (const part of history.slice(1)) {
    const patch = JSON.parse(JSON.stringify(rendering.render(view(part))));
    for (const { tree } of both) tree.apply(patch);
    compareAll();
    expect(misfits).toEqual([]);
  }
}

test('adopted and mounted DOM are the same, and stay so through every patch', () => {
  fc.assert(fc.property(histories, check), { numRuns: timesOf(150) });
});

test('so they do when lists change', () => {
  fc.assert(fc.property(lists, check), { numRuns: timesOf(150) });
});

/** Another server's actor shows the next view: each is mounted over what the one before has left, and patched once. */
function checkMounts(history: readonly Part[]): void {
  const shown = mounted(renderingOf(history[0] ?? null));
  history.forEach((part, index) => {
    const rendering = renderingOf(part);
    const definitions = rendering.table.encode();
    shown.tree.templates.length = definitions.length;
    shown.tree.define(0, ...definitions);
    shown.tree.repair?.mount(rendering.toMount(), rendering.toIds(), rendering.nextId, 'looks');
    const compare = (): void => {
      const fresh = mounted(rendering);
      expect(describe(shown.root)).toEqual(describe(fresh.root));
      expect(instancesOf(shown)).toEqual(instancesOf(fresh));
    };
    compare();
    shown.tree.apply(rendering.render(views()(history[index + 1] ?? 'the end')));
    compare();
  });
}

function renderingOf(part: Part, view = views()): Rendering {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view(part));
  return rendering;
}

test('a mount over anything that was shown gives what a mount into nothing gives', () => {
  fc.assert(fc.property(histories, checkMounts), { numRuns: timesOf(150) });
  fc.assert(fc.property(lists, checkMounts), { numRuns: timesOf(150) });
});

/** An instance as a server would send it that was asked for it. */
interface Found {
  readonly id: number;
  readonly content: WireInstance;
  readonly ids: readonly number[];
}

/** All instances of a rendering. */
function partsOf(rendering: Rendering): Found[] {
  const ids = decodeIdsReversed(rendering.toIds());
  const found: Found[] = [];
  const visit = (content: unknown): number[] => {
    if (!Array.isArray(content) || isRaw(content)) return [];
    if (!isInstance(content)) return content.flatMap(visit);
    const id = ids.pop() as number;
    const { holes } = rendering.table.definitions[templateOf(content)] as Definition;
    const inside = slotsOf(content)
      .slice(0, holes.length)
      .flatMap((slot, hole) => (isContent((holes[hole] as Hole).kind) ? visit(slot) : []));
    const writer = new IdRunsWriter();
    for (const each of [id, ...inside]) writer.add(each);
    found.push({ id, content, ids: writer.runs });
    return [id, ...inside];
  };
  visit(rendering.toMount());
  return found;
}

test('an instance that is made anew in its place is what a mount gives, and patches go on from there', () => {
  const check = (history: readonly Part[], places: readonly number[]): void => {
    const view = views();
    const rendering = renderingOf(history[0] ?? null, view);
    const shown = mounted(rendering);
    history.forEach((part, index) => {
      shown.tree.apply(JSON.parse(JSON.stringify(rendering.render(view(part)))));
      const parts = partsOf(rendering);
      const { id, content, ids } = parts[(places[index] ?? 0) % parts.length] as Found;
      shown.tree.repair?.replace(id, content, ids, rendering.nextId);
      const fresh = mounted(rendering);
      expect(describe(shown.root)).toEqual(describe(fresh.root));
      expect(instancesOf(shown)).toEqual(instancesOf(fresh));
    });
  };
  const places = fc.array(fc.nat(), { minLength: 8 });
  fc.assert(fc.property(histories, places, check), { numRuns: timesOf(80) });
  fc.assert(fc.property(lists, places, check), { numRuns: timesOf(80) });
});

test('whatever somebody has taken out of the page, ids are counted as the server counts them', () => {
  const check = (history: readonly Part[], places: readonly number[]): void => {
    const view = views();
    const rendering = renderingOf(history[0] ?? null, view);
    const shown = mounted(rendering);
    history.slice(1).forEach((part, index) => {
      const nodes = [...descendants(shown.root)] as ChildNode[];
      if (nodes.length > 0) nodes[(places[index] ?? 0) % nodes.length]?.remove();
      misfits.length = 0;
      shown.tree.apply(JSON.parse(JSON.stringify(rendering.render(view(part)))));
      expect(shown.tree.nextId).toBe(rendering.nextId);
      expect(misfits).not.toContain(0);
    });
    shown.tree.mount(rendering.toMount(), rendering.toIds(), rendering.nextId);
    const fresh = mounted(rendering);
    expect(describe(shown.root)).toEqual(describe(fresh.root));
    expect(instancesOf(shown)).toEqual(instancesOf(fresh));
    misfits.length = 0;
  };
  const places = fc.array(fc.nat(), { minLength: 8 });
  fc.assert(fc.property(histories, places, check), { numRuns: timesOf(80) });
  fc.assert(fc.property(lists, places, check), { numRuns: timesOf(80) });
});
