// What an element cannot do: a message that throws is refused, and said; an element that cannot start or go on fails,
// it alone, and is started again from the last model that it showed.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMachine } from 'xstate';
import { register } from '../../client-runtime/app/register.ts';
import { start } from '../../client-runtime/app/start.ts';
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
    update: (count, { type }) => [type === 'UserBroke' ? Number.NaN : count + 1, effect.none],
    view: (count) => html`
      <button @click=${{ type: 'UserClicked' }}>${Number.isNaN(count) ? fail() : count}</button>
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
      'in states',
      {
        states: (count) => (Number.isNaN(count) ? fail() : []),
        view: (count) =>
          html`<button @click=${{ type: 'UserClicked' }}>${count}</button><button @click=${{ type: 'UserBroke' }}></button>`,
      },
    ],
  ])('%s refuses the message, which the element says, and it goes on with what it showed', async (_, options) => {
    const name = define(options);
    const element = await show(`<${name}></${name}>`);
    const states = heard(document.body, 'islet:state');
    const refused = heard(document.body, 'islet:refused');
    press(element, 0);
    await rendered();
    press(element, 0);
    press(element, 1);
    press(element, 0);
    await rendered();
    expect(countOf(element)).toBe('3');
    expect(complaints).toEqual([[`islet: ${name} did not take UserBroke (ISLET_ERR_MESSAGE_REFUSED)`, problem]]);
    expect(refused.map(({ target, detail }) => [target, detail])).toEqual([
      [element, { code: 'ISLET_ERR_MESSAGE_REFUSED' }],
    ]);
    expect(states).toEqual([]);
    expect(element.matches(':state(failed)')).toBe(false);
  });

  test('in a handler refuses the event', async () => {
    const name = define({
      view: (count) =>
        html`<button @click=${{ type: 'UserClicked' }}>${count}</button><button @click=${fail}></button>`,
    });
    const element = await show(`<${name}></${name}>`);
    press(element, 1);
    press(element, 0);
    await rendered();
    expect(countOf(element)).toBe('1');
    expect(complaints).toEqual([[`islet: ${name} did not take an event (ISLET_ERR_MESSAGE_REFUSED)`, problem]]);
  });

  test('in what an attribute says refuses that alone', async () => {
    const name = define({ attributes: { value: fail } });
    const element = await show(`<${name}></${name}>`);
    expect(() => element.setAttribute('value', 'x')).not.toThrow();
    press(element, 0);
    await rendered();
    expect(countOf(element)).toBe('1');
    expect(complaints).toEqual([[`islet: ${name} did not take an event (ISLET_ERR_MESSAGE_REFUSED)`, problem]]);
  });

  test.each<[string, () => unknown]>([
    ['in an effect', fail],
    ['in an async effect', async () => fail()],
  ])('%s is said, and the model stays what update made', async (_, run) => {
    const name = define({
      update: (count, { type }) => [count + 1, type === 'UserBroke' ? effect.from(run) : effect.none],
    });
    const element = await show(`<${name}></${name}>`);
    const refused = heard(document.body, 'islet:refused');
    press(element, 1);
    await rendered();
    expect(countOf(element)).toBe('1');
    expect(complaints).toEqual([[`islet: an effect of ${name} threw`, problem]]);
    expect(refused).toEqual([]);
    expect(element.matches(':state(failed)')).toBe(false);
  });
});

test('an element whose effect asks for a restart fails alone, and goes on with what it showed', async () => {
  const name = define({
    update: (count, { type }) => [
      count + 1,
      type === 'UserBroke' ? effect.from((_, context) => context.fail(problem)) : effect.none,
    ],
  });
  const box = await show(`<div><${name}></${name}><${name}></${name}></div>`);
  const [element, other] = box.children as unknown as [HTMLElement, HTMLElement];
  const states = heard(document.body, 'islet:state');
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

test('what happens while a restart is due comes after it', async () => {
  let isBroken = true;
  const name = define({
    init: () => [isBroken ? fail() : 0, effect.none],
    attributes: { more: () => ({ type: 'UserClicked' }) },
  });
  const element = await show(`<${name} more></${name}>`);
  isBroken = false;
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

test('an event of a message that is refused is not fired', async () => {
  const name = define({
    update: (count, { type }) => [type === 'UserBroke' ? Number.NaN : count + 1, effect.emit('counted', count + 1)],
  });
  const element = await show(`<${name}></${name}>`);
  const counted = heard(element, 'counted');
  press(element, 0);
  press(element, 1);
  await rendered();
  expect(countOf(element)).toBe('1');
  press(element, 0);
  await rendered();
  expect(counted.map(({ detail }) => detail)).toEqual([1, 2]);
});

test('an element that fails again and again waits longer each time, after six times in a minute for a minute', async () => {
  let isBroken = true;
  const name = define({ init: () => [isBroken ? fail() : 7, effect.none] });
  const element = await show(`<${name}></${name}>`);
  for (const [failures, ms] of [100, 200, 400, 800, 1600].entries()) {
    expect(complaints).toHaveLength(failures + 1);
    vi.advanceTimersByTime(ms - 1);
    expect(complaints).toHaveLength(failures + 1);
    vi.advanceTimersByTime(1);
  }
  expect(complaints).toHaveLength(6);
  vi.advanceTimersByTime(59_999);
  expect(complaints).toHaveLength(6);
  expect(element.matches(':state(failed)')).toBe(true);
  isBroken = false;
  vi.advanceTimersByTime(1);
  await rendered();
  expect(element.matches(':state(failed)')).toBe(false);
  expect(countOf(element)).toBe('7');
});

test('an element that was given up starts again when it is put into the page again', async () => {
  let isBroken = true;
  const name = define({ init: () => [isBroken ? fail() : 7, effect.none] });
  const element = await show(`<${name}></${name}>`);
  vi.advanceTimersByTime(10_000);
  expect(complaints).toHaveLength(6);
  isBroken = false;
  element.remove();
  await rendered();
  document.body.append(element);
  await rendered();
  expect(countOf(element)).toBe('7');
  expect(element.matches(':state(failed)')).toBe(false);
});

test('a state machine that nothing can run is refused with what to import', () => {
  const machine = createMachine({});
  const light = component({ name: nextName(), machine, view: () => html`off` });
  const advice = /import 'islet\/client\/machines' once/;
  expect(() => register(light)).toThrow(advice);
  expect(() => start(light, document.body)).toThrow(advice);
  expect(customElements.get(light.name as string)).toBeUndefined();
});
