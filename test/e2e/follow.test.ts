// What a page in development does at the moments in which its server goes, comes, or says that something has changed: it
// is brought up to date, and not loaded anew. The server is the test's own, and says what the test wants.

import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openPages } from '../support/pages.ts';

const newPage = openPages();
const script = readFileSync(new URL('../../public/build/dev.js', import.meta.url));

/** A server that has a page, scripts, and a stream; requests for an address can be lost. */
class Followed implements AsyncDisposable {
  name = 'a.0';
  /** Stands in the page. */
  version = 1;
  /** How many requests for an address will be lost. */
  readonly losses = new Map<string, number>();
  readonly requests: string[] = [];
  /** What is wrong, where this stands in for a server. */
  problem: object | null = null;
  #streams = new Set<ServerResponse>();
  #server = createServer((request, answer) => {
    const { pathname, search } = new URL(`http://localhost${request.url}`);
    this.requests.push(pathname + search);
    // a browser asks again by itself for what is lost on a connection that it has used before
    answer.setHeader('connection', 'close');
    const left = this.losses.get(pathname) ?? 0;
    if (left > 0) {
      this.losses.set(pathname, left - 1);
      request.socket.destroy();
    } else if (pathname === '/islet/dev.js') answer.setHeader('content-type', 'text/javascript').end(script);
    else if (pathname.startsWith('/page-'))
      answer.setHeader('content-type', 'text/javascript').end(`document.body.dataset.run = '${pathname}'`);
    else if (pathname === '/islet/dev' && search.startsWith('?problem'))
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(this.problem));
    else if (pathname === '/islet/dev') {
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(`event: hello\ndata: ${this.name}\n\n`);
      this.#streams.add(answer);
    } else if (pathname === '/') answer.setHeader('content-type', 'text/html').end(this.#page());
    else answer.writeHead(404).end();
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  #page(): string {
    return `<!doctype html><html lang="en"><head><title>Followed</title><link rel="icon" href="data:,">
      <script type="module" src="/islet/dev.js?server=${this.name}" data-islet-page="page-${this.version}"></script>
      <script type="module" src="/page-0000000${this.version}.js"></script>
      </head><body><h1>Version ${this.version}</h1></body></html>`;
  }

  /** Ends the page's stream, which asks for another one. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function open(server: Followed): Promise<Page> {
  const page = await newPage();
  await page.goto(await server.listen());
  await expect.poll(() => server.requests).toContain('/islet/dev');
  await page.evaluate(() => Object.assign(window, { isFirst: true }));
  return page;
}

const runs = (page: Page, version: number) =>
  expect.poll(() => page.evaluate(() => document.body.dataset.run)).toBe(`/page-0000000${version}.js`);
const isFirst = (page: Page): Promise<boolean> => page.evaluate(() => 'isFirst' in window);

test('a page whose server goes while the page is asked for is made by the next one', async () => {
  await using server = new Followed();
  const page = await open(server);
  Object.assign(server, { name: 'b.0', version: 2 });
  server.losses.set('/', 2).set('/islet/dev', 1);
  server.cut();
  await page.getByText('Version 2').waitFor();
  await runs(page, 2);
  expect(server.losses.get('/')).toBe(0);
  expect(await isFirst(page)).toBe(true);
});

test('a script whose server goes before it is sent is asked for again, under another address', async () => {
  await using server = new Followed();
  const page = await open(server);
  await runs(page, 1);
  Object.assign(server, { name: 'b.0', version: 2 });
  server.losses.set('/page-00000002.js', 1);
  server.cut();
  await runs(page, 2);
  expect(server.requests.filter((each) => each.startsWith('/page-00000002'))).toEqual([
    '/page-00000002.js',
    expect.stringMatching(/^\/page-00000002\.js\?again=\d$/),
  ]);
  expect(await isFirst(page)).toBe(true);
});

test('a script that a server has not got is not asked for for ever', async () => {
  await using server = new Followed();
  const page = await open(server);
  Object.assign(server, { name: 'b.0', version: 2 });
  server.losses.set('/page-00000002.js', 100);
  server.cut();
  const asked = () => server.requests.filter((each) => each.startsWith('/page-00000002')).length;
  await expect.poll(asked).toBe(4);
  await page.waitForTimeout(1_000);
  expect(asked()).toBe(4);
  expect(await isFirst(page)).toBe(true);
});

test('what has changed while the page could not hear it shows when the page hears again', async () => {
  await using server = new Followed();
  const page = await open(server);
  Object.assign(server, { name: 'a.1', version: 2 });
  server.cut();
  await page.getByText('Version 2').waitFor();
  await runs(page, 2);
  expect(await isFirst(page)).toBe(true);
});

test('a page asks seldom for a server that is away for long, and shows what stands in for it once', async () => {
  await using server = new Followed();
  const page = await open(server);
  server.losses.set('/islet/dev', Number.POSITIVE_INFINITY);
  server.cut();
  await page.waitForTimeout(4_000);
  expect(server.requests.filter((each) => each.startsWith('/islet/dev?problem')).length).toBeLessThan(20);
  server.losses.clear();
  server.problem = { title: 'The server has ended', facts: [], text: 'It said nothing.', number: 7 };
  await page.locator('islet-problem').waitFor();
  await expect.poll(() => server.requests.at(-1)).toBe('/islet/dev?problem=7');
});
