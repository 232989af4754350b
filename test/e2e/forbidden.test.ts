// An island whose right is gone, as the person in front of the page sees it: its content goes, a word stands there, the
// rest of the page goes on. Real server, real browser.

import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { counter } from '../support/counter.ts';
import { readBlocks } from '../support/doc-blocks.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();
const word = 'You may not see this any more.';

/** Has a value in a property, which a page carries outside of its markup. */
const secret = component<string, { readonly type: 'UserTyped' }, object>({
  init: () => ['the secret', effect.none],
  update: (model) => [`${model}!`, effect.none],
  view: (model) => html`<p>${model}</p><input .value=${model} @input=${{ type: 'UserTyped' }}>`,
});

function declare(app: FastifyInstance): void {
  app.islet.route('/ws/secret', secret);
  app.islet.route('/ws/count', counter);
  app.get('/', (_, reply) =>
    reply.html(documentWith([serverComponent({ route: '/ws/secret' }), serverComponent({ route: '/ws/count' })])),
  );
  app.get('/login', (request, reply) => reply.html(documentWith(html`<h1>Log in${request.url}</h1>`)));
}

async function visit(server: Pick<TestServer, 'url'>): Promise<Page> {
  const page = await newPage();
  await page.addInitScript(() => {
    addEventListener('islet:forbidden', (event) => {
      document.title = JSON.stringify((event as CustomEvent).detail);
    });
  });
  await page.goto(server.url);
  await expect.poll(() => page.locator('server-component:state(live)').count()).toBe(2);
  return page;
}

const island = (page: Page) => page.locator('server-component').first();

test('its content goes from the page, nothing of it is left, and other islands go on', async () => {
  await using server = await startServer(declare);
  const page = await visit(server);
  await page.locator('input').fill('typed');
  server.app.islet.revoke((_, route) => route === '/ws/secret');
  await expect.poll(() => island(page).evaluate((element) => element.innerHTML)).toBe(word);
  expect(await page.locator('server-component:state(failed)').count()).toBe(1);
  expect(await page.content()).not.toContain('the secret');
  expect(JSON.parse(await page.title())).toEqual({ code: 'ISLET_ERR_FORBIDDEN_NOW', message: word });
  await page.locator('button').click();
  await expect.poll(() => page.locator('button').textContent()).toBe('1');
});

test('the script of docs/server.md says more than the word', async () => {
  const script = readBlocks('docs/server.md').find(({ info }) => info === 'js')?.code ?? '';
  await using server = await startServer(declare);
  const page = await newPage();
  await page.addInitScript(script);
  await page.goto(server.url);
  await expect.poll(() => page.locator('server-component:state(live)').count()).toBe(2);
  server.app.islet.revoke((_, route) => route === '/ws/secret');
  await page.getByText(`${word} Please log in.`).waitFor();
});

