// Pages with two predicted lists that keep what is done offline: `await using scene = await openScene(newPage);`
// Only the socket goes through a proxy: a page that is loaded again while that is cut gets its HTML, as it would from a
// cache.

import { basename } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { expect } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { memoryStore, type Store, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import type { ListMessage } from './predicted-list.ts';
import { lockedRow, predictedList } from './predicted-list.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { startServer, type TestServer } from './server.ts';

export const patience = { timeout: 60_000 };

/** What a page was told. */
export interface Told {
  readonly name: string;
  readonly code?: string;
  readonly why?: string;
  /** What the events were that it is about. */
  readonly messages: readonly ListMessage[];
}

/** The servers behind such pages, whatever browser they are in. */
export interface OfflineSite extends AsyncDisposable {
  readonly proxy: TestProxy;
  /** Where a page's HTML comes from that has its socket behind the proxy. */
  readonly url: string;
  /** Where nothing is cut. */
  readonly direct: string;
  /** Something is done in a list by nobody's page. */
  send(name: string, message: ListMessage): Promise<unknown>;
  /** The server says nothing to the next event until what this gives is called. */
  holdNext(): () => void;
  /** Another one takes the server's place. */
  replace(): Promise<void>;
  /** The same, which knows no number of any client: 24 hours are over. */
  forget(): Promise<void>;
}

export interface OfflineScene extends OfflineSite {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly told: readonly Told[];
  /** Somebody else uses the browser. */
  become(name: string): Promise<void>;
  /** Another tab of the same browser. */
  openTab(): Promise<Page>;
}

export interface SceneOptions {
  /** What pages are told of limits: `data-max-age-ms="1000"`. */
  readonly limits?: { readonly maxAgeMs?: number; readonly maxLength?: number };
}

const scripts = buildBundles({ entries: ['test/support/predicted-offline-entry.ts'], write: false });

/** What the next event waits for. */
interface Gate {
  next?: Promise<void> | undefined;
}

async function serve(store: Store, origin: string, { limits = {} }: SceneOptions, gate: Gate): Promise<TestServer> {
  const all = await scripts;
  const { maxAgeMs, maxLength } = limits;
  return startServer(
    (app) => {
      app.islet.route('/ws/list/:name', predictedList, {
        ...{ shared: true, persist: true, keeps: ['secret'] },
        predict: { offline: true },
        props: () => ({ word: 'sesame', rows: 5 }),
        async authorizeEvent() {
          const { next } = gate;
          gate.next = undefined;
          await next;
          return true;
        },
      });
      for (const { path, code } of all)
        app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(code));
      app.get('/', (request, reply) => {
        const { socket = '/islet', socketB } = request.query as { readonly socket?: string; readonly socketB?: string };
        return reply.header('cache-control', 'no-cache').html(html`
          <!doctype html>
          <html lang="en" data-max-age-ms=${maxAgeMs ?? null} data-max-length=${maxLength ?? null}>
            <head>
              <title>List</title>
              <meta name="islet" content=${socket}>
              <script type="module" src="/islet/element.js"></script>
              <script type="module" src="/predicted-offline-entry.js"></script>
            </head>
            <body>
              ${serverComponent({ route: '/ws/list/a' })}
              ${serverComponent({ route: '/ws/list/b', attributes: socketB ? { socket: socketB } : {} })}
            </body>
          </html>
        `);
      });
    },
    {
      store,
      sessionMs: 1_000,
      // sockets have another port
      allowedOrigins: [origin],
      authenticate: ({ headers }) => ({ name: /user=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? 'nobody' }),
      userKey: (user) => (user as { name: string } | null)?.name ?? null,
    },
  );
}

export async function openSite(options: SceneOptions = {}): Promise<OfflineSite> {
  const store = memoryStore();
  const pages = await startProxy('');
  const gate: Gate = {};
  let server = await serve(store, pages.url, options, gate);
  const proxy = await startProxy(server.url);
  pages.target = server.url;
  const replace = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await serve(store, pages.url, options, gate);
    proxy.target = pages.target = server.url;
  };
  const socket = encodeURIComponent(`${proxy.url.replace('http', 'ws')}/islet`);
  return {
    ...{ proxy, url: `${pages.url}/?socket=${socket}`, direct: `${pages.url}/`, replace },
    holdNext() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate.next = promise;
      return resolve;
    },
    send: (name, message) => server.app.islet.send('/ws/list/:name', { name }, message),
    async forget() {
      await replace();
      const now = Date.now;
      // what is loaded now is what there is a day later
      Date.now = () => now() + 25 * 3_600_000;
      for (const name of ['a', 'b']) await server.visit(`/ws/list/${name}`);
      Date.now = now;
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await pages[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export async function openScene(newPage: () => Promise<Page>, options: SceneOptions = {}): Promise<OfflineScene> {
  const site = await openSite(options);
  const page = await newPage();
  const context = page.context();
  const told: Told[] = [];
  await context.exposeFunction('told', (name: string, detail: string) => {
    const { what = [], ...others } = JSON.parse(detail);
    told.push({ name, ...others, messages: [what].flat().map(({ message }: { message: ListMessage }) => message) });
  });
  await page.goto(site.url);
  return {
    ...{ ...site, context, page, told },
    async become(name) {
      await context.addCookies([{ name: 'user', value: name, url: site.direct }]);
    },
    async openTab() {
      const tab = await context.newPage();
      await tab.goto(site.url);
      return tab;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await site[Symbol.asyncDispose]();
    },
  };
}

export const list = (page: Page, name = 'a') => page.locator(`server-component[route="/ws/list/${name}"]`);
export const texts = (page: Page, name = 'a'): Promise<string[]> => list(page, name).locator('b').allTextContents();

export async function live(page: Page): Promise<void> {
  for (const name of ['a', 'b']) await list(page, name).and(page.locator('[data-kept]:state(live)')).waitFor(patience);
}

/** The page has noticed that nothing reaches the server. */
export async function offline(page: Page): Promise<void> {
  await page.locator('server-component:state(offline)').first().waitFor(patience);
}

/** How many of a page's events are kept, in all its islands. */
export const kept = (page: Page): Promise<number> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-kept]')].reduce(
      (sum, each) => sum + Number((each as HTMLElement).dataset.kept),
      0,
    ),
  );

