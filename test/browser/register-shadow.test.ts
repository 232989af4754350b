// Components with a shadow root: slots, parts, styles of the page and of their own, focus, and shadow roots that came
// with the page.

import { describe, expect, test } from 'vitest';
import { register } from '../../client-runtime/app/register.ts';
import { component, effect, html, type Template } from '../../shared/index.ts';
import type { ShadowOptions } from '../../shared/language/element-options.ts';
import { nextName, rendered, show } from '../support/elements.ts';

type Message = { type: 'UserClicked' };

type Shadow = 'open' | 'closed' | ShadowOptions | undefined;

function define(view: (count: number) => Template<Message>, shadow?: Shadow, name = nextName()): string {
  const definition = component<number, Message>({
    name,
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.none],
    view,
    ...(shadow && { shadow }),
  });
  register(definition);
  return name;
}

const counter = (count: number): Template<Message> =>
  html`<button part="button" @click=${{ type: 'UserClicked' }}>${count}</button>`;

/** What a server would make of `view` at first is `content`. */
const view = (count: number): Template<Message> =>
  html`<p>Count</p><button @click=${{ type: 'UserClicked' }}>${count}</button>`;
const content = '<p>Count</p><button>0</button>';

const within = (element: Element, selector: string): HTMLElement =>
  element.shadowRoot?.querySelector(selector) as HTMLElement;

describe('the shadow root', () => {
  test('is none unless one is wanted', async () => {
    const name = define(counter);
    const element = await show(`<${name}></${name}>`);
    expect(element.shadowRoot).toBe(null);
    expect(element.textContent).toBe('0');
  });

  test('is open for everybody, and the children of the element stay its own', async () => {
    const name = define(counter, 'open');
    const element = await show(`<${name}>mine</${name}>`);
    within(element, 'button').click();
    await rendered();
    expect(element.shadowRoot?.textContent).toBe('1');
    expect(element.textContent).toBe('mine');
  });

  test('is closed to everybody else', async () => {
    const name = define(counter, { mode: 'closed' });
    const element = await show(`<${name}></${name}>`);
    expect(element.shadowRoot).toBe(null);
    expect(element.textContent).toBe('');
    expect(element.offsetHeight).toBeGreaterThan(0);
  });

  test('gives the focus to its first control if it is to', async () => {
    const name = define(counter, { mode: 'open', delegatesFocus: true });
    const element = await show(`<${name}></${name}>`);
    element.focus();
    expect(element.shadowRoot?.activeElement).toBe(within(element, 'button'));
  });
});

describe('slots', () => {
  test('show the children of the element, by name and by default', async () => {
    const name = define(() => html`<h2><slot name="title">Untitled</slot></h2><slot></slot>`, 'open');
    const element = await show(`<${name}><b slot="title">A title</b><p>Text</p></${name}>`);
    const [title, rest] = element.shadowRoot?.querySelectorAll('slot') ?? [];
    expect(title?.assignedElements().map(({ outerHTML }) => outerHTML)).toEqual(['<b slot="title">A title</b>']);
    expect(rest?.assignedElements().map(({ outerHTML }) => outerHTML)).toEqual(['<p>Text</p>']);
  });

  test('show their own content where there are no children', async () => {
    const name = define(() => html`<slot name="title">Untitled</slot>`, 'open');
    const element = await show(`<${name}></${name}>`);
    const slot = within(element, 'slot') as HTMLSlotElement;
    expect(slot.assignedNodes({ flatten: true }).map(({ textContent }) => textContent)).toEqual(['Untitled']);
  });

  test('are filled by a component that uses the element, and changed by it', async () => {
    define(() => html`<slot></slot>`, 'open', 'test-card');
    const outer = define(
      (count) => html`<test-card><button @click=${{ type: 'UserClicked' }}>${count}</button></test-card>`,
    );
    const element = await show(`<${outer}></${outer}>`);
    const button = element.querySelector('button') as HTMLElement;
    button.click();
    await rendered();
    expect(button.innerText).toBe('1');
    expect(button.assignedSlot?.getRootNode()).toBe(element.querySelector('test-card')?.shadowRoot);
  });
});

