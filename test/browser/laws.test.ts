// The laws that need a DOM, over random views: adopting server-rendered HTML gives what mounting gives, and patches
// keep both what a fresh mount of the next view is.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adopt } from '../../client-runtime/dom/adopt.ts';
import { type DomOwner, DomTree } from '../../client-runtime/dom/dom-tree.ts';
import { compile } from '../../client-runtime/dom/html-parser.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { histories, lists, type Part, views } from '../support/arbitrary-views.ts';

const owner: DomOwner = { onEvent: () => undefined, onProperty: () => true, onMisfit: () => undefined };

interface Shown {
  readonly root: HTMLElement;
  readonly tree: DomTree;
}

function emptyTree(rendering: Rendering): Shown {
  const root = document.createElement('div');
  const tree = new DomTree(root, null, owner);
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
  adopt(shown.tree, { shape: rendering.toShape(), ids: rendering.toIds(), nextId: rendering.nextId });
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
  }
}

test('adopted and mounted DOM are the same, and stay so through every patch', () => {
  fc.assert(fc.property(histories, check), { numRuns: 400 });
});

test('so they do when lists change', () => {
  fc.assert(fc.property(lists, check), { numRuns: 400 });
});

/** Another server's actor shows the next view: each is mounted over what the one before has left, and patched once. */
function checkMounts(history: readonly Part[]): void {
  const shown = mounted(renderingOf(history[0] ?? null));
  history.forEach((part, index) => {
    const rendering = renderingOf(part);
    const definitions = rendering.table.encode();
    shown.tree.templates.length = definitions.length;
    shown.tree.define(0, ...definitions);
    shown.tree.mount(rendering.toMount(), rendering.toIds(), rendering.nextId, true);
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

function renderingOf(part: Part): Rendering {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(views()(part));
  return rendering;
}

test('a mount over anything that was shown gives what a mount into nothing gives', () => {
  fc.assert(fc.property(histories, checkMounts), { numRuns: 400 });
  fc.assert(fc.property(lists, checkMounts), { numRuns: 400 });
});
