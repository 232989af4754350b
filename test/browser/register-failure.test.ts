// An element that fails: it alone does, it says so, and it starts again from the last model that it showed, a few times.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { register } from '../../client-runtime/app/register.ts';
import { component, effect, html } from '../../shared/index.ts';
import type { ComponentDefinition } from '../../shared/language/component.ts';
import { heard, nextName, rendered, show } from '../support/elements.ts';

type Message = { type: 'UserClicked' } | { type: 'UserBroke' };
type Counter = ComponentDefinition<number, Message, unknown>;

const problem = new Error('meant to fail');

function fail(): never {
  throw problem;
}

function define(options: Partial<Counter> = {}): string {
  const name = nextName();
  const definition = component<number, Message>({
    name,
    init: () => [0, effect.none],
    update: (count, { type }) => [type === 'UserBroke' ? -1 : count + 1, effect.none],
    view: (count) => html`
      <button @click=${{ type: 'UserClicked' }}>${count < 0 ? fail() : count}</button>
      <button @click=${{ type: 'UserBroke' }}>Break</button>
    `,
    ...options,
  });
  register(definition);
  return name;
}

const press = (element: Element, index: number): void => element.querySelectorAll('button')[index]?.click();
const countOf = (element: Element): string | undefined => element.querySelector('button')?.innerText;

let complaints: unknown[][];

// The console is where an element complains, the clock is what it waits for: these two are the page's, not ours.
beforeEach(() => {
  complaints = [];
  vi.spyOn(console, 'error').mockImplementation((...words) => void complaints.push(words));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a throw', () => {
  test.each<[string, Partial<Counter>]>([
    ['in view', {}],
    ['in update', { update: (count, { type }) => [type === 'UserBroke' ? fail() : count + 1, effect.none] }],
    [
      'in an effect',
      { update: (count, { type }) => [count + 1, type === 'UserBroke' ? effect.from(fail) : effect.none] },
    ],
    [
      'in an async effect',
      {
        update: (count, { type }) => [count + 1, type === 'UserBroke' ? effect.from(async () => fail()) : effect.none],
      },
    ],
    [
      'in states',
      {
        states: (count) => (count < 0 ? fail() : []),
        view: (count) =>
          html`<button @click=${{ type: 'UserClicked' }}>${count}</button><button @click=${{ type: 'UserBroke' }}></button>`,
      },
    ],
  ])('%s fails this element alone, which goes on with what it showed', async (_, options) => {
    const name = define(options);
    const box = await show(`<div><${name}></${name}><${name}></${name}></div>`);
    const [element, other] = box.children as unknown as [HTMLElement, HTMLElement];
    const states = heard(document.body, 'islet:state');
    press(element, 0);
    await rendered();
    press(element, 1);
    await rendered();
    expect(element.matches(':state(failed)')).toBe(true);
    expect(complaints).toEqual([[`islet: ${name} failed`, problem]]);
    expect(states.map(({ target, detail }) => [target, detail])).toEqual([
      [element, { state: 'failed', code: 'ISLET_ERR_ACTOR_FAILED' }],
    ]);

    press(other, 0);
    await rendered();
    expect(countOf(other)).toBe('1');
    expect(other.matches(':state(failed)')).toBe(false);

    vi.advanceTimersByTime(100);
    await rendered();
    expect(element.matches(':state(failed)')).toBe(false);
    expect(states.at(-1)?.detail).toEqual({ state: 'live' });
    press(element, 0);
    await rendered();
    expect(countOf(element)).toBe('2');
  });
});

test('what happens while a restart is due comes after it', async () => {
  const name = define({ attributes: { more: () => ({ type: 'UserClicked' }) } });
  const element = await show(`<${name}></${name}>`);
  press(element, 1);
  await rendered();
  press(element, 0);
  element.setAttribute('more', '');
  vi.advanceTimersByTime(100);
  await rendered();
  expect(countOf(element)).toBe('2');
});

test('an element that leaves before its restart is due does not start outside of a page', async () => {
  let starts = 0;
  const name = define({
    init() {
      starts++;
      return fail();
    },
  });
  const element = await show(`<${name}></${name}>`);
  element.remove();
  await rendered();
  vi.advanceTimersByTime(60_000);
  expect(starts).toBe(1);
});

test('an event of a model that is taken back is not fired', async () => {
  const name = define({
    update: (count, { type }) => [type === 'UserBroke' ? fail() : count + 1, effect.emit('counted', count + 1)],
  });
  const element = await show(`<${name}></${name}>`);
  const counted = heard(element, 'counted');
  press(element, 0);
  press(element, 1);
  vi.advanceTimersByTime(100);
  await rendered();
  expect(countOf(element)).toBe('0');
  press(element, 0);
  await rendered();
  expect(counted.map(({ detail }) => detail)).toEqual([1]);
});

test('an element that fails again and again waits longer each time, and is given up after six times in a minute', async () => {
  const name = define({ init: fail });
  const element = await show(`<${name}></${name}>`);
  for (const [failures, ms] of [100, 200, 400, 800, 1600].entries()) {
    expect(complaints).toHaveLength(failures + 1);
    vi.advanceTimersByTime(ms - 1);
    expect(complaints).toHaveLength(failures + 1);
    vi.advanceTimersByTime(1);
  }
  expect(complaints).toHaveLength(6);
  vi.advanceTimersByTime(3_600_000);
  expect(complaints).toHaveLength(6);
  expect(element.matches(':state(failed)')).toBe(true);
});

test('an element that was given up starts again when it is put into the page again', async () => {
  let isBroken = true;
  const name = define({ init: () => [isBroken ? fail() : 7, effect.none] });
  const element = await show(`<${name}></${name}>`);
  vi.advanceTimersByTime(60_000);
  expect(complaints).toHaveLength(6);
  isBroken = false;
  element.remove();
  await rendered();
  document.body.append(element);
  await rendered();
  expect(countOf(element)).toBe('7');
  expect(element.matches(':state(failed)')).toBe(false);
});

test('an element whose attribute makes no message it can use fails by itself', async () => {
  const name = define({ attributes: { value: fail } });
  const element = await show(`<${name}></${name}>`);
  expect(() => element.setAttribute('value', 'x')).not.toThrow();
  await rendered();
  expect(complaints).toEqual([[`islet: ${name} failed`, problem]]);
});
