// Registered components in whole pages: rendered by the server first, inside a server component's view, and in forms to
// which a person comes back.

import Fastify from 'fastify';
import type { Locator, Page, Route } from 'playwright';
import { expect, test } from 'vitest';
import { clientComponent, islet, serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { answer } from '../support/answer.ts';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';

type Message = { readonly type: 'UserAnswered'; readonly text: unknown } | { readonly type: 'UserReset' };

/** A server component that gives a client component its text and its property, and hears its event. */
const outer = component<{ readonly text: string; readonly heard: readonly unknown[] }, Message>({
  init: () => [{ text: 'from the server', heard: [] }, effect.none],
  update: (model, message) =>
    message.type === 'UserReset'
      ? [{ ...model, text: 'reset' }, effect.none]
      : [{ ...model, heard: [...model.heard, message.text] }, effect.none],
  view: ({ text, heard }) => html`
    <test-answer text=${text} @answer=${({ detail }) => ({ type: 'UserAnswered', text: detail })}></test-answer>
    <test-answer .answer=${{ heard }}></test-answer>
    <button @click=${{ type: 'UserReset' }}>Reset</button>
    <p>${JSON.stringify(heard)}</p>
  `,
});

const site = servePages(
  async () => {
    const app = Fastify();
    await app.register(islet, { components: [answer] });
    app.islet.route('/ws/outer', outer);
    await servePageScript(app, '/answer.js', 'test/support/register-answer.ts');
    app.get('/outer', (_, reply) => reply.html(pageWith(serverComponent({ route: '/ws/outer' }))));
    app.get('/styles/page.css', (_, reply) => reply.type('text/css').send('input { background: url(field.png) }'));
    app.get('/empty', (_, reply) => reply.html(pageWith(html`<p>Another page</p>`)));
    app.get('/form', (_, reply) =>
      reply
        .header('cache-control', 'no-store')
        .html(
          pageWith(
            html`<form action="/empty">${clientComponent(answer, { attributes: { name: 'answer' } })}<button>Send</button></form>`,
          ),
        ),
    );
    return app;
  },
  { appFor: 'all tests' },
);

const pageWith = (content: object) => html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>Answers</title>
      <link rel="stylesheet" href="/styles/page.css">
      <script type="module" src="/answer.js"></script>
    </head>
    <body>${content}</body>
  </html>
`;

const colorOf = (locator: Locator): Promise<string> => locator.evaluate((element) => getComputedStyle(element).color);

test('a view that holds a client component shows it, styled, without JavaScript', async () => {
  const page = await site.open('/outer', { javaScriptEnabled: false });
  expect(await page.locator('test-answer output').allTextContents()).toEqual(['15 characters', '0 characters']);
  expect(await colorOf(page.locator('test-answer output').first())).toBe('rgb(1, 2, 3)');
});

test('what the server rendered in its shadow root stays, node for node, and its style is not there twice', async () => {
  const page = await site.newPage();
  const held = new Promise<Route>((hold) => page.route('**/answer.js', hold));
  const loading = page.goto(`${site.address}/form`);
  const output = page.locator('test-answer output');
  await output.waitFor();
  const before = await output.elementHandle();
  await (await held).continue();
  await loading;
  await page.getByLabel('Answer').fill('abc');
  await expect.poll(() => output.textContent()).toBe('3 characters');
  expect(await output.evaluate((element, old) => element === old, before)).toBe(true);
  expect(await page.locator('test-answer style').count()).toBe(0);
  expect(await colorOf(output)).toBe('rgb(1, 2, 3)');
});

test("the page's style sheet is used in a shadow root, with addresses as in the page", async () => {
  const page = await open('/form');
  const background = () => page.getByLabel('Answer').evaluate((element) => getComputedStyle(element).backgroundImage);
  await expect.poll(background).toBe(`url("${site.address}/styles/field.png")`);
});

test('inside a server component, attributes and properties go in and events come out', async () => {
  const page = await open('/outer');
  const [first, second] = [page.locator('test-answer').first(), page.locator('test-answer').last()];
  expect(await first.getByLabel('Answer').inputValue()).toBe('from the server');
  await expect.poll(() => second.getByLabel('Answer').inputValue()).toBe('{"heard":[]}');

  await first.getByLabel('Answer').fill('typed');
  await expect.poll(() => page.locator('p').textContent()).toBe('["typed"]');
  await expect.poll(() => second.getByLabel('Answer').inputValue()).toBe('{"heard":["typed"]}');
  // what the outer one rendered since is no news for the inner one
  expect(await first.getByLabel('Answer').inputValue()).toBe('typed');

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect.poll(() => first.getByLabel('Answer').inputValue()).toBe('reset');
});

test('a person who comes back to a form finds the value that was there', async () => {
  const page = await open('/form');
  await page.getByLabel('Answer').fill('written before');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/empty?answer=written+before');
  await page.goBack();
  await expect.poll(() => page.getByLabel('Answer').inputValue()).toBe('written before');
  expect(await page.locator('output').textContent()).toBe('14 characters');
});

async function open(path: string): Promise<Page> {
  const page = await site.open(path);
  await page.locator('test-answer:defined').first().waitFor();
  return page;
}
