// What a page does when its connection is bad: real browser, real server, and between them a proxy that cuts, delays
// and holds back. Events must arrive in order and once, and the page must say how it stands.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { counter } from '../support/counter.ts';
import { documentWith } from '../support/document.ts';
import { readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

const letters = ['a', 'b', 'c'] as const;

/** Writes down what was pressed; `!` makes it fail. */
const journal = component<string, { type: 'UserPressed'; letter: string }>({
  init: () => ['', effect.none],
  update: (text, { letter }) => {
    if (letter === '!') throw new Error('this is meant to fail');
    return [text + letter, effect.none];
  },
  view: (text) => html`
    ${[...letters, '!'].map((letter) => html`<button @click=${{ type: 'UserPressed', letter }}>${letter}</button>`)}
    <output>${text}</output>
  `,
});

async function startJournal(options: Parameters<typeof startServer>[1] = {}): Promise<TestServer> {
  return startServer((app) => {
    app.islet.route('/ws/journal', journal, { shared: true });
    app.islet.route('/ws/counter', counter);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/journal' }))));
    app.get('/counter', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/counter' }))));
    app.get('/counters', (_, reply) =>
      reply.html(documentWith([serverComponent({ route: '/ws/counter' }), serverComponent({ route: '/ws/counter' })])),
    );
  }, options);
}

test('events made while disconnected are delivered in order, once, when the connection is back', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  await press(page, 'a');
  await expect.poll(() => written(page)).toBe('a');
  proxy.refuse();
  await state(page, 'offline');
  await press(page, 'b', 'c', 'b', 'a');
  proxy.accept();
  await expect.poll(() => written(page)).toBe('abcba');
  await press(page, 'c');
  await expect.poll(() => written(page)).toBe('abcbac');
});

test('an event whose answer was lost is not delivered twice', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  proxy.hold('toClient');
  await press(page, 'a', 'b');
  await expect.poll(() => server.app.inject('/').then(({ payload }) => payload)).toContain('<output>ab</output>');
  proxy.cut();
  proxy.release();
  await state(page, 'offline');
  await press(page, 'c');
  await expect.poll(() => written(page)).toBe('abc');
});

test('an event that was lost under way is delivered again', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  proxy.hold('toServer');
  await press(page, 'a', 'b');
  proxy.cut();
  proxy.release();
  await expect.poll(() => written(page)).toBe('ab');
});

test('events under way while the actor is started again are delivered once', async () => {
  await using server = await startJournal({ restart: { backoffMs: 1 } });
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  proxy.hold('toClient');
  await press(page, 'a', '!');
  await expect.poll(() => server.errors).toHaveLength(1);
  await press(page, 'b', 'c');
  await expect.poll(() => server.app.inject('/').then(({ payload }) => payload)).toContain('<output>abc</output>');
  proxy.release();
  await expect.poll(() => written(page)).toBe('abc');
  await press(page, 'a');
  await expect.poll(() => written(page)).toBe('abca');
});

test('an event fired by a listener of the state keeps its place behind those that waited', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  proxy.refuse();
  await state(page, 'offline');
  await page.evaluate(() => {
    addEventListener('islet:state', (event) => {
      if ((event as CustomEvent).detail.state === 'live') document.querySelectorAll('button')[2]?.click();
    });
  });
  await press(page, 'a', 'b');
  proxy.accept();
  await expect.poll(() => written(page)).toBe('abc');
});

test('the element says how it stands, as states and as events', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await newPage();
  await page.addInitScript(() => {
    const states: string[] = [];
    Object.assign(window, { states });
    addEventListener('islet:state', (event) => {
      const { state } = (event as CustomEvent).detail;
      states.push(`${state} ${(event.target as Element).matches(`:state(${state})`)}`);
    });
  });
  await page.goto(proxy.url);
  await state(page, 'live');
  proxy.cut();
  const states = (): Promise<string[]> => page.evaluate(() => (window as unknown as { states: string[] }).states);
  await expect.poll(states).toEqual(['connecting true', 'live true', 'offline true', 'live true']);
});

