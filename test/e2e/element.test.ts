// `<server-component>` as an element among others: where it may stand, when it may come and go, what it tells the page
// around it and hears from it. Real server, real browser.

import { Readable } from 'node:stream';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { type IsletOptions, serverComponent } from '../../server/index.ts';
import { type Client, component, effect, html, keyed, on, unsafeHtml } from '../../shared/index.ts';
import type { HoleValue } from '../../shared/language/html.ts';
import { counter } from '../support/counter.ts';
import { documentWith } from '../support/document.ts';
import { readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

test('two islands of a page share one socket, and each has its own state', async () => {
  await using server = await serve(() => [count(), count({ start: '10' })]);
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  await button(page, 1).click();
  await button(page, 0).click();
  await button(page, 1).click();
  await expect.poll(() => texts(page)).toEqual(['1', '12']);
  expect(frames.sockets).toBe(1);
  expect(frames.sent.map((frame) => frame.slice(0, 2))).toEqual([
    [0, 'hello'],
    [1, 'join'],
    [2, 'join'],
    [2, expect.any(Number)],
    [1, expect.any(Number)],
    [2, expect.any(Number)],
  ]);
});

test('each island joins once, also one that is added while the socket is open', async () => {
  await using server = await serve(() => count());
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  await append(page, '<server-component route="/ws/count" start="3"></server-component>');
  await allLive(page);
  expect(await texts(page)).toEqual(['0', '3']);
  // one of them does not know which attributes count, and asks
  const joins = frames.sent.filter((frame) => frame[1] === 'join');
  expect(joins.map((frame) => frame[3])).toEqual([{}, null, { start: '3' }]);
  expect(server.app.islet.size.actors).toBe(2);
});

test("an element that is removed leaves the server, and what still comes for it is nobody's", async () => {
  await using server = await serve(() => [count(), count(), serverComponent({ route: '/ws/noting' })]);
  const [page, other] = [await open(server.url), await open(server.url)];
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  expect(server.app.islet.size.actors).toBe(5);
  await page.evaluate(() => {
    for (const island of [...document.querySelectorAll('server-component')].slice(1)) island.remove();
  });
  await other.locator('input').fill('news');
  await other.locator('button').first().click();
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['1']);
  await expect.poll(() => server.app.islet.size.actors).toBe(4);
  expect(errors).toEqual([]);
});

test('what was typed and not yet reported is reported when its element is removed', async () => {
  await using server = await serve(() => serverComponent({ route: '/ws/noting' }));
  const [page, other] = [await open(server.url), await open(server.url)];
  await page.locator('input').pressSequentially('last words');
  await page.evaluate(() => document.querySelector('server-component')?.remove());
  await expect.poll(() => other.locator('output').textContent()).toBe('last words');
});

test('an element that is moved keeps its island, its state and its nodes', async () => {
  await using server = await serve(() => html`<div id="one">${count()}</div><div id="two"></div>`);
  const page = await open(server.url);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['1']);
  const frames = readFrames(page);
  for (const method of ['append', 'moveBefore'] as const) {
    await page.evaluate((name) => {
      const island = document.querySelector('server-component') as Element;
      const target = document.querySelector(island.closest('#one') ? '#two' : '#one') as Element;
      if (name === 'append') target.append(island);
      else target.moveBefore(island, null);
    }, method);
  }
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['2']);
  expect(frames.sent).toEqual([]);
  expect(server.app.islet.size.actors).toBe(1);
});

test('an element that is added again starts anew', async () => {
  await using server = await serve(() => count());
  const page = await open(server.url);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['1']);
  await page.evaluate(() => {
    const island = document.querySelector('server-component') as Element;
    island.remove();
    Object.assign(window, { island });
  });
  await expect.poll(() => server.app.islet.size.actors).toBe(0);
  await page.evaluate(() => document.body.append((window as unknown as { island: Element }).island));
  await expect.poll(() => texts(page)).toEqual(['0']);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['1']);
});

test('attributes that are changed on the element reach its component', async () => {
  await using server = await serve(() => count({ start: '4' }));
  const page = await open(server.url);
  expect(await texts(page)).toEqual(['4']);
  await setAttribute(page, 'start', '8');
  await expect.poll(() => texts(page)).toEqual(['8']);
  await setAttribute(page, 'start', null);
  await expect.poll(() => texts(page)).toEqual(['0']);
});

