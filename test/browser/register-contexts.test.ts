// Values from ancestors, by the context protocol of the web components community: between components of ours, and with
// elements that know nothing of them, as other libraries have.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { register } from '../../client-runtime/app/register.ts';
import { component, effect, html } from '../../shared/index.ts';
import { nextName, rendered, show } from '../support/elements.ts';

type Message = { type: 'Told'; what: unknown };

const tell = (what: unknown): Message => ({ type: 'Told', what });

/** Shows what it was given for `theme`. */
function defineConsumer(name = nextName()): string {
  const definition = component<readonly unknown[], Message>({
    name,
    init: () => [[], effect.none],
    update: (told, { what }) => [[...told, what], effect.none],
    view: (told) => html`<p>${JSON.stringify(told)}</p>`,
    contexts: { theme: tell },
  });
  register(definition);
  return name;
}

/** Provides its `theme` property, and at first its name. */
function defineProvider(name = nextName(), isConsumer = false): string {
  const definition = component<null, Message>({
    name,
    init: () => [null, effect.provide('theme', name)],
    update: (_, { what }) => [null, effect.provide('theme', what)],
    view: () => html`<slot></slot>`,
    properties: { theme: tell },
    ...(isConsumer && { contexts: { theme: (value) => tell(`${value} and more`) } }),
    shadow: 'open',
  });
  register(definition);
  return name;
}

const toldOf = (element: Element | null): unknown => JSON.parse(element?.textContent ?? '');

/** An element of another library: asks once or subscribes, and keeps what it got. */
class Asker extends HTMLElement {
  answers: unknown[] = [];
  unsubscribe: (() => void) | undefined;
  readonly unsubscribes = new Set<unknown>();

  ask(context: unknown, subscribe: boolean): void {
    const callback = (value: unknown, unsubscribe?: () => void): void => {
      this.answers.push(value);
      this.unsubscribe = unsubscribe;
      this.unsubscribes.add(unsubscribe);
    };
    const event = Object.assign(new Event('context-request', { bubbles: true, composed: true }), {
      context,
      subscribe,
      callback,
    });
    this.dispatchEvent(event);
  }
}

customElements.define('foreign-asker', Asker);

const consumer = defineConsumer();
const provider = defineProvider();

beforeEach(() => document.body.replaceChildren());

describe('a component that consumes', () => {
  test('gets the value of its nearest ancestor, and each later one', async () => {
    const outer = defineProvider();
    const element = await show(`<${outer}><${provider}><${consumer}></${consumer}></${provider}></${outer}>`);
    const child = element.querySelector(consumer);
    // before the first view of all three, the outer one has begun first
    expect(toldOf(child)).toEqual([outer, provider]);
    for (const theme of [{ dark: true }, { dark: false }, 'none']) {
      Object.assign(element.firstElementChild as Element, { theme });
      Object.assign(element, { theme: 'of the outer one' });
    }
    await rendered();
    expect(toldOf(child)).toEqual([outer, provider, { dark: true }, { dark: false }, 'none']);
  });

  test('gets what a provider outside of its shadow root gives', async () => {
    const wrapper = nextName();
    register(
      component<null, Message>({
        name: wrapper,
        init: () => [null, effect.none],
        update: () => [null, effect.none],
        view: () => html`<test-deep></test-deep>`,
        shadow: 'closed',
      }),
    );
    const seen: unknown[] = [];
    register(
      component<null, Message>({
        name: 'test-deep',
        init: () => [null, effect.none],
        update: () => [null, effect.none],
        view: () => html`<p></p>`,
        contexts: { theme: (value) => tell(seen.push(value)) },
      }),
    );
    await show(`<${provider}><${wrapper}></${wrapper}></${provider}>`);
    expect(seen).toEqual([provider]);
  });

  test('gets the value of a provider that is defined after it', async () => {
    const late = nextName();
    const element = await show(`<${late}><${consumer}></${consumer}></${late}>`);
    expect(toldOf(element.querySelector(consumer))).toEqual([]);
    defineProvider(late);
    await rendered();
    expect(toldOf(element.querySelector(consumer))).toEqual([late]);
  });

  test('hears a nearer provider from when there is one, and the other no longer', async () => {
    const late = nextName();
    const element = await show(`<${provider}><${late}><${consumer}></${consumer}></${late}></${provider}>`);
    defineProvider(late);
    await rendered();
    Object.assign(element, { theme: 'of the outer one' });
    await rendered();
    expect(toldOf(element.querySelector(consumer))).toEqual([provider, late]);
  });

  test('asks again where it is moved to', async () => {
    const other = defineProvider();
    const box = await show(`<div><${provider}><${consumer}></${consumer}></${provider}><${other}></${other}></div>`);
    const child = box.querySelector(consumer) as Element;
    box.lastElementChild?.append(child);
    await rendered();
    Object.assign(box.firstElementChild as Element, { theme: 'of where it was' });
    Object.assign(box.lastElementChild as Element, { theme: 'of where it is' });
    await rendered();
    expect(toldOf(child)).toEqual([provider, other, 'of where it is']);
  });

  test('is not told anything while it is away', async () => {
    const element = await show(`<${provider}><${consumer}></${consumer}></${provider}>`);
    const child = element.querySelector(consumer) as Element;
    child.remove();
    await rendered();
    Object.assign(element, { theme: 'meanwhile' });
    await rendered();
    expect(toldOf(child)).toEqual([provider]);
    element.append(child);
    await rendered();
    expect(toldOf(child)).toEqual([provider, 'meanwhile']);
  });

  test('may provide what it consumes', async () => {
    const both = defineProvider(nextName(), true);
    const element = await show(`<${provider}><${both}><${consumer}></${consumer}></${both}></${provider}>`);
    expect((toldOf(element.querySelector(consumer)) as unknown[]).at(-1)).toBe(`${provider} and more`);
  });
});