/** Nothing waits for an outcome any more. */
export const settled = (page: Page): Promise<void> =>
  expect
    .poll(() => page.locator('[data-kept-since], [data-pending], server-component:state(pending)').count(), patience)
    .toBe(0);

/** All that a page has done is written down, or has its outcome. */
export const written = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('islet', 1);
      request.onsuccess = () => resolve(request.result);
    });
    // one that is under way, the one that waits for it, and one that says under which numbers
    for (let round = 0; round < 3; round++) {
      await new Promise<unknown>((resolve) => {
        const transaction = database.transaction(['streams', 'events', 'models'], 'readwrite');
        transaction.oncomplete = resolve;
      });
      await new Promise((resolve) => setTimeout(resolve));
    }
    database.close();
  });

/** What was done at a row, or the text that was added. */
export interface Done {
  readonly kind: 'add' | 'remove' | 'raise' | 'toggle';
  readonly text: string;
}

/** Does random things in a list, as the page shows it. @param prefix Of texts that are added: `x` gives x0, x1. */
export const act = (page: Page, name: string, count: number, seed: number, prefix: string): Promise<Done[]> =>
  page.evaluate(
    async ([name, count, seed, prefix]) => {
      let state = seed;
      const random = (below: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        return ((state >>> 8) & 0xffff) % below;
      };
      const island = document.querySelector(`server-component[route="/ws/list/${name}"]`) as HTMLElement;
      const done: { kind: 'add' | 'remove' | 'raise' | 'toggle'; text: string }[] = [];
      for (let index = 0; index < count; index++) {
        const rows = island.querySelectorAll('li');
        const row = rows[random(rows.length || 1)];
        const kind = (['add', 'add', 'raise', 'toggle', 'toggle', 'remove'] as const)[random(6)] as 'add';
        if (kind === 'add' || !row) {
          const text = `${prefix}${index}`;
          (island.querySelector('[name=text]') as HTMLInputElement).value = text;
          (island.querySelector('.add') as HTMLElement).click();
          done.push({ kind: 'add', text });
        } else {
          const { textContent: text = '' } = row.querySelector('b') as HTMLElement;
          (row.querySelector(`.${kind}`) as HTMLElement).click();
          done.push({ kind, text: text ?? '' });
        }
        await new Promise((resolve) => setTimeout(resolve));
      }
      return done;
    },
    [name, count, seed, prefix] as const,
  );

/** A list as it is shown: `Thing 1` or `Thing 1*`, which is done. */
export const rowsOf = (page: Page, name = 'a'): Promise<string[]> =>
  list(page, name)
    .locator('li')
    .evaluateAll((rows) =>
      rows.map((row) => `${row.querySelector('b')?.textContent}${row.classList.contains('done') ? '*' : ''}`),
    );

/** What is to become of a list, and what is refused: rows that are not there, and the one that the server keeps. @param isServer Left out: it is the server, which alone knows of that one. */
export function foretell(
  rows: readonly string[],
  all: readonly Done[],
  isServer = true,
): { rows: string[]; refused: Done[] } {
  let now = [...rows];
  const refused: Done[] = [];
  for (const done of all) {
    const { kind, text } = done;
    const at = now.findIndex((row) => row.replace('*', '') === text);
    const row = now[at] ?? '';
    const others = now.filter((each) => each !== row);
    if (kind === 'add') now.push(text);
    else if (at < 0 || (isServer && kind === 'remove' && text === `Thing ${lockedRow.slice(1)}`)) refused.push(done);
    else if (kind === 'remove') now = others;
    else if (kind === 'raise') now = [row, ...others];
    else now[at] = row.endsWith('*') ? text : `${text}*`;
  }
  return { rows: now, refused };
}