test('an attribute that is changed between join and answer is not lost', async () => {
  const [asked, allowed] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()];
  const authorize = ({ id }: Client): boolean | Promise<boolean> => {
    // the page itself is not held up
    if (id === '') return true;
    asked.resolve();
    return allowed.promise;
  };
  await using server = await serve(() => count({ start: '4' }), { authorize });
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await asked.promise;
  await setAttribute(page, 'start', '8');
  allowed.resolve(true);
  await expect.poll(() => texts(page)).toEqual(['8']);
  expect(frames.sent.filter((frame) => frame[1] === 'attribute')).toHaveLength(1);
});

test('an element whose route is changed becomes another island', async () => {
  await using server = await serve(() => count());
  const page = await open(server.url);
  await page.evaluate(() => document.querySelector('server-component')?.setAttribute('route', '/ws/other'));
  await expect.poll(() => page.locator('server-component em').textContent()).toBe('other');
  expect(await page.locator('button').count()).toBe(0);
  expect(server.app.islet.size.actors).toBe(1);
});

test('an island with a route that nobody has, and one whose actor fails, say that they have failed; others go on', async () => {
  await using server = await serve(() => [count(), serverComponent({ route: '/ws/failing' })], {
    restart: { maxFailures: 0 },
  });
  const page = await open(server.url);
  await append(page, '<server-component route="/ws/nowhere" id="nowhere"></server-component>');
  await page.locator('#nowhere:state(failed)').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Fail' }).click();
  await page.locator('[route="/ws/failing"]:state(failed)').waitFor();
  await button(page).click();
  await expect.poll(() => button(page).textContent()).toBe('1');
});

test('a click on an island that has failed is refused and not kept', async () => {
  await using server = await serve(() => serverComponent({ route: '/ws/failing' }), { restart: { maxFailures: 0 } });
  const page = await open(server.url);
  await button(page).click();
  await page.locator(':state(failed)').waitFor();
  const refused = page.evaluate(
    () => new Promise((tell) => addEventListener('islet:refused', (event) => tell((event as CustomEvent).detail.code))),
  );
  await button(page).click();
  expect(await refused).toBe('ISLET_ERR_ACTOR_FAILED');
});

test('what a component emits is an event of its element, for everybody who looks', async () => {
  await using server = await serve(() => serverComponent({ route: '/ws/telling' }));
  const pages = [await open(server.url), await open(server.url)] as const;
  const heard = pages.map((page) =>
    page.evaluate(
      () =>
        new Promise((tell) => {
          addEventListener('told', (event) =>
            tell([(event.target as Element).localName, (event as CustomEvent).detail]),
          );
        }),
    ),
  );
  await button(pages[0]).click();
  for (const each of heard) expect(await each).toEqual(['server-component', { count: 1, list: ['a'] }]);
});

test('what a component provides is given to its descendants that ask, also inside its shadow root, and kept up to date', async () => {
  for (const isShadow of [false, true]) {
    await using server = await serve(() =>
      isShadow ? inShadow(serverComponent({ route: '/ws/providing' })) : serverComponent({ route: '/ws/providing' }),
    );
    const page = await open(server.url);
    await button(page).click();
    await expect.poll(() => page.locator('p').textContent()).toBe('1');
    const ask = page.locator('p').evaluate((asking) => {
      const values: unknown[] = [];
      const event = Object.assign(new Event('context-request', { bubbles: true, composed: true }), {
        context: 'count',
        subscribe: true,
        callback: (value: unknown) => values.push(value),
      });
      asking.dispatchEvent(event);
      Object.assign(window, { values });
    });
    await ask;
    await button(page).click();
    const values = (): Promise<unknown> => page.evaluate(() => (window as unknown as { values: unknown[] }).values);
    await expect.poll(values).toEqual([{ count: 1 }, { count: 2 }]);
  }
});

test('an island in a shadow root works as elsewhere', async () => {
  await using server = await serve(() => inShadow(count({ start: '5' })));
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['6']);
  expect(frames.received.map((frame) => frame[1])).toContain('live');
});

test('an island is drawn into a declarative shadow root where it has one', async () => {
  await using server = await serve(() =>
    unsafeHtml(`
      <server-component route="/ws/count" start="2">
        <template shadowrootmode="open"><style>button { color: red }</style></template>
        light
      </server-component>
    `),
  );
  const page = await open(server.url);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['3']);
  expect(await page.locator('server-component').evaluate((island) => island.textContent?.trim())).toBe('light');
});

