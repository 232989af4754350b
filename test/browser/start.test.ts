// `start`: a component as the app of a page. What the server wrote is adopted node for node; what a person did before
// the script ran is neither lost nor done twice.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { assign, setup } from 'xstate';
import '../../client-runtime/dom/development.ts';
import { type App, start } from '../../client-runtime/app/start.ts';
import { repair } from '../../client-runtime/dom/parts.ts';
import '../../client-runtime/machines.ts';
import {
  type AnyMessage,
  type Component,
  component,
  effect,
  html,
  keyed,
  Refused,
  task,
  unsafeHtml,
} from '../../shared/index.ts';
import { serverHtml } from '../support/server-html.ts';

await repair.load();

let root: HTMLElement;
let apps: { stop(): void }[];

beforeEach(() => {
  apps = [];
  root = document.createElement('main');
  root.id = 'app';
  document.body.append(root);
});

afterEach(() => {
  for (const app of apps) app.stop();
  root.remove();
  vi.restoreAllMocks();
});

test('the root may be a form whose controls have the names of its members', async () => {
  const names = ['contains', 'querySelector', 'querySelectorAll', 'addEventListener', 'dispatchEvent', 'childNodes'];
  const more = ['firstChild', 'textContent', 'replaceChildren', 'lastElementChild', 'toggleAttribute', 'getRootNode'];
  const note = component<readonly string[], { readonly type: 'UserTyped'; readonly text: string }>({
    init: () => [[], effect.none],
    update: (texts, { text }) => [[...texts, text.trim()], effect.emit('typed', text)],
    view: (texts) => html`
      ${[...names, ...more].map((name) => html`<input type="hidden" name=${name}>`)}
      <input id="field" .value=${texts.at(-1) ?? ''} @change=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
      <ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>
    `,
  });
  for (const isRendered of [false, true]) {
    const form = document.createElement('form');
    document.body.append(form);
    if (isRendered) form.innerHTML = serverHtml(note, undefined);
    const heard: unknown[] = [];
    EventTarget.prototype.addEventListener.call(form, 'typed', (event) => heard.push((event as CustomEvent).detail));
    const app = start(note, form);
    apps.push(app);
    const field = document.getElementById('field') as HTMLInputElement;
    for (const text of ['a ', 'b ']) {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
      await expect.poll(() => field.value).toBe(text.trim());
    }
    expect(heard).toEqual(['a ', 'b ']);
    expect([...document.querySelectorAll('form > ul > li')].map((item) => item.textContent)).toEqual(['a', 'b']);
    app.stop();
    Element.prototype.remove.call(form);
  }
});

describe('a page that the server rendered', () => {
  test('is adopted node for node, and lives', async () => {
    root.innerHTML = serverHtml(shelf, shelfProps);
    const before = nodesOf(root).filter((node) => !isScript(node));
    run(shelf);
    expect(nodesOf(root)).toEqual(before);
    root.querySelector('button')?.click();
    await expect.poll(() => root.querySelectorAll('li').length).toBe(3);
    expect(root.querySelector('h1')?.textContent).toBe('My shelf: 3');
    for (const node of before) expect(root.contains(node)).toBe(true);
  });

  test('brings the props along, whatever they hold', () => {
    const props = { title: '</script><b>"&amp;', names: [] };
    root.innerHTML = serverHtml(shelf, props);
    run(shelf);
    expect(root.querySelector('h1')?.textContent).toBe('</script><b>"&amp;: 0');
  });

  test('is reported in no way if it is what the component shows', () => {
    const warn = vi.spyOn(console, 'warn');
    root.innerHTML = serverHtml(shelf, shelfProps);
    run(shelf);
    expect(warn).not.toHaveBeenCalled();
  });

  test('is adopted before an effect of init can change the model', async () => {
    const eager = component<string, { type: 'Loaded' }>({
      init: () => ['', effect.from((dispatch) => dispatch({ type: 'Loaded' }))],
      update: () => ['loaded', effect.none],
      view: (text) => html`<p>${text === '' ? null : html`<b>${text}</b>`}</p>`,
    });
    const warn = vi.spyOn(console, 'warn');
    root.innerHTML = serverHtml(eager);
    const paragraph = root.firstElementChild;
    run(eager);
    await expect.poll(() => root.textContent).toBe('loaded');
    expect(root.firstElementChild).toBe(paragraph);
    expect(warn).not.toHaveBeenCalled();
  });

  test('is adopted with markup that the view inserts as it is', async () => {
    root.innerHTML = serverHtml(raw);
    const before = nodesOf(root).filter((node) => !isScript(node));
    run(raw);
    expect(nodesOf(root)).toEqual(before);
    root.querySelector('button')?.click();
    await expect.poll(() => root.querySelector('div')?.innerHTML).toBe('<i>c</i>');
  });
});