test('it goes from a page that came back, and for whose user there is no such island any more', async () => {
  let isIn = true;
  await using server = await startServer((app) => {
    app.islet.route('/ws/secret', secret, { props: () => (isIn ? {} : undefined) });
    app.islet.route('/ws/count', counter);
    app.get('/', (_, reply) =>
      reply.html(documentWith([serverComponent({ route: '/ws/secret' }), serverComponent({ route: '/ws/count' })])),
    );
  });
  const page = await visit(server);
  isIn = false;
  server.app.islet.disconnect(() => true);
  await expect.poll(() => island(page).textContent()).toBe('There is no such part of this page.');
  expect(await page.content()).not.toContain('the secret');
  expect(JSON.parse(await page.title())).toMatchObject({ code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
  await page.locator('server-component:state(live) button').click();
  await expect.poll(() => page.locator('button').textContent()).toBe('1');
});

test('it comes whole again when its page may have it', async () => {
  let mayJoin = true;
  await using server = await startServer(declare, { authorize: (_, route) => mayJoin || route !== '/ws/secret' });
  const page = await visit(server);
  mayJoin = false;
  server.app.islet.revoke((_, route) => route === '/ws/secret');
  await expect.poll(() => island(page).textContent()).toBe(word);
  server.app.islet.disconnect(() => true);
  // it asks again, as after each lost connection
  await expect.poll(() => island(page).textContent()).toBe('Joining this island is not allowed.');
  mayJoin = true;
  server.app.islet.disconnect(() => true);
  await expect.poll(() => island(page).locator('p').textContent()).toBe('the secret');
  await expect.poll(() => page.locator('server-component:state(live)').count()).toBe(2);
  await page.locator('input').fill('typed');
  await expect.poll(() => island(page).locator('p').textContent()).toBe('the secret!');
});

test('it goes from a page that came back and is refused', async () => {
  let mayJoin = true;
  await using server = await startServer(declare, { authorize: (_, route) => mayJoin || route !== '/ws/secret' });
  const page = await visit(server);
  mayJoin = false;
  server.app.islet.disconnect(() => true);
  await expect.poll(() => island(page).textContent()).toBe('Joining this island is not allowed.');
  expect(await page.content()).not.toContain('the secret');
});

test('what was done in it while it could not be reached is told, where it may not come back', async () => {
  let mayJoin = true;
  await using server = await startServer(declare, { authorize: (_, route) => mayJoin || route !== '/ws/count' });
  await using proxy = await startProxy(server.url);
  const page = await visit(proxy);
  const told: unknown[] = [];
  await page.exposeFunction('onDropped', (...what: unknown[]) => told.push(what));
  await page.evaluate(() =>
    addEventListener('islet:dropped', (event) => {
      const { events, why, targets } = (event as CustomEvent).detail;
      const names = targets.map(({ localName }: Element) => localName);
      (window as unknown as { onDropped(...what: unknown[]): void }).onDropped(events, why, names);
    }),
  );
  proxy.hold('toServer');
  await page.locator('button').click();
  proxy.refuse();
  proxy.release();
  // not sent yet, since there is no connection
  await expect.poll(() => page.locator('server-component:state(live)').count()).toBe(0);
  await page.locator('button').click();
  mayJoin = false;
  proxy.accept();
  await expect
    .poll(() => told)
    .toEqual([
      [1, 'unknown', ['button']],
      [1, 'gone', ['button']],
    ]);
  await expect.poll(() => page.locator('server-component:state(failed)').count()).toBe(1);
  expect(await page.locator('server-component:state(pending)').count()).toBe(0);
  expect(JSON.parse(await page.title())).toMatchObject({ code: 'ISLET_ERR_JOIN_FORBIDDEN' });
});

test('its page goes where the app says', async () => {
  await using server = await startServer(declare);
  const page = await visit(server);
  server.app.islet.revoke((_, route) => route === '/ws/secret', { redirect: '/login?from=secret' });
  await page.waitForURL(`${server.url}/login?from=secret`);
  await expect.poll(() => page.locator('h1').textContent()).toBe('Log in/login?from=secret');
  expect(await page.content()).not.toContain('the secret');
});

test.each(['https://other.example/', '//other.example/', 'javascript:document.title=1'])(
  'its page does not go to %s, whoever says so',
  async (redirect) => {
    await using server = await startServer(declare);
    const page = await newPage();
    // somebody between the two who writes frames
    await page.routeWebSocket(/\/islet$/, (socket) => {
      const upstream = socket.connectToServer();
      upstream.onMessage((text) => {
        socket.send(text);
        if (/^\[1,"(live|mount)"/.test(String(text))) {
          socket.send(JSON.stringify([1, 'error', 'ISLET_ERR_FORBIDDEN_NOW', word, redirect]));
        }
      });
    });
    await page.goto(server.url);
    await expect.poll(() => island(page).textContent()).toBe(word);
    await page.locator('button').click();
    await expect.poll(() => page.locator('button').textContent()).toBe('1');
    expect(page.url()).toBe(`${server.url}/`);
  },
);