test('a page that comes back gets what has changed meanwhile, and no tree', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(proxy.url);
  const other = await open(server.url);
  proxy.refuse();
  await state(page, 'offline');
  await press(other, 'a', 'b');
  const frames = readFrames(page);
  proxy.accept();
  await expect.poll(() => written(page)).toBe('ab');
  expect(frames.received.map((frame) => frame[1])).toContain('live');
  expect(frames.received.map((frame) => frame[1])).not.toContain('mount');
});

test('a server that has been restarted gives the whole, and clicks that it never heard of arrive where they were made', async () => {
  await using proxy = await startProxy('http://127.0.0.1:0');
  const page = await newPage();
  {
    await using server = await startJournal();
    proxy.target = server.url;
    await page.goto(proxy.url);
    await press(page, 'a');
    await expect.poll(() => written(page)).toBe('a');
    proxy.refuse();
    await state(page, 'offline');
  }
  await press(page, 'b', 'c');
  await using server = await startJournal();
  proxy.target = server.url;
  const frames = readFrames(page);
  proxy.accept();
  await state(page, 'live');
  expect(frames.received.map((frame) => frame[1]).slice(0, 2)).toEqual(['hello', 'mount']);
  await expect.poll(() => written(page)).toBe('bc');
});

test("an island's own actor survives a lost connection", async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(`${proxy.url}/counter`);
  await page.getByRole('button').click();
  await expect.poll(() => page.getByRole('button').textContent()).toBe('1');
  proxy.cut();
  await state(page, 'offline');
  await page.getByRole('button').click();
  await expect.poll(() => page.getByRole('button').textContent()).toBe('2');
  expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
});

test('an island removed while the connection is lost leaves the server when it is back', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await open(`${proxy.url}/counters`);
  expect(server.app.islet.size.actors).toBe(2);
  proxy.refuse();
  await state(page, 'offline');
  await page.evaluate(() => document.querySelector('server-component')?.remove());
  proxy.accept();
  await state(page, 'live');
  await expect.poll(() => server.app.islet.size.actors).toBe(1);
});

test('a page that is online or looked at again does not wait for its timer', async () => {
  await using server = await startJournal();
  await using proxy = await startProxy(server.url);
  const page = await newPage();
  await page.clock.install();
  await page.goto(proxy.url);
  for (const event of ['online', 'pageshow']) {
    await page.locator('server-component:state(live)').waitFor();
    await page.clock.pauseAt(Date.now() + 3_600_000 * (event === 'online' ? 1 : 2));
    proxy.cut();
    await state(page, 'offline');
    await page.evaluate((name) => dispatchEvent(new Event(name)), event);
    await state(page, 'live');
  }
});

test('an element added after the server has refused this page for good fails at once', async () => {
  await using server = await startJournal();
  const page = await newPage();
  await page.routeWebSocket('**/islet', (socket) => {
    socket.onMessage(() => {
      socket.send(JSON.stringify([0, 'error', 'ISLET_ERR_PROTOCOL_VERSION', 'Other versions']));
      socket.close({ code: 4406, reason: 'ISLET_ERR_PROTOCOL_VERSION' });
    });
  });
  await page.goto(server.url);
  await state(page, 'failed');
  await page.evaluate(() => {
    document.body.innerHTML = '<server-component route="/ws/journal"></server-component>';
  });
  await state(page, 'failed');
});

async function open(url: string): Promise<Page> {
  const page = await newPage();
  await page.goto(url);
  for (const island of await page.locator('server-component').all()) {
    await expect.poll(() => island.evaluate((element) => element.matches(':state(live)'))).toBe(true);
  }
  return page;
}

async function state(page: Page, name: string): Promise<void> {
  await page.locator(`server-component:state(${name})`).first().waitFor({ state: 'attached' });
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.getByRole('button', { name: key, exact: true }).click();
}

async function written(page: Page): Promise<string | null> {
  return page.locator('output').textContent();
}