describe('a page that is not what the component shows is corrected and reported, with the place', () => {
  const correct = (change: (root: HTMLElement) => void): { warning: string; kept: Node[]; before: Node[] } => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    root.innerHTML = serverHtml(shelf, shelfProps);
    change(root);
    const before = nodesOf(root).filter((node) => !isScript(node));
    run(shelf);
    const wanted = document.createElement('main');
    wanted.innerHTML = serverHtml(shelf, shelfProps);
    wanted.lastElementChild?.remove();
    expect(root.innerHTML).toBe(wanted.innerHTML);
    return { warning: warn.mock.calls.join('\n'), kept: before.filter((node) => root.contains(node)), before };
  };

  test('a text', () => {
    const { warning, kept, before } = correct((page) => {
      (page.querySelector('li')?.firstChild as Text).data = 'Akira';
    });
    expect(warning).toContain('at #app > ul > li:nth-child(1) > text the page says "Akira", and the component "Bebop"');
    expect(kept).toEqual(before);
  });

  test('an attribute', () => {
    const { warning, kept, before } = correct((page) => page.querySelector('ul')?.setAttribute('class', 'narrow'));
    expect(warning).toContain('at #app > ul the page says class: "narrow", and the component "list wide"');
    expect(kept).toEqual(before);
  });

  test('an attribute that is missing, and one that should not be there', () => {
    const { warning } = correct((page) => {
      page.querySelector('ul')?.removeAttribute('class');
      page.querySelector('button')?.setAttribute('disabled', '');
    });
    expect(warning).toContain('at #app > ul the page says class: nothing');
    expect(warning).toContain('at #app > button the page says disabled: true, and the component false');
  });

  test('an element that is another one', () => {
    const { warning } = correct((page) => page.querySelector('li')?.replaceWith(document.createElement('p')));
    expect(warning).toContain('at #app > ul > li:nth-child(1) the page has <p>; the content of #app was made anew');
  });

  test('an element that is missing', () => {
    const { warning } = correct((page) => page.querySelector('li:last-child')?.remove());
    expect(warning).toContain('at #app > ul > li:nth-child(2) the page has nothing');
  });

  test('an element too many', () => {
    const { warning } = correct((page) => page.querySelector('ul')?.append(document.createElement('li')));
    expect(warning).toContain('behind #app > ul > li:nth-child(2) the page has <li>');
  });
});

test('an attribute that somebody else adds, as browser extensions do, is left alone', () => {
  const warn = vi.spyOn(console, 'warn');
  root.innerHTML = serverHtml(shelf, shelfProps);
  root.querySelector('h1')?.setAttribute('data-translated', 'yes');
  run(shelf);
  expect(root.querySelector('h1')?.hasAttribute('data-translated')).toBe(true);
  expect(warn).not.toHaveBeenCalled();
});

