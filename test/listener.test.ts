// Options of listeners: what makes no sense is said at once, and what is said arrives in the browser, in few bytes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventHandler, html, type OnOptions, on } from '../shared/index.ts';
import { encodeListener as encodeSlot } from '../shared/tree/encode.ts';
import { decodeListener, type WireListener } from '../shared/wire/listener.ts';
import * as Option from '../shared/wire/listener-option.ts';

const handler: EventHandler<{ type: 'UserDid' }> = () => ({ type: 'UserDid' });

describe('on() says what is wrong with', () => {
  test.each<[object, RegExp]>([
    [{ debounce: 5 }, /there is no option 'debounce'/],
    [{ debounceMs: -1 }, /debounceMs must be a number of milliseconds, 0 or more; got -1/],
    [{ throttleMs: '5' }, /throttleMs must be a number of milliseconds, 0 or more; got "5"/],
    [{ debounceMs: 5, throttleMs: 5 }, /debounceMs and throttleMs exclude each other/],
    [{ key: '' }, /key must be a key or a list of keys/],
    [{ key: [] }, /key must be/],
    [{ key: 'ctrl+s' }, /key must be .*'Ctrl\+Alt\+s'.*got "ctrl\+s"/],
    [{ key: 'Control+s' }, /key must be/],
    [{ key: 'Ctrl+' }, /key must be/],
    [{ key: 'a b' }, /key must be/],
    [{ key: [' '] }, /'Space'.*got \[" "\]/],
    [{ key: 13 }, /got 13/],
    [{ self: 'yes' }, /self must be true or false; got "yes"/],
    [{ target: '' }, /target must be a selector/],
    [{ self: true, outside: true }, /self and outside exclude each other/],
    [{ window: true, document: true }, /window and document exclude each other/],
    [{ passive: true, preventDefault: true }, /passive and preventDefault exclude each other/],
    [{ include: ['a b'] }, /include must be a list of dotted paths/],
    [{ include: 'a' }, /include must be/],
    [{ fields: [''] }, /fields must be a list of fields' names/],
  ])('%j', (options, problem) => {
    expect(() => on(handler, options)).toThrow(problem);
    expect(() => on(handler, options)).toThrow(TypeError);
  });

  test('a listener that does nothing at all', () => {
    expect(() => on(null, { once: true })).toThrow(/without a handler, say preventDefault or stopPropagation/);
    expect(() => on(null, { stopPropagation: true })).not.toThrow();
  });
});

test.each<[unknown, unknown]>([
  [{ type: 'UserDid' }, 0],
  [handler, 1],
  [on(handler), 1],
  [on(handler, { once: false, include: [], debounceMs: 0 }), 1],
  [on(null, { preventDefault: true }), [2, { p: 1 }]],
  [on({ type: 'UserDid' }, { key: 'Enter', preventDefault: true }), [0, { p: 1, k: ['enter'] }]],
  [on(handler, { key: ['Alt+Ctrl+S', 'Space'] }), [1, { k: ['ctrlKey+altKey+s', ' '] }]],
  // a sign, however the keyboard makes it
  [on(handler, { key: '?' }), [1, { k: ['?', 'shiftKey+?', 'altKey+?', 'altKey+shiftKey+?'] }]],
  [on(handler, { key: 'Alt+?' }), [1, { k: ['altKey+?'] }]],
  [on(handler, { key: 'Ctrl+Shift++' }), [1, { k: ['ctrlKey+shiftKey++'] }]],
  [on(handler, { debounceMs: 200, include: ['target.name'] }), [1, { b: 200, i: ['target.name'] }]],
  [on(handler, { preventDefault: false }), [1, { n: 1 }]],
  [on(handler, { window: true }), [1, { w: 1, v: 1 }]],
])('what is not used costs no byte: %j is %j', (listener, wire) => {
  expect(encodeSlot(listener)).toEqual(wire);
});

const text = fc.stringMatching(/^[A-Za-z][\w-]{0,8}$/);
const key = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('Ctrl', 'Alt', 'Shift', 'Meta')),
    fc.constantFrom('Enter', 'a', 'Z', '+', '?', 'Space', 'é'),
  )
  .map(([modifiers, name]) => [...modifiers, name].join('+'));
const options: fc.Arbitrary<OnOptions> = fc.record(
  {
    key: fc.oneof(key, fc.array(key, { minLength: 1 })),
    self: fc.boolean(),
    target: text,
    outside: fc.boolean(),
    window: fc.boolean(),
    document: fc.boolean(),
    once: fc.boolean(),
    capture: fc.boolean(),
    passive: fc.boolean(),
    preventDefault: fc.boolean(),
    stopPropagation: fc.boolean(),
    debounceMs: fc.nat(),
    throttleMs: fc.nat(),
    include: fc.array(text),
    fields: fc.array(text),
  },
  { requiredKeys: [] },
);

test('what a listener is told arrives in the browser', () => {
  fc.assert(
    fc.property(options, (given) => {
      let listener: unknown;
      try {
        listener = on(handler, given);
      } catch (error) {
        expect((error as Error).message).toMatch(/exclude each other/);
        return;
      }
      const decoded = decodeListener(JSON.parse(JSON.stringify(encodeSlot(listener))) as WireListener);
      const isFar = given.window || given.document || given.outside;
      const flags = {
        p: given.preventDefault,
        n: given.preventDefault === false,
        s: given.stopPropagation,
        e: given.self,
        o: given.outside,
        w: given.window,
        d: given.document,
        u: given.once,
        c: given.capture,
        v: given.passive ?? (isFar && !given.preventDefault),
      };
      expect(decoded).toEqual({
        data: 1,
        ...Object.fromEntries(Object.entries(flags).flatMap(([letter, isSet]) => (isSet ? [[letter, 1]] : []))),
        ...(given.debounceMs && { b: given.debounceMs }),
        ...(given.throttleMs && { t: given.throttleMs }),
        ...(given.key !== undefined && { k: decoded.k }),
        ...(given.target && { a: given.target }),
        ...(given.include?.length && { i: given.include }),
        ...(given.fields && { f: given.fields }),
      });
      // what each of them means, test/browser/hear.test.ts knows
      expect(decoded.k?.length ?? 0).toBeGreaterThanOrEqual(given.key === undefined ? 0 : [given.key].flat().length);
    }),
    { numRuns: 1_000 },
  );
});

test('each letter has one meaning', () => {
  const letters = Object.values(Option);
  expect(new Set(letters).size).toBe(letters.length);
});

test('a listener without a handler is one, and nothing else without one', () => {
  expect(() => html`<p @click=${on(null, { preventDefault: true })}></p>`).not.toThrow();
});