test('a page that is upgraded while it is still being parsed is adopted when all of it is there', async () => {
  const script = Promise.withResolvers<void>();
  await using server = await serve(
    () => count(),
    {},
    async (page) => {
      const [head = '', tail = ''] = page.replace('type="module"', 'type="module" async').split(/(?<=<button>)/);
      return Readable.from([head, script.promise.then(() => tail)]);
    },
  );
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url, { waitUntil: 'commit' });
  await page.waitForFunction(() => customElements.get('server-component') && document.querySelector('button'));
  script.resolve();
  await allLive(page);
  expect(frames.received.map((frame) => frame[1])).toEqual(['hello', 'live']);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['1']);
});

test('an element of the page that has drawn itself inside an island is left alone when the island is adopted', async () => {
  await using server = await serve(() => [
    serverComponent({ route: '/ws/widget' }),
    unsafeHtml(
      '<script>for (const it of document.querySelectorAll("x-widget")) it.innerHTML = "<i>drawn</i>"</script>',
    ),
  ]);
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  await button(page).click();
  await expect.poll(() => page.locator('x-widget').getAttribute('count')).toBe('1');
  expect(await page.locator('x-widget').innerHTML()).toBe('<i>drawn</i>');
  expect(frames.received.map((frame) => frame[1])).not.toContain('mount');
});

test('a page that somebody changed before the script ran is adopted around that', async () => {
  await using server = await serve(() => [
    count({ start: '6' }),
    unsafeHtml('<script>document.querySelector("server-component").prepend("intruder")</script>'),
  ]);
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  expect(frames.received.map((frame) => frame[1])).toEqual(['hello', 'live']);
  await button(page).click();
  await expect.poll(() => texts(page)).toEqual(['7']);
  expect(await page.locator('server-component').textContent()).toContain('intruder');
});

test('an island whose rows somebody took away shows them again, with its state', async () => {
  await using server = await serve(() => [serverComponent({ route: '/ws/listing' }), count()]);
  const page = await open(server.url);
  await button(page).click();
  await expect.poll(() => page.locator('li').allTextContents()).toEqual(['0']);
  await page.locator('li').evaluate((item) => item.remove());
  await button(page).click();
  await expect.poll(() => page.locator('li').allTextContents()).toEqual(['1', '0']);
  await button(page).click();
  await expect.poll(() => page.locator('li').allTextContents()).toEqual(['2', '1', '0']);
  await button(page, 1).click();
  await expect.poll(() => button(page, 1).textContent()).toBe('1');
});

test('what an element of the page throws in one island hurts neither this one nor others', async () => {
  const define = `customElements.define('x-thrower', class extends HTMLElement { set data(data) { throw new Error('mine'); } })`;
  await using server = await serve(() => [
    unsafeHtml(`<script>${define}</script>`),
    serverComponent({ route: '/ws/throwing' }),
    count(),
  ]);
  const page = await newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(server.url);
  await allLive(page);
  for (const index of [0, 1]) {
    await button(page, index).click();
    await expect.poll(() => button(page, index).textContent()).toBe('1');
  }
  await expect.poll(() => errors).toEqual(['mine', 'mine']);
});

test('an island in an island is its own', async () => {
  await using server = await serve(() => serverComponent({ route: '/ws/outer' }));
  const page = await open(server.url);
  const [outer, inner] = [button(page, 0), button(page, 1)];
  await expect.poll(() => inner.textContent()).toBe('0');
  await inner.click();
  await inner.click();
  await expect.poll(() => inner.textContent()).toBe('2');
  await outer.click();
  await expect.poll(() => outer.textContent()).toBe('1');
  await expect.poll(() => inner.textContent()).toBe('1');
  await inner.click();
  await expect.poll(() => inner.textContent()).toBe('2');
  expect(server.app.islet.size).toEqual({ actors: 2, sessions: 1, connections: 1 });
});

test('text of more than 64 KiB, which browsers parse in pieces, is adopted', async () => {
  await using server = await serve(() => serverComponent({ route: '/ws/long' }));
  const page = await newPage();
  const frames = readFrames(page);
  await page.goto(server.url);
  await allLive(page);
  expect(frames.received.map((frame) => frame[1])).toEqual(['hello', 'live']);
  await button(page).click();
  await expect.poll(() => page.locator('p').textContent()).toBe('short');
});

const count = (attributes: { start?: string } = {}): object => serverComponent({ route: '/ws/count', attributes });

const inShadow = (content: object): HoleValue => [
  unsafeHtml('<div><template shadowrootmode="open">'),
  content,
  unsafeHtml('</template></div>'),
];

const other = component<null, never>({
  init: () => [null, effect.none],
  update: (model) => [model, effect.none],
  view: () => html`<em>other</em>`,
});