describe('what a person did before the script ran', () => {
  test('typing stays, and is told', async () => {
    root.innerHTML = serverHtml(form);
    const field = <T extends Element>(name: string): T => root.querySelector(`[name=${name}]`) as T;
    field<HTMLInputElement>('title').value = 'Akira';
    field<HTMLInputElement>('seen').checked = true;
    field<HTMLSelectElement>('genre').value = 'drama';
    field<HTMLTextAreaElement>('notes').value = 'twice';
    field<HTMLInputElement>('title').focus();
    field<HTMLInputElement>('title').setSelectionRange(2, 3);
    run(form);
    await expect.poll(() => root.querySelector('output')?.textContent).toBe('Akira true drama twice');
    expect(field<HTMLInputElement>('title').value).toBe('Akira');
    expect(field<HTMLInputElement>('title').selectionStart).toBe(2);
    expect(field<HTMLInputElement>('seen').checked).toBe(true);
    expect(field<HTMLSelectElement>('genre').value).toBe('drama');
    expect(field<HTMLTextAreaElement>('notes').value).toBe('twice');
  });

  test('fields that nobody touched get the values that HTML cannot say, and tell nothing', async () => {
    root.innerHTML = serverHtml(form);
    const heard = listenFor(root, 'input', 'change');
    run(form);
    expect(root.querySelector<HTMLSelectElement>('[name=genre]')?.value).toBe('comedy');
    expect(root.querySelector<HTMLTextAreaElement>('[name=notes]')?.value).toBe('none');
    await Promise.resolve();
    expect(heard).toEqual([]);
  });

  test('a click is delivered, once', async () => {
    root.innerHTML = serverHtml(shelf, shelfProps);
    await import('../../client-runtime/dom/early.ts');
    root.querySelector('button')?.click();
    run(shelf);
    await expect.poll(() => root.querySelectorAll('li').length).toBe(3);
    root.querySelector('button')?.click();
    await expect.poll(() => root.querySelectorAll('li').length).toBe(4);
  });

  test('is told when the effects of init are there to hear what it causes', async () => {
    const told: string[] = [];
    const listening = component<string, { type: 'Typed' }>({
      init: () => ['', effect.from(() => void told.push('init'))],
      update: (model, { type }) => [model, effect.from(() => void told.push(type))],
      view: () => html`<input @input=${{ type: 'Typed' }}>`,
    });
    root.innerHTML = serverHtml(listening);
    (root.querySelector('input') as HTMLInputElement).value = 'Akira';
    run(listening);
    await expect.poll(() => told).toEqual(['init', 'Typed']);
  });
});

describe('a page without content of the server', () => {
  test('shows the component with the props that start was given', () => {
    run(shelf, { title: 'Other', names: ['Akira'] });
    expect(root.querySelector('h1')?.textContent).toBe('Other: 1');
  });

  test('loses what stood in its place, without complaint', () => {
    const warn = vi.spyOn(console, 'warn');
    root.innerHTML = '<p>Loading…</p>';
    run(shelf, shelfProps);
    expect(root.textContent).not.toContain('Loading');
    expect(warn).not.toHaveBeenCalled();
  });
});

test('props given to start win over those of the page', () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  root.innerHTML = serverHtml(shelf, shelfProps);
  run(shelf, { title: 'Other', names: [] });
  expect(root.querySelector('h1')?.textContent).toBe('Other: 0');
});

test('an element can be given instead of a selector', () => {
  apps.push(start(shelf, root, shelfProps));
  expect(root.querySelector('h1')?.textContent).toBe('My shelf: 2');
});

test('a page without the element is an error that names it', () => {
  expect(() => start(shelf, '#missing', shelfProps)).toThrow("start: the page has no element '#missing'");
});

test('messages can be sent from outside', async () => {
  const app = run(shelf, shelfProps);
  app.dispatch({ type: 'UserClickedAdd' });
  await expect.poll(() => root.querySelectorAll('li').length).toBe(3);
});

test('what the app emits is an event of its element', async () => {
  const heard = listenFor(root, 'added');
  const app = run(shelf, shelfProps);
  app.dispatch({ type: 'UserClickedAdd' });
  await expect.poll(() => heard).toEqual([{ type: 'added', detail: 3 }]);
});

test('what the app emits leaves a shadow root around it, unless it says otherwise', async () => {
  const inside = document.createElement('div');
  root.attachShadow({ mode: 'open' }).append(inside);
  const shouting = component<null, { type: 'Loud' } | { type: 'Quiet' }>({
    init: () => [null, effect.none],
    update: (model, { type }) => [
      model,
      type === 'Loud' ? effect.emit('said', 'loud') : effect.emit('said', 'quiet', { composed: false }),
    ],
    view: () => html``,
  });
  const heard = listenFor(root, 'said');
  const app = start(shouting, inside);
  apps.push(app);
  app.dispatch({ type: 'Quiet' });
  app.dispatch({ type: 'Loud' });
  await expect.poll(() => heard).toEqual([{ type: 'said', detail: 'loud' }]);
});