describe('parts', () => {
  test('are styled from outside, also through another shadow root', async () => {
    define(counter, 'open', 'test-inner');
    const outer = define(() => html`<test-inner exportparts="button: pressed"></test-inner>`, 'open');
    await show(`<${outer}></${outer}><style>${outer}::part(pressed) { color: rgb(1, 2, 3) }</style>`);
    const element = within(document.body.firstElementChild as Element, 'test-inner');
    expect(getComputedStyle(within(element, 'button')).color).toBe('rgb(1, 2, 3)');
  });
});

describe('styles', () => {
  const colorOf = (element: Element): string => getComputedStyle(within(element, 'button')).color;

  test("are the page's, and follow it", async () => {
    const style = document.createElement('style');
    style.textContent = 'button { color: rgb(1, 0, 0) }';
    document.head.append(style);
    const name = define(counter, 'open');
    const element = await show(`<${name}></${name}>`);
    expect(colorOf(element)).toBe('rgb(1, 0, 0)');
    style.textContent = 'button { color: rgb(2, 0, 0) }';
    await rendered();
    expect(colorOf(element)).toBe('rgb(2, 0, 0)');
    style.media = 'print';
    await rendered();
    expect(colorOf(element)).not.toBe('rgb(2, 0, 0)');
    style.remove();
  });

  test('do not follow the page while the element is not in it', async () => {
    const name = define(counter, 'open');
    const element = await show(`<${name}></${name}>`);
    element.remove();
    await rendered();
    const before = element.shadowRoot?.adoptedStyleSheets[0];
    const style = document.createElement('style');
    style.textContent = 'button { color: rgb(6, 0, 0) }';
    document.head.append(style);
    await rendered();
    expect(element.shadowRoot?.adoptedStyleSheets[0]).toBe(before);
    document.body.append(element);
    expect(colorOf(element)).toBe('rgb(6, 0, 0)');
    style.remove();
  });

  test("take in the page's sheets that load later, with their own addresses and imports", async () => {
    const imported = URL.createObjectURL(
      new Blob(['button { outline: 3px solid rgb(5, 0, 0) }'], { type: 'text/css' }),
    );
    const sheet = `@import url("${imported}"); button { color: rgb(3, 0, 0); background-image: url("#own") }`;
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = URL.createObjectURL(new Blob([sheet], { type: 'text/css' }));
    const name = define(counter, 'open');
    const element = await show(`<${name}></${name}>`);
    const loaded = new Promise((resolve) => link.addEventListener('load', resolve));
    document.head.append(link);
    await loaded;
    await rendered();
    expect(colorOf(element)).toBe('rgb(3, 0, 0)');
    const { backgroundImage, outlineColor } = getComputedStyle(within(element, 'button'));
    expect(backgroundImage).toBe('url("#own")');
    expect(outlineColor).toBe('rgb(5, 0, 0)');
    link.remove();
    await rendered();
    expect(colorOf(element)).not.toBe('rgb(3, 0, 0)');
  });

  test("take in the page's constructed sheets", async () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('button { color: rgb(4, 0, 0) }');
    document.adoptedStyleSheets.push(sheet);
    const name = define(counter, 'open');
    expect(colorOf(await show(`<${name}></${name}>`))).toBe('rgb(4, 0, 0)');
    document.adoptedStyleSheets.pop();
  });

  test('are its own if it has some, and no others', async () => {
    const style = document.createElement('style');
    style.textContent = 'button { color: rgb(1, 0, 0); outline: 3px solid rgb(1, 0, 0) }';
    document.head.append(style);
    const own = 'button { color: rgb(0, 0, 9) } :host { display: block }';
    const alone = define(counter, { mode: 'open', styles: own });
    const both = define(counter, { mode: 'closed', styles: ['page', own] });
    const [first, second] = (await show(`<div><${alone}></${alone}><${both}></${both}></div>`)).children;
    expect(colorOf(first as Element)).toBe('rgb(0, 0, 9)');
    expect(getComputedStyle(first as Element).display).toBe('block');
    expect(getComputedStyle(within(first as Element, 'button')).outlineStyle).toBe('none');
    expect(getComputedStyle(second as Element).display).toBe('block');
    style.remove();
  });

  test('are made once for all elements of a component', async () => {
    const name = define(counter, { mode: 'open', styles: 'button { color: rgb(0, 0, 9) }' });
    const [first, second] = (await show(`<div><${name}></${name}><${name}></${name}></div>`)).children;
    expect(first?.shadowRoot?.adoptedStyleSheets).toHaveLength(1);
    expect(first?.shadowRoot?.adoptedStyleSheets[0]).toBe(second?.shadowRoot?.adoptedStyleSheets[0]);
  });
});

