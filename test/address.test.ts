// Addresses: what one tree names by where its view puts it, another tree of the same view finds, and nothing else.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { html, keyed, mapMessages, memo, type Template } from '../shared/index.ts';
import { addressOf, checkAddresses, findListenerAt } from '../shared/tree/address.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { type FoundListener, Rendering } from '../shared/tree/rendering.ts';
import { forEachInstance } from '../shared/tree/tree.ts';
import type { Address } from '../shared/wire/frames.ts';
import { histories, part, views } from './support/arbitrary-views.ts';

const throughText = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** What an instance holds, without what it stands in, and without what is noted of its rows. */
const slotsOf = (instance: unknown): string | undefined =>
  JSON.stringify(instance, (name, value) => (/^(parent|keys|lastKeys)$/.test(name) ? undefined : value));

function listenersOf(...renderings: readonly unknown[]): FoundListener[] {
  const rendering = new Rendering(compile, new TemplateTable());
  for (const view of renderings) rendering.render(view);
  const found: FoundListener[] = [];
  forEachInstance(rendering.content, ({ id, definition }) => {
    for (const hole of definition.holes.keys()) found.push(...[rendering.findListener(id, hole) ?? []].flat());
  });
  return found;
}

const find = (view: unknown, address: Address, hole: number) =>
  findListenerAt(view as Template, throughText(address), hole, compile);

test('every listener of a tree that came about in any way is found in the view of now, unless its list has no keys', () => {
  let named = 0;
  fc.assert(
    fc.property(histories, (parts) => {
      const view = views();
      const [last] = parts.slice(-1);
      for (const found of listenersOf(...parts.map((each) => view(each)))) {
        const address = addressOf(found);
        if (!address) continue;
        named++;
        const again = find(view(last as never), address, found.hole);
        expect(again?.listener).toEqual(found.listener);
        expect(again?.maps).toEqual(found.maps);
        expect(again?.outer.map(({ hole }) => hole)).toEqual(found.outer.map(({ hole }) => hole));
        // what is asked of the element around it, is answered as in a tree
        expect(slotsOf(again?.instance)).toBe(slotsOf(found.instance));
      }
    }),
    { numRuns: 400 },
  );
  expect(named).toBeGreaterThan(200);
});

test('an address that somebody made up finds a listener of the view or nothing, and never throws', () => {
  const step = fc.oneof(
    fc.integer({ min: -2, max: 20 }),
    fc.constantFrom('__proto__', 'length', 'constructor', '0', 0.5),
  );
  fc.assert(
    fc.property(
      part,
      fc.nat(),
      fc.array(step, { maxLength: 6 }),
      fc.integer({ min: -2, max: 9 }),
      (each, signature, steps, hole) => {
        const view = views();
        const found = find(view(each), [signature, ...steps], hole);
        if (found)
          expect(listenersOf(view(each)).some(({ listener }) => Object.is(listener, found.listener))).toBe(true);
      },
    ),
  );
});

const press = (id: number) => ({ type: 'UserPressed', id });
const row = (id: number) => html`<li><button @click=${press(id)}>${id}</button></li>`;
const list = (ids: readonly number[]) => html`<ul>${keyed(ids, (id) => id, row)}</ul>`;

test('an item is found by its key, wherever it stands now, and not once it is gone', () => {
  const [, second] = listenersOf(list([1, 2, 3]));
  const address = addressOf(second as FoundListener) as Address;
  expect(find(list([3, 2]), address, 0)?.listener).toEqual(press(2));
  expect(find(list([3, 1]), address, 0)).toBeUndefined();
});

test('what another literal shows in the same place, or on the way there, is not found', () => {
  const shown = (isOpen: boolean) =>
    html`<div>${isOpen ? html`<button @click=${press(1)}>close</button>` : html`<button @click=${press(2)}>open</button>`}</div>`;
  const [open] = listenersOf(shown(false));
  expect(find(shown(true), addressOf(open as FoundListener) as Address, 0)).toBeUndefined();
  const around = (isOpen: boolean) => html`${isOpen ? html`<a>${row(1)}</a>` : html`<b>${row(1)}</b>`}`;
  const [inner] = listenersOf(around(false));
  expect(find(around(true), addressOf(inner as FoundListener) as Address, 0)).toBeUndefined();
  expect(find(around(false), addressOf(inner as FoundListener) as Address, 0)?.listener).toEqual(press(1));
});

test('messages go through the maps on the way, from the innermost to the outermost', () => {
  const view = mapMessages(
    html`<div>${mapMessages(row(1), (message) => ({ type: 'Inner', message }))}</div>`,
    (message) => ({
      type: 'Outer',
      message,
    }),
  );
  const [found] = listenersOf(view);
  const again = find(view, addressOf(found as FoundListener) as Address, 0);
  const message = again?.maps.reduce<unknown>((inner, map) => map(inner as never), press(1));
  expect(message).toEqual({ type: 'Outer', message: { type: 'Inner', message: press(1) } });
});

test('of a view only what lies on the way is evaluated', () => {
  const evaluated: unknown[] = [];
  const noted = (id: number) => {
    evaluated.push(id);
    return row(id);
  };
  const view = () =>
    html`${memo({ n: 1 }, () => noted(0))}<div>${keyed([1, 2, 3], (id) => id, noted)}</div><button @click=${press(9)}></button>`;
  const found = listenersOf(view());
  const addressOfListener = (message: unknown): readonly [Address, number] => {
    const listener = found.find((each) => JSON.stringify(each.listener) === JSON.stringify(message)) as FoundListener;
    return [addressOf(listener) as Address, listener.hole];
  };
  evaluated.length = 0;
  expect(find(view(), ...addressOfListener(press(2)))?.listener).toEqual(press(2));
  expect(evaluated).toEqual([2]);
  evaluated.length = 0;
  expect(find(view(), ...addressOfListener(press(9)))?.listener).toEqual(press(9));
  expect(evaluated).toEqual([]);
});

test('a listener in a list without keys has no address, and development says where', () => {
  const view = html`<ul>${[1, 2].map(row)}</ul>`;
  expect(listenersOf(view).map(addressOf)).toEqual([undefined, undefined]);
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view);
  expect(() => checkAddresses(rendering.content)).toThrow(
    'a list with listeners needs keys where its route is predicted',
  );
  rendering.render(html`<ul>${[1, 2].map((each) => html`<li>${each}</li>`)}</ul><div>${list([1])}</div>`);
  expect(() => checkAddresses(rendering.content)).not.toThrow();
});