test('a state machine can be an app, with its input from the page', async () => {
  root.innerHTML = serverHtml(light, { isOn: true });
  const button = root.querySelector('button');
  const app = start(light, root);
  apps.push(app);
  expect(root.textContent).toBe('on');
  app.dispatch({ type: 'UserToggled' });
  await expect.poll(() => root.textContent).toBe('off');
  root.querySelector('button')?.click();
  await expect.poll(() => root.textContent).toBe('on');
  expect(root.querySelector('button')).toBe(button);
});

test('an app that was stopped does nothing any more, and leaves what it shows', async () => {
  const app = run(clock);
  await expect.poll(() => Number(root.textContent)).toBeGreaterThan(1);
  app.stop();
  const last = root.textContent;
  expect(signals.at(-1)?.aborted).toBe(true);
  app.dispatch({ type: 'TimePassed' });
  await Promise.resolve();
  expect(root.textContent).toBe(last);
});

test('an app refuses a message that throws, and goes on', async () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
  const heard = listenFor(root, 'islet:refused');
  const app = run(fragile);
  app.dispatch({ type: 'Counted' });
  app.dispatch({ type: 'Broke' });
  app.dispatch({ type: 'Counted' });
  await expect.poll(() => root.textContent).toBe('2');
  expect(complain).toHaveBeenCalledOnce();
  expect(heard).toEqual([{ type: 'islet:refused', detail: { code: 'ISLET_ERR_MESSAGE_REFUSED' } }]);
  expect(root.hasAttribute('data-failed')).toBe(false);
});

test('an app that refuses a message on purpose says why, to the page alone', async () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
  const heard = listenFor(root, 'islet:refused');
  const app = run(
    component<number, { type: 'Counted' }>({
      init: () => [0, effect.none],
      update(count) {
        if (count > 0) throw new Refused('One is enough.');
        return [count + 1, effect.none];
      },
      view: (count) => html`<p>${count}</p>`,
    }),
  );
  app.dispatch({ type: 'Counted' });
  app.dispatch({ type: 'Counted' });
  await expect.poll(() => heard.length).toBe(1);
  expect(heard[0]?.detail).toEqual({ code: 'ISLET_ERR_MESSAGE_REFUSED', message: 'One is enough.' });
  expect(complain).not.toHaveBeenCalled();
});

test('an app refuses a message that asks for a durable task, says where those are done, and goes on', async () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
  const heard = listenFor(root, 'islet:refused');
  const mail = task<string>('mail');
  const app = run(
    component<number, { type: 'Counted' | 'Asked' }>({
      init: () => [0, effect.none],
      update: (count, { type }) => [count + 1, type === 'Asked' ? effect.task(mail, 'a') : effect.none],
      view: (count) => html`<p>${count}</p>`,
    }),
  );
  app.dispatch({ type: 'Counted' });
  app.dispatch({ type: 'Asked' });
  app.dispatch({ type: 'Counted' });
  await expect.poll(() => root.textContent).toBe('2');
  expect(complain.mock.calls.flat().join(' ')).toContain('effect.task is for server components with persist: true');
  expect(heard).toEqual([{ type: 'islet:refused', detail: { code: 'ISLET_ERR_MESSAGE_REFUSED' } }]);
});

test('an app that cannot start says so on its element, until it can', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  let isBroken = true;
  const app = component<number, { type: 'Counted' }>({
    init() {
      if (isBroken) throw new Error('this init is meant to fail');
      return [7, effect.none];
    },
    update: (model) => [model, effect.none],
    view: (model) => html`<p>${model}</p>`,
  });
  run(app);
  expect(root.hasAttribute('data-failed')).toBe(true);
  isBroken = false;
  await expect.poll(() => root.textContent).toBe('7');
  expect(root.hasAttribute('data-failed')).toBe(false);
});

interface Shelf {
  readonly title: string;
  readonly names: readonly string[];
}

const shelfProps: Shelf = { title: 'My shelf', names: ['Bebop', 'Mob'] };

