// Client components in documents that the server renders: what stands in the HTML for those without JavaScript, and for
// the browser to adopt. That it is adopted is tested in test/e2e/register.test.ts.

import Fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { clientComponent, islet } from '../server/index.ts';
import { type Component, component, effect, html } from '../shared/index.ts';
import type { ElementOptions } from '../shared/language/element-options.ts';
import { answer } from './support/answer.ts';

type Message = { readonly type: 'ParentSetText'; readonly text: string };

function define(options: ElementOptions<string, Message> = {}): Component<string, Message, unknown> {
  return component<string, Message>({
    name: 'test-text',
    init: () => ['nothing', effect.none],
    update: (_, { text }) => [text, effect.none],
    view: (text) => html`<p>${text}</p>`,
    attributes: { text: (text) => ({ type: 'ParentSetText', text: text ?? '' }) },
    ...options,
  });
}

const logged: unknown[] = [];
afterEach(() => logged.splice(0));

async function render(content: object): Promise<string> {
  const stream = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const app = Fastify({ logger: { level: 'error', stream } });
  await app.register(islet, { components: [answer] });
  app.get('/', (_, reply) => reply.html(html`${content}`));
  const { payload } = await app.inject('/');
  await app.close();
  return payload;
}

test('an element without a shadow root holds its first view', async () => {
  expect(await render(clientComponent(define()))).toBe('<test-text><p>nothing</p></test-text>');
});

test('its attributes are there, and those that it declares have been told', async () => {
  const attributes = { text: 'a "quoted" <text>', 'data-other': '1' };
  expect(await render(clientComponent(define(), { attributes }))).toBe(
    '<test-text text="a &quot;quoted&quot; &lt;text&gt;" data-other="1"><p>a "quoted" &lt;text&gt;</p></test-text>',
  );
});

test('a shadow root is declared, with its own styles and not those of the page', async () => {
  const styles = ['page', 'p { color: red }', 'a::after { content: "</style>" }'];
  const text = define({ shadow: { mode: 'closed', delegatesFocus: true, styles } });
  expect(await render(clientComponent(text))).toBe(
    '<test-text><template shadowrootmode="closed" shadowrootdelegatesfocus><p>nothing</p>' +
      '<style data-islet>p { color: red }\na::after { content: "\\3c /style>" }</style></template></test-text>',
  );
});

test('children for its slots stand beside the shadow root', async () => {
  const content = html`<b slot="title">${'A & B'}</b>`;
  expect(await render(clientComponent(define({ shadow: 'open' }), { content }))).toBe(
    '<test-text><template shadowrootmode="open"><p>nothing</p></template><b slot="title">A &amp; B</b></test-text>',
  );
});

test('client components in its view are rendered, too', async () => {
  const view = () => html`<test-answer text="inner"></test-answer>`;
  const outer = component<null, Message>({ ...empty, name: 'test-outer', view });
  expect(await render(clientComponent(outer))).toContain('<output>5<!----> characters</output>');
});

test('a view that throws leaves the element empty, and says so in the log', async () => {
  const broken = component<null, Message>({
    ...empty,
    name: 'test-broken',
    view: () => {
      throw new Error('meant to fail');
    },
  });
  expect(await render(html`<p>before</p>${clientComponent(broken)}<p>after</p>`)).toBe(
    '<p>before</p><test-broken></test-broken><p>after</p>',
  );
  expect(logged).toMatchObject([{ component: 'test-broken', err: { message: 'meant to fail' } }]);
});

test('a component without a name, and an attribute that is none, are refused', async () => {
  const { name: _, ...nameless } = define();
  expect(() => clientComponent(nameless)).toThrow('ISLET_ERR_REGISTER');
  expect(await render(clientComponent(define(), { attributes: { onclick: 'alert(1)' } }))).toContain('500');
  expect(logged).toMatchObject([{ err: { code: 'ISLET_ERR_ROUTE' } }]);
});

const empty = {
  init: (): readonly [null, typeof effect.none] => [null, effect.none],
  update: (): readonly [null, typeof effect.none] => [null, effect.none],
};