describe('a shadow root that came with the page', () => {
  const showParsed = async (markup: string): Promise<HTMLElement> => {
    document.body.setHTMLUnsafe(markup);
    await rendered();
    return document.body.firstElementChild as HTMLElement;
  };

  test('is adopted node for node', async () => {
    const name = nextName();
    const element = await showParsed(`<${name}><template shadowrootmode="open">${content}</template></${name}>`);
    const nodes = [...(element.shadowRoot?.childNodes ?? [])];
    expect(nodes).toHaveLength(2);
    define(view, 'open', name);
    await rendered();
    expect([...(element.shadowRoot?.childNodes ?? [])]).toEqual(nodes);
    expect(within(element, 'button')).toBe(nodes[1]);
    within(element, 'button').click();
    await rendered();
    expect(within(element, 'button').innerText).toBe('1');
  });

  test('is adopted when it is closed', async () => {
    const name = nextName();
    const element = await showParsed(`<${name}><template shadowrootmode="closed">${content}</template></${name}>`);
    define(view, 'closed', name);
    await rendered();
    expect(element.querySelector('template')).toBe(null);
    expect(element.offsetHeight).toBeGreaterThan(0);
  });

  test('gives up the styles that it brought for its own', async () => {
    const name = nextName();
    const style = '<style data-islet>button { color: rgb(9, 9, 9) }</style>';
    const element = await showParsed(
      `<${name}><template shadowrootmode="open">${content}${style}</template></${name}>`,
    );
    const button = within(element, 'button');
    const styles = 'button { color: rgb(8, 8, 8) }';
    const shadow = { mode: 'open', styles } as const;
    define(view, shadow, name);
    await rendered();
    expect(within(element, 'button')).toBe(button);
    expect(getComputedStyle(button).color).toBe('rgb(8, 8, 8)');
  });

  test('is drawn anew when it is something else', async () => {
    const name = nextName();
    const element = await showParsed(`<${name}><template shadowrootmode="open"><p>old</p></template></${name}>`);
    define(view, 'open', name);
    await rendered();
    expect(element.shadowRoot?.innerHTML).toBe(content);
  });
});

describe('content that came with the page in an element without a shadow root', () => {
  test('is adopted before what its properties say, which the server did not know', async () => {
    const name = nextName();
    const element = await show(`<${name}><ul><li>none</li></ul></${name}>`);
    Object.assign(element, { rows: ['a', 'b'] });
    const item = element.querySelector('li');
    const definition = component<readonly string[], { type: 'ParentSetRows'; rows: unknown }>({
      name,
      init: () => [['none'], effect.none],
      update: (_, { rows }) => [rows as string[], effect.none],
      view: (rows) => html`<ul>${rows.map((row) => html`<li>${row}</li>`)}</ul>`,
      properties: { rows: (rows) => ({ type: 'ParentSetRows', rows }) },
    });
    register(definition);
    await rendered();
    expect([...element.querySelectorAll('li')].map(({ textContent }) => textContent)).toEqual(['a', 'b']);
    expect(element.querySelector('li')).toBe(item);
  });

  test('is adopted node for node', async () => {
    const name = nextName();
    const element = await show(`<${name}>${content}</${name}>`);
    const nodes = [...element.childNodes];
    define(view, undefined, name);
    await rendered();
    element.querySelector('button')?.click();
    await rendered();
    expect(nodes).toHaveLength(2);
    expect([...element.childNodes]).toEqual(nodes);
    expect(element.querySelector('button')).toBe(nodes[1]);
    expect(element.querySelector('button')?.innerText).toBe('1');
  });
});
