// An element's life in the browser: it comes into a page, moves, leaves, comes back, goes into another document. What
// it knew stays; what it did while it was away does not.

import { describe, expect, test } from 'vitest';
import { register } from '../../client-runtime/app/register.ts';
import { component, effect, html, on } from '../../shared/index.ts';
import type { Effect } from '../../shared/language/effect.ts';
import { nextName, rendered, show } from '../support/elements.ts';

type Message = { type: 'Told'; what: unknown };

function define(init: Effect<Message> = effect.none): string {
  const name = nextName();
  const definition = component<readonly unknown[], Message>({
    name,
    init: () => [[], init],
    update: (told, { what }) => [[...told, what], effect.none],
    view: (told) => html`<p>${JSON.stringify(told)}</p>`,
    attributes: { value: tell },
    properties: { rows: tell },
    onConnect: ({ id }) => tell(`connect ${id}`),
    onDisconnect: ({ id }) => tell(`disconnect ${id}`),
    onMove: () => tell('move'),
    onAdopt: () => tell('adopt'),
    shadow: { mode: 'open', styles: 'p { color: rgb(7, 0, 0) }' },
  });
  register(definition);
  return name;
}

const tell = (what: unknown): Message => ({ type: 'Told', what });
const paragraphOf = (element: Element): HTMLElement => element.shadowRoot?.querySelector('p') as HTMLElement;
const toldOf = (element: Element): unknown => JSON.parse(paragraphOf(element).textContent as string);

async function showInBox(name: string): Promise<{ element: HTMLElement; first: HTMLElement; second: HTMLElement }> {
  const box = await show(`<div><div><${name}></${name}></div><div></div></div>`);
  const [first, second] = box.children as unknown as [HTMLElement, HTMLElement];
  return { element: first.firstElementChild as HTMLElement, first, second };
}

test('an element says when it comes and goes, and goes on where it was', async () => {
  const name = define();
  const { element, second } = await showInBox(name);
  const paragraph = paragraphOf(element);
  element.remove();
  await rendered();
  second.append(element);
  await rendered();
  expect(toldOf(element)).toEqual(['connect local', 'disconnect local', 'connect local']);
  expect(paragraphOf(element)).toBe(paragraph);
});

test('what it is told while it is away it hears when it is back, the latest of each kind', async () => {
  const { element, second } = await showInBox(define());
  element.remove();
  await rendered();
  element.setAttribute('value', '1');
  element.setAttribute('value', '2');
  Object.assign(element, { rows: [1] });
  await rendered();
  expect(toldOf(element)).toEqual(['connect local', 'disconnect local']);
  second.append(element);
  await rendered();
  expect((toldOf(element) as unknown[]).slice(2)).toEqual(['2', [1], 'connect local']);

  element.remove();
  await rendered();
  second.append(element);
  await rendered();
  expect((toldOf(element) as unknown[]).slice(5)).toEqual(['disconnect local', 'connect local']);
});

test('what a listener still holds back is told before it goes', async () => {
  const name = nextName();
  register(
    component<string, { type: 'UserTyped'; text: string }>({
      name,
      init: () => ['', effect.none],
      update: (_, { text }) => [text, effect.none],
      view: (text) => html`
        <input @input=${on(({ value = '' }) => ({ type: 'UserTyped', text: value }), { debounceMs: 60_000 })}>
        <p>${text}</p>
      `,
    }),
  );
  const element = await show(`<${name}></${name}>`);
  const input = element.querySelector('input') as HTMLInputElement;
  input.value = 'typed';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await rendered();
  expect(element.querySelector('p')?.textContent).toBe('');
  element.remove();
  await rendered();
  expect(element.querySelector('p')?.textContent).toBe('typed');
});

test('effects of init end when it leaves and start again when it is back', async () => {
  const running: boolean[] = [];
  const name = define(
    effect.from((_, { signal }) => {
      const index = running.push(true) - 1;
      signal.addEventListener('abort', () => {
        running[index] = false;
      });
    }),
  );
  const { element, second } = await showInBox(name);
  element.remove();
  await rendered();
  expect(running).toEqual([false]);
  second.append(element);
  await rendered();
  expect(running).toEqual([false, true]);
});

describe('moving', () => {
  test.each([
    ['in one step', (second: Element, element: Element) => second.moveBefore(element, null)],
    ['by taking it out and putting it in', (second: Element, element: Element) => second.append(element)],
  ])('%s keeps what it knows, its nodes and its effects', async (_, move) => {
    let starts = 0;
    const { element, second } = await showInBox(define(effect.from(() => starts++)));
    const paragraph = paragraphOf(element);
    Object.assign(element, { rows: 1 });
    move(second, element);
    await rendered();
    expect(toldOf(element)).toEqual(['connect local', 1, 'move']);
    expect(paragraphOf(element)).toBe(paragraph);
    expect(starts).toBe(1);
  });

  test('into another document is told, and its styles go with it', async () => {
    const { element } = await showInBox(define());
    const frame = document.createElement('iframe');
    document.body.append(frame);
    frame.contentDocument?.body.append(element);
    await rendered();
    expect(toldOf(element)).toEqual(['connect local', 'adopt']);
    expect(getComputedStyle(paragraphOf(element)).color).toBe('rgb(7, 0, 0)');
  });
});

test('an element in a document without a window is shown, without styles', async () => {
  const { element } = await showInBox(define());
  document.implementation.createHTMLDocument().body.append(element);
  await rendered();
  expect(toldOf(element)).toEqual(['connect local', 'adopt']);
});

test('an element that was never in a page does nothing', async () => {
  let starts = 0;
  const element = document.createElement(define(effect.from(() => starts++)));
  element.setAttribute('value', '1');
  await rendered();
  expect(starts).toBe(0);
  expect(element.shadowRoot).toBe(null);
});

test('an element in a document that is still being parsed waits for its children', async () => {
  const name = nextName();
  const frame = document.createElement('iframe');
  document.body.replaceChildren(frame);
  const { contentWindow } = frame;
  const parsed = contentWindow?.document as Document;
  // the frame's own registry has no such element: one of ours is put there while the parser is at work
  parsed.open();
  parsed.write('<!doctype html><body><main>');
  expect(parsed.readyState).toBe('loading');
  register(
    component<null, Message>({
      name,
      init: () => [null, effect.none],
      update: () => [null, effect.none],
      view: () => html`<p>shown</p>`,
    }),
  );
  const element = document.createElement(name);
  parsed.querySelector('main')?.append(element);
  await rendered();
  expect(element.innerHTML).toBe('');
  parsed.write('</main>');
  parsed.close();
  await rendered();
  expect(element.innerHTML).toBe('<p>shown</p>');
});