const failing = component<null, { type: 'UserClicked' }>({
  init: () => [null, effect.none],
  update: () => [null, effect.from((_, { fail }) => fail(new Error('this actor is meant to fail')))],
  view: () => html`<button @click=${{ type: 'UserClicked' }}>Fail</button>`,
});

const telling = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (model) => [model + 1, effect.emit('told', { count: model + 1, list: ['a'] })],
  view: () => html`<button @click=${{ type: 'UserClicked' }}>Tell</button>`,
});

const noting = component<string, { type: 'UserTyped'; text: string }>({
  init: () => ['', effect.none],
  update: (_, { text }) => [text, effect.none],
  view: (text) => html`
    <input @input=${on(({ value }) => ({ type: 'UserTyped', text: value ?? '' }), { debounceMs: 60_000 })}>
    <output>${text}</output>
  `,
});

const providing = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (model) => [model + 1, effect.provide('count', { count: model + 1 })],
  view: (model) => html`<button @click=${{ type: 'UserClicked' }}>Provide</button><p>${model}</p>`,
});

const holdingWidget = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (model) => [model + 1, effect.none],
  view: (model) => html`<button @click=${{ type: 'UserClicked' }}>Count</button><x-widget count=${model}></x-widget>`,
});

const listing = component<readonly number[], { type: 'UserClicked' }>({
  init: () => [[], effect.none],
  update: (model) => [[model.length, ...model], effect.none],
  view: (model) => html`
    <button @click=${{ type: 'UserClicked' }}>Add</button>
    <ul>${keyed(
      model,
      (item) => item,
      (item) => html`<li>${item}</li>`,
    )}</ul>
  `,
});

const throwing = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (model) => [model + 1, effect.none],
  view: (model) =>
    html`<x-thrower .data=${model}></x-thrower><button @click=${{ type: 'UserClicked' }}>${model}</button>`,
});

/** Its count is an attribute of the counter inside. */
const outer = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (model) => [model + 1, effect.none],
  view: (model) => html`
    <button @click=${{ type: 'UserClicked' }}>${model}</button>
    <server-component route="/ws/count" start=${model}></server-component>
  `,
});

const long = component<string, { type: 'UserClicked' }>({
  init: () => ['long '.repeat(30_000), effect.none],
  update: () => ['short', effect.none],
  view: (text) => html`<p>${text}</p><button @click=${{ type: 'UserClicked' }}>Shorten</button>`,
});

/** Serves a page with this in its body; `send` may send it otherwise than at once. */
function serve(
  content: () => HoleValue,
  options: IsletOptions = {},
  send: (page: string) => unknown = (page) => page,
): Promise<TestServer> {
  return startServer((app) => {
    app.islet.route('/ws/count', counter);
    app.islet.route('/ws/other', other);
    app.islet.route('/ws/failing', failing);
    app.islet.route('/ws/telling', telling, { shared: true });
    app.islet.route('/ws/noting', noting, { shared: true });
    app.islet.route('/ws/providing', providing);
    app.islet.route('/ws/widget', holdingWidget);
    app.islet.route('/ws/listing', listing);
    app.islet.route('/ws/throwing', throwing);
    app.islet.route('/ws/outer', outer);
    app.islet.route('/ws/long', long);
    app.addHook('onSend', async (_, reply, payload) => {
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
      return isPage ? send(payload as string) : payload;
    });
    app.get('/', (_, reply) => reply.html(documentWith(content())));
  }, options);
}

async function open(url: string): Promise<Page> {
  const page = await newPage();
  await page.goto(url);
  await allLive(page);
  return page;
}

async function allLive(page: Page): Promise<void> {
  const islands = page.locator('server-component');
  await islands.first().waitFor({ state: 'attached' });
  await expect.poll(() => page.locator('server-component:not(:state(live))').count()).toBe(0);
}

const button = (page: Page, index = 0) => page.locator('server-component button').nth(index);

function texts(page: Page): Promise<string[]> {
  return page.locator('server-component button').allTextContents();
}

async function append(page: Page, markup: string): Promise<void> {
  await page.evaluate((text) => document.body.insertAdjacentHTML('beforeend', text), markup);
}

async function setAttribute(page: Page, name: string, value: string | null): Promise<void> {
  await page.evaluate(
    ([attribute, text]) => {
      const island = document.querySelector('server-component') as Element;
      if (text === null) island.removeAttribute(attribute);
      else island.setAttribute(attribute, text);
    },
    [name, value] as const,
  );
}
