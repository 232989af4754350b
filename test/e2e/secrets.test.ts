// Nothing that is the server's alone reaches a browser: secrets stand in every place that is the server's, pages do all
// that pages do, and whatever came to a browser, left it, or is kept there is looked through.

import { basename } from 'node:path';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { memoryStore, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { openPages } from '../support/pages.ts';
import { untilPredicted } from '../support/predicted-page.ts';
import { startProxy } from '../support/proxy.ts';
import { createLedger, ownNote } from '../support/secrets.ts';
import { startServer } from '../support/server.ts';

const newPage = openPages();
const patience = { timeout: 60_000 };

/** Each says where it stands. */
const secrets = {
  part: 'part-of-the-model-7d1f',
  inList: 'part-of-each-item-7d1f',
  inRecord: 'part-of-each-value-7d1f',
  found: 'found-by-a-service-7d1f',
  ofService: 'in-a-service-7d1f',
  ofUser: 'field-of-the-user-7d1f',
  ofOwn: 'part-of-ones-own-7d1f',
};
interface User {
  readonly login: string;
  readonly password: string;
}

const noteOf = (login: string): string => `note-of-${login}-7d1f`;

async function serve() {
  const store = memoryStore();
  const scripts = await buildBundles({ entries: ['test/support/secrets-entry.ts'], write: false });
  process.env.LEDGER_KEY = secrets.part;
  const password = secrets.ofService;
  const ledger = createLedger({ authorOf: async (text) => (text === password ? '' : secrets.found) });
  return startServer(
    (app) => {
      app.islet.route('/ws/ledger', ledger, {
        ...{ shared: true, persist: true, predict: { offline: true } },
        keeps: ['key', 'entries.*.author', 'people.*.mail'],
        props: () => ({ key: String(process.env.LEDGER_KEY), mail: secrets.inRecord, author: secrets.inList }),
      });
      app.islet.route('/ws/own', ownNote, {
        ...{ predict: true, keeps: ['pin'] },
        props: ({ user }) => ({ note: noteOf((user as User).login), pin: secrets.ofOwn }),
        publicUser: (user) => ({ login: (user as User).login }),
      });
      for (const { path, code } of scripts)
        app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(code));
      for (const path of ['/', '/plain'])
        app.get(path, (_, reply) =>
          reply.html(html`
            <!doctype html>
            <title>Secrets</title>
            <script type="module" src="/islet/element.js"></script>
            ${path === '/' ? html`<script type="module" src="/secrets-entry.js"></script>` : null}
            ${serverComponent({ route: '/ws/ledger' })} ${serverComponent({ route: '/ws/own' })}
          `),
        );
    },
    {
      store,
      authenticate: ({ headers }) => {
        const login = /user=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? 'nobody';
        return { login, password: secrets.ofUser };
      },
      userKey: (user) => (user as User).login,
    },
  );
}

/** All that comes to a page and leaves it from now on. */
function watch(page: Page): () => Promise<string> {
  const texts: (string | Promise<string>)[] = [];
  page.on('response', (response) => texts.push(response.text().catch(() => '')));
  page.on('request', (request) => texts.push(request.url(), request.postData() ?? ''));
  page.on('console', (message) => texts.push(message.text()));
  page.on('websocket', (socket) => {
    for (const name of ['framesent', 'framereceived'] as const)
      socket.on(name as 'framesent', ({ payload }) => texts.push(String(payload)));
  });
  return async () => [...(await Promise.all(texts)), await page.content(), await keptIn(page)].join('\n');
}

/** What the browser keeps. */
const keptIn = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('islet');
      request.onsuccess = () => resolve(request.result);
    });
    const rows = [...database.objectStoreNames].map(
      (name) =>
        new Promise((resolve) => {
          const request = database.transaction(name).objectStore(name).getAll();
          request.onsuccess = () => resolve(request.result);
        }),
    );
    const all = JSON.stringify([await Promise.all(rows), { ...localStorage }, { ...sessionStorage }]);
    database.close();
    return all;
  });

const entries = (page: Page): Promise<number> => page.locator('li').count();
const settled = (page: Page): Promise<void> =>
  expect
    .poll(() => page.locator('[data-kept-since], [data-pending], server-component:state(pending)').count(), patience)
    .toBe(0);

async function add(page: Page, text: string): Promise<void> {
  await page.locator('[name=text]').fill(text);
  await page.locator('.add').click();
}

test('nothing that is the server’s alone reaches a browser, whatever pages do', { timeout: 120_000 }, async () => {
  await using server = await serve();
  await using proxy = await startProxy(server.url);
  const open = async (login: string, path: string) => {
    const page = await newPage();
    await page.context().addCookies([{ name: 'user', value: login, url: proxy.url }]);
    const readAll = watch(page);
    const predicted = path === '/' ? untilPredicted(page) : undefined;
    await page.goto(proxy.url + path);
    await page.locator('server-component:state(live)').nth(1).waitFor(patience);
    await predicted;
    return { page, readAll };
  };
  const anna = await open('anna', '/');
  const ben = await open('ben', '/');
  const carl = await open('carl', '/plain');
  const all = [anna, ben, carl];
  const pages = all.map(({ page }) => page);
  await anna.page.locator('[route="/ws/ledger"][data-kept]').waitFor(patience);

  // what is done, refused, and found by a service that the server alone has
  for (const [index, page] of pages.entries()) {
    await add(page, `by ${index}`);
    await page.locator('.count').click();
    await page.locator('.fail').first().click();
    await settled(page);
  }
  const readLedger = async (): Promise<string> => JSON.stringify(await server.app.islet.read('/ws/ledger', {}));
  await expect.poll(async () => (await readLedger()).split(secrets.found).length, patience).toBe(4);
  for (const page of pages) await expect.poll(() => entries(page), patience).toBe(4);
  // what is missed, and what is done offline, over a reload
  proxy.refuse();
  await add(anna.page, 'offline');
  await anna.page.locator('.fail').nth(1).click();
  expect(await entries(anna.page)).toBe(5);
  proxy.accept();
  for (const page of pages) await expect.poll(() => entries(page), patience).toBe(5);
  await settled(anna.page);
  await expect.poll(async () => (await readLedger()).split(secrets.found).length, patience).toBe(5);
  await Promise.all(pages.map((page) => page.reload()));
  for (const page of pages) await page.locator('server-component:state(live)').nth(1).waitFor(patience);
  await anna.page.locator('[route="/ws/ledger"][data-kept]').waitFor(patience);

  // else there is nothing to be found
  const there = await readLedger();
  for (const name of ['part', 'inList', 'inRecord', 'found'] as const) expect(there).toContain(secrets[name]);
  const [told, toBen, toCarl] = await Promise.all(all.map(({ readAll }) => readAll()));
  for (const text of ['by 0', 'offline', noteOf('anna'), '"you"', '"drawn"', 'ISLET_ERR_MESSAGE_REFUSED'])
    expect(told).toContain(text);
  expect(await keptIn(anna.page)).toContain('by 0');
  const found = Object.entries({ anna: told, ben: toBen, carl: toCarl }).flatMap(([login, text]) => [
    ...Object.values(secrets).filter((secret) => text?.includes(secret)),
    ...['anna', 'ben', 'carl'].filter((other) => other !== login && text?.includes(noteOf(other))),
  ]);
  expect(found).toEqual([]);
});
