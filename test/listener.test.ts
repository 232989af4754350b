// Options of listeners: what makes no sense is said at once, and what is said arrives in the browser, in few bytes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventHandler, html, type OnOptions, on } from '../shared/index.ts';
import { encodeListener as encodeSlot } from '../shared/tree/encode.ts';
import { decodeListener, type WireListener } from '../shared/wire/listener.ts';
import * as Flag from '../shared/wire/listener-flag.ts';

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
  [on(null, { preventDefault: true }), [2, 'p']],
  [on({ type: 'UserDid' }, { key: 'Enter', preventDefault: true }), [0, 'pk', ['enter']]],
  [on(handler, { key: ['Alt+Ctrl+S', 'Ctrl++', '?'] }), [1, 'k', ['ctrl+alt+s', 'ctrl++', '?']]],
  [on(handler, { debounceMs: 200, include: ['target.name'] }), [1, 'bi', 200, ['target.name']]],
  [on(handler, { preventDefault: false }), [1, 'n']],
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
      const { flags, ...decoded } = decodeListener(JSON.parse(JSON.stringify(encodeSlot(listener))) as WireListener);
      const { key: keys, debounceMs, throttleMs, target, include = [], fields } = given;
      const named = (each: string): string => {
        const [, modifiers = '', name = ''] = /^((?:\w+\+)*)(.+)$/.exec(each.toLowerCase()) ?? [];
        return ['ctrl+', 'alt+', 'shift+', 'meta+'].filter((modifier) => modifiers.includes(modifier)).join('') + name;
      };
      expect(decoded).toEqual({
        data: 1,
        keys: keys === undefined ? undefined : [keys].flat().map(named),
        debounceMs: debounceMs || undefined,
        throttleMs: throttleMs || undefined,
        target,
        include,
        fields,
      });
      const letters = { p: given.preventDefault, n: given.preventDefault === false, s: given.stopPropagation };
      const places = { e: given.self, o: given.outside, w: given.window, d: given.document };
      const others = { 1: given.once, c: given.capture, v: given.passive };
      for (const [letter, is] of Object.entries({ ...letters, ...places, ...others })) {
        expect(flags.includes(letter), letter).toBe(!!is);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('each letter has one meaning', () => {
  const letters = Object.values(Flag);
  expect(new Set(letters).size).toBe(letters.length);
});

test('a listener without a handler is one, and nothing else without one', () => {
  expect(() => html`<p @click=${on(null, { preventDefault: true })}></p>`).not.toThrow();
});