describe("another library's element", () => {
  test('that asks once is answered once', async () => {
    const element = await show(`<${provider}><foreign-asker></foreign-asker></${provider}>`);
    const asker = element.firstElementChild as Asker;
    asker.ask('theme', false);
    Object.assign(element, { theme: 'new' });
    await rendered();
    expect(asker.answers).toEqual([provider]);
    expect(asker.unsubscribe).toBe(undefined);
  });

  test('that subscribes hears each value until it has heard enough', async () => {
    const element = await show(`<${provider}><foreign-asker></foreign-asker></${provider}>`);
    const asker = element.firstElementChild as Asker;
    asker.ask('theme', true);
    Object.assign(element, { theme: 1 });
    Object.assign(element, { theme: 2 });
    await rendered();
    asker.unsubscribe?.();
    Object.assign(element, { theme: 3 });
    await rendered();
    expect(asker.answers).toEqual([provider, 1, 2]);
    expect(asker.unsubscribes.size).toBe(1);
  });

  test('is not answered by a provider of something else', async () => {
    const element = await show(`<${provider}><foreign-asker></foreign-asker></${provider}>`);
    const asker = element.firstElementChild as Asker;
    const passed = vi.fn();
    document.body.addEventListener('context-request', passed, { once: true });
    asker.ask('language', true);
    expect(asker.answers).toEqual([]);
    expect(passed).toHaveBeenCalledOnce();
  });

  test('that throws at a value disturbs nobody', async () => {
    const element = await show(`<${provider}><foreign-asker></foreign-asker><${consumer}></${consumer}></${provider}>`);
    const problem = new Error('meant to be thrown');
    const reported: unknown[] = [];
    const listener = (event: ErrorEvent): void => {
      event.preventDefault();
      reported.push(event.error);
    };
    addEventListener('error', listener);
    const callback = (): void => {
      throw problem;
    };
    const event = Object.assign(new Event('context-request', { bubbles: true }), {
      context: 'theme',
      subscribe: true,
      callback,
    });
    element.firstElementChild?.dispatchEvent(event);
    Object.assign(element, { theme: 'new' });
    await rendered();
    removeEventListener('error', listener);
    expect(reported).toEqual([problem, problem]);
    expect(toldOf(element.querySelector(consumer))).toEqual([provider, 'new']);
    expect(element.matches(':state(failed)')).toBe(false);
  });

  test('that provides is heard, also when it answers late', async () => {
    const box = await show(`<div></div>`);
    const requests: (Event & { callback: (value: unknown, unsubscribe?: () => void) => void; subscribe: boolean })[] =
      [];
    box.addEventListener('context-request', (event) => {
      event.stopPropagation();
      requests.push(event as (typeof requests)[number]);
    });
    box.innerHTML = `<${consumer}></${consumer}>`;
    const unsubscribe = vi.fn();
    expect(requests.map(({ subscribe }) => subscribe)).toEqual([true]);
    requests[0]?.callback('late', unsubscribe);
    requests[0]?.callback('later', unsubscribe);
    await rendered();
    expect(toldOf(box.firstElementChild)).toEqual(['late', 'later']);
    expect(unsubscribe).not.toHaveBeenCalled();
    box.replaceChildren();
    await rendered();
    expect(unsubscribe).toHaveBeenCalledOnce();
    requests[0]?.callback('too late', unsubscribe);
    expect(unsubscribe).toHaveBeenCalledTimes(2);
  });
});
