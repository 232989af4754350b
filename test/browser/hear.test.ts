// Conditions of listeners, against a plain implementation of what docs/events.md says: random options, and random
// events of a real DOM.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import '../../client-runtime/dom/load-parts.ts';
import { hear } from '../../client-runtime/dom/hear.ts';
import { special } from '../../client-runtime/dom/parts.ts';
import { type OnOptions, on } from '../../shared/index.ts';
import { encodeListener } from '../../shared/tree/encode.ts';
import { decodeListener, type WireListener } from '../../shared/wire/listener.ts';
import { timesOf } from './times.ts';

await special.load();

const wireOf = (options: OnOptions): WireListener =>
  JSON.parse(JSON.stringify(encodeListener(on(() => null, options)))) as WireListener;

document.body.innerHTML = `
  <main><ul id="node" tabindex="0"><li id="row" class="a"><b id="deep">x</b></li><i id="beside">y</i></ul><p id="far">z</p></main>
`;
const at = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const ids = ['node', 'row', 'deep', 'beside', 'far'] as const;
const keys = ['Enter', 'a', 'A', '?', ' ', 'F2', '+'];
const modifiers = ['Ctrl', 'Alt', 'Shift', 'Meta'] as const;

const keyName = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...modifiers), { maxLength: 2 }), fc.constantFrom(...keys))
  .map(([held, key]) => [...held, key === ' ' ? 'Space' : key].join('+'));

const options: fc.Arbitrary<OnOptions> = fc
  .record(
    {
      key: fc.oneof(keyName, fc.array(keyName, { minLength: 1, maxLength: 3 })),
      self: fc.constant(true),
      target: fc.constantFrom('li', '.a', 'b', 'p', 'ul', 'main'),
      outside: fc.constant(true),
      window: fc.constant(true),
      document: fc.constant(true),
      once: fc.boolean(),
      capture: fc.boolean(),
      preventDefault: fc.boolean(),
      stopPropagation: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter((given) => {
    try {
      return Boolean(on({ type: 'x' }, given));
    } catch {
      return false;
    }
  });

interface Sent {
  readonly at: (typeof ids)[number];
  readonly key: string;
  readonly held: readonly (typeof modifiers)[number][];
  readonly isComposing: boolean;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  at: fc.constantFrom(...ids),
  key: fc.constantFrom(...keys),
  held: fc.uniqueArray(fc.constantFrom(...modifiers), { maxLength: 2 }),
  isComposing: fc.constantFrom(false, false, false, true),
});

/** Whether a key is one that is asked for. */
function isMeant({ key, held, isComposing }: Sent, wanted: string): boolean {
  if (isComposing) return false;
  const parts = /^((?:(?:Ctrl|Alt|Shift|Meta)\+)*)(.+)$/.exec(wanted) as RegExpExecArray;
  const named = (parts[1] ?? '').split('+').filter(Boolean);
  const name = parts[2] === 'Space' ? ' ' : (parts[2] as string);
  if (name.toLowerCase() !== key.toLowerCase()) return false;
  const isSign = key.length === 1 && key !== ' ' && key.toLowerCase() === key.toUpperCase();
  const isExact = modifiers.every((each) => held.includes(each) === named.includes(each));
  // a sign that names no modifier has Shift and Alt as the keyboard needs them
  const isFree =
    isSign &&
    modifiers.every((each) =>
      /Shift|Alt/.test(each) ? !named.includes(each) : held.includes(each) === named.includes(each),
    );
  return isExact || isFree;
}

function isTold(event: Sent, { self, outside, key, target, window, document: isAtDocument }: OnOptions): boolean {
  const node = at('node');
  const element = at(event.at);
  const isFar = window || isAtDocument || outside;
  if (!isFar && !node.contains(element)) return false;
  if (self && element !== node) return false;
  if (outside && node.contains(element)) return false;
  if (key !== undefined && ![key].flat().some((each) => isMeant(event, each))) return false;
  if (target === undefined) return true;
  const found = element.closest(target);
  return found !== null && (isFar || node.contains(found));
}

/** Waits until events are later than what was done before, by the page's clock. */
function tick(): void {
  for (const start = performance.now(); performance.now() === start; );
}

test('what is told, prevented and stopped is what the options say', () => {
  fc.assert(
    fc.property(options, fc.array(sent, { minLength: 1, maxLength: 6 }), (given, events) => {
      const told: number[] = [];
      let index = 0;
      const toggle = hear(at('node'), 'keydown', decodeListener(wireOf(given)), () => told.push(index));
      tick();
      const expected: number[] = [];
      events.forEach((each, order) => {
        index = order;
        const { key, held, isComposing } = each;
        const event = new KeyboardEvent('keydown', {
          key,
          isComposing,
          bubbles: true,
          cancelable: true,
          ...Object.fromEntries(held.map((name) => [`${name.toLowerCase()}Key`, true])),
        });
        let hasArrived = false;
        const note = (): void => {
          hasArrived = true;
        };
        addEventListener('keydown', note);
        at(each.at).dispatchEvent(event);
        removeEventListener('keydown', note);
        const isHeard = isTold(each, given) && !(given.once && expected.length > 0);
        if (isHeard) expected.push(order);
        expect(event.defaultPrevented).toBe(isHeard && !!given.preventDefault);
        // at the window, whoever listens there, too, still hears it when it has come up
        const isStopped = isHeard && given.stopPropagation && (!given.window || given.capture);
        if (!(given.window && !given.capture)) expect(hasArrived).toBe(!isStopped);
      });
      toggle(false);
      index = -1;
      at('deep').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      expect(told).toEqual(expected);
    }),
    { numRuns: timesOf(700) },
  );
});

test('a listener that has stopped and starts again hears again, unless it hears once and has', () => {
  for (const once of [false, true]) {
    let told = 0;
    const toggle = hear(at('node'), 'keydown', decodeListener(wireOf({ once, window: true })), () => told++);
    const send = (): void => {
      tick();
      at('deep').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    };
    send();
    toggle(false);
    send();
    toggle(true);
    send();
    toggle(true, true);
    send();
    toggle(false, true);
    send();
    expect(told).toBe(once ? 1 : 3);
  }
});