const shelf = component<Shelf, { type: 'UserClickedAdd' }, Shelf>({
  init: (props) => [props, effect.none],
  update: (model) => [
    { ...model, names: [...model.names, `Number ${model.names.length}`] },
    effect.emit('added', model.names.length + 1),
  ],
  view: ({ title, names }) => html`
    <h1>${title}: ${names.length}</h1>
    <ul class="list ${'wide'}">${keyed(
      names,
      (name) => name,
      (name) => html`<li>${name}</li>`,
    )}</ul>
    <button type="button" ?disabled=${names.length > 9} @click=${{ type: 'UserClickedAdd' }}>Add</button>
    ${names.length > 5 ? html`<p>Many</p>` : null}
  `,
});

const raw = component<string, { type: 'UserClicked' }>({
  init: () => ['<b>a</b> and <b>b</b>', effect.none],
  update: () => ['<i>c</i>', effect.none],
  view: (markup) => html`<div>${unsafeHtml(markup)}</div><p>${unsafeHtml(markup)}!</p>
    <button @click=${{ type: 'UserClicked' }}>Change</button>`,
});

type Form = { title: string; seen: boolean; genre: string; notes: string };

const form = component<Form, { type: 'Typed'; change: Partial<Form> }>({
  init: () => [{ title: '', seen: false, genre: 'comedy', notes: 'none' }, effect.none],
  update: (model, { change }) => [{ ...model, ...change }, effect.none],
  view: ({ title, seen, genre, notes }) => html`
    <input name="title" .value=${title} @input=${({ value = '' }) => ({ type: 'Typed', change: { title: value } })}>
    <input name="seen" type="checkbox" .checked=${seen}
      @change=${({ checked = false }) => ({ type: 'Typed', change: { seen: checked } })}>
    <select name="genre" .value=${genre} @change=${({ value = '' }) => ({ type: 'Typed', change: { genre: value } })}>
      <option value="action">Action</option><option value="comedy">Comedy</option><option value="drama">Drama</option>
    </select>
    <textarea name="notes" .value=${notes}
      @input=${({ value = '' }) => ({ type: 'Typed', change: { notes: value } })}></textarea>
    <output>${title} ${String(seen)} ${genre} ${notes}</output>
  `,
});

const machine = setup({
  types: { events: {} as { type: 'UserToggled' }, input: {} as { isOn: boolean }, context: {} as { isOn: boolean } },
}).createMachine({
  context: ({ input }) => input,
  on: { UserToggled: { actions: assign({ isOn: ({ context }) => !context.isOn }) } },
});

const light = component({
  machine,
  view: ({ context }) => html`<button @click=${{ type: 'UserToggled' }}>${context.isOn ? 'on' : 'off'}</button>`,
});

const signals: AbortSignal[] = [];

const clock = component<number, { type: 'TimePassed' }>({
  init: () => [
    0,
    effect.batch([effect.every(5, { type: 'TimePassed' }), effect.from((_, { signal }) => void signals.push(signal))]),
  ],
  update: (model) => [model + 1, effect.none],
  view: (model) => html`${model}`,
});

const fragile = component<number, { type: 'Counted' } | { type: 'Broke' }>({
  init: () => [0, effect.none],
  update(model, { type }) {
    if (type === 'Broke') throw new Error('this update is meant to fail');
    return [model + 1, effect.none];
  },
  view: (model) => html`<p>${model}</p>`,
});

function run<Model, Message extends AnyMessage, Props>(
  component: Component<Model, Message, Props>,
  props?: Props,
): App<Message> {
  const app = start(component, '#app', props);
  apps.push(app);
  return app;
}

function nodesOf(parent: Node): Node[] {
  return [...parent.childNodes].flatMap((node) => [node, ...nodesOf(node)]);
}

function isScript(node: Node): boolean {
  return (node instanceof Element ? node : node.parentElement)?.localName === 'script';
}

function listenFor(target: EventTarget, ...types: string[]): { type: string; detail?: unknown }[] {
  const heard: { type: string; detail?: unknown }[] = [];
  for (const type of types) {
    target.addEventListener(type, (event) => heard.push({ type, detail: (event as CustomEvent).detail }));
  }
  return heard;
}
