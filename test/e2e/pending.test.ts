// Pending is visible: a control whose event is under way says so, and so does its island. A proxy makes the way long.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html, on } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

type Message = { readonly type: 'UserClicked' | 'UserBroke' | 'UserSubmitted'; readonly fields?: unknown };

const order = component<{ readonly clicks: number; readonly sent: readonly unknown[] }, Message>({
  init: () => [{ clicks: 0, sent: [] }, effect.none],
  update: (model, message) => {
    if (message.type === 'UserBroke') throw new Error('meant to be thrown');
    if (message.type === 'UserClicked') return [{ ...model, clicks: model.clicks + 1 }, effect.none];
    return [{ ...model, sent: [...model.sent, message.fields ?? 'plain'] }, effect.none];
  },
  view: ({ clicks, sent }) => html`
    <button id="click" class=${`c${clicks}`} @click=${{ type: 'UserClicked' }}><b>Click</b></button>
    <button id="break" @click=${{ type: 'UserBroke' }}>Break</button>
    <form id="order" @submit=${on<Message>(({ fields }) => ({ type: 'UserSubmitted', fields }))}>
      <input name="title"><input name="toggleAttribute"><button>Order</button>
    </form>
    <form id="plain" @submit=${{ type: 'UserSubmitted' }}><input name="title"><button>Order</button></form>
    <output>${clicks} ${JSON.stringify(sent)}</output>
  `,
});

const serve = (): Promise<TestServer> =>
  startServer((app) => {
    app.islet.route('/ws/order', order);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/order' }))));
  });

async function open() {
  const server = await serve();
  const proxy = await startProxy(server.url);
  const page = await newPage();
  await page.goto(proxy.url);
  await page.locator('server-component:state(live)').waitFor();
  return {
    page,
    proxy,
    server,
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const pendingIn = (page: Page): Promise<string[]> =>
  page.evaluate(() => Array.from(document.querySelectorAll('[data-pending]'), (each) => each.id || each.localName));
const isPending = (page: Page): Promise<boolean> =>
  page.evaluate(() => !!document.querySelector('server-component:state(pending)'));
const shown = (page: Page): Promise<string | null> => page.locator('output').textContent();

test('a button has data-pending from its click until the outcome is known, and its island the state', async () => {
  await using scene = await open();
  const { page, proxy } = scene;
  expect([await pendingIn(page), await isPending(page)]).toEqual([[], false]);
  proxy.hold('toClient');
  await page.locator('#click b').click();
  expect([await pendingIn(page), await isPending(page)]).toEqual([['click'], true]);
  proxy.release('toClient');
  await expect.poll(() => shown(page)).toBe('1 []');
  await expect.poll(async () => [await pendingIn(page), await isPending(page)]).toEqual([[], false]);
  expect(await page.locator('#click').getAttribute('class')).toBe('c1');
});

test('two clicks before the first rendering are two', async () => {
  await using scene = await open();
  const { page, proxy } = scene;
  proxy.hold('toClient');
  await page.locator('#click').click();
  await page.locator('#click').click();
  proxy.release('toClient');
  await expect.poll(() => shown(page)).toBe('2 []');
  await expect.poll(() => pendingIn(page)).toEqual([]);
});

test('it ends when the event is refused', async () => {
  await using scene = await open();
  const { page, proxy } = scene;
  proxy.hold('toClient');
  await page.locator('#break').click();
  expect(await pendingIn(page)).toEqual(['break']);
  proxy.release('toClient');
  await expect.poll(async () => [await pendingIn(page), await isPending(page)]).toEqual([[], false]);
});

test('it ends when nobody knows what became of the event, which is told', async () => {
  await using scene = await open();
  const { page, proxy, server } = scene;
  const told = page.evaluate(
    () => new Promise((tell) => addEventListener('islet:dropped', (event) => tell((event as CustomEvent).detail.why))),
  );
  proxy.hold('toClient');
  await page.locator('#click').click();
  expect([await pendingIn(page), await isPending(page)]).toEqual([['click'], true]);
  proxy.refuse();
  proxy.release();
  await server[Symbol.asyncDispose]();
  // it is still waited for
  expect([await pendingIn(page), await isPending(page)]).toEqual([['click'], true]);
  await using another = await serve();
  proxy.target = another.url;
  proxy.accept();
  expect(await told).toBe('unknown');
  await expect.poll(async () => [await pendingIn(page), await isPending(page)]).toEqual([[], false]);
});

test('it ends when the island fails, and when it may not be seen any more', async () => {
  await using scene = await open();
  const { page, proxy, server } = scene;
  proxy.hold('toServer');
  await page.locator('#click').click();
  expect([await pendingIn(page), await isPending(page)]).toEqual([['click'], true]);
  server.app.islet.revoke(() => true);
  await page.locator(':state(failed)').waitFor();
  expect([await pendingIn(page), await isPending(page)]).toEqual([[], false]);
});

test('it ends when the island leaves the page', async () => {
  await using scene = await open();
  const { page, proxy } = scene;
  proxy.hold('toClient');
  await page.locator('#click').click();
  const left = await page.evaluate(async () => {
    const element = document.querySelector('server-component') as Element;
    element.remove();
    await new Promise((resolve) => setTimeout(resolve));
    return [element.querySelector('[data-pending]'), element.matches(':state(pending)')];
  });
  expect(left).toEqual([null, false]);
});

test('the same form with equal fields is not submitted while it is under way; with others it is', async () => {
  await using scene = await open();
  const { page, proxy } = scene;
  const title = page.locator('#order [name=title]');
  proxy.hold('toClient');
  await title.fill('a');
  await title.press('Enter');
  expect(await pendingIn(page)).toEqual(['order', 'button']);
  await title.press('Enter');
  await page.locator('#order button').click();
  await title.fill('b');
  await title.press('Enter');
  await title.press('Enter');
  // a form whose handler wants no data is compared by its fields, too
  const plain = page.locator('#plain [name=title]');
  for (const text of ['c', 'c', 'd']) {
    await plain.fill(text);
    await plain.press('Enter');
  }
  proxy.release('toClient');
  const fields = (text: string) => ({ title: text, toggleAttribute: '' });
  await expect.poll(() => shown(page)).toBe(`0 ${JSON.stringify([fields('a'), fields('b'), 'plain', 'plain'])}`);
  await expect.poll(() => pendingIn(page)).toEqual([]);
  // when it has been settled it is another one
  await title.press('Enter');
  await expect
    .poll(() => shown(page))
    .toContain(JSON.stringify([fields('a'), fields('b'), 'plain', 'plain', fields('b')]));
});
