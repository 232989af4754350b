// The examples of TypeScript in the pages (but for those that other tests follow as a whole) do what the pages say: all
// of them pass the type check as a user's code would, and those that run in a browser are run there, section by
// section, with the markup beneath them.
//
// A block of TypeScript is a module of its own; one that begins with `// name.ts` can be imported by the others. Every
// section that imports `islet/client` needs an entry in `checks`: what a person would see.

import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type IsletOptions, islet, memoryStore, serverComponent } from '../server/index.ts';
import { visit } from '../server/testing/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { TestClient } from './support/client.ts';
import { moduleOf, pages, readBlocks, trialOf } from './support/doc-blocks.ts';
import { eventChecks } from './support/docs-events.ts';
import { documentWith } from './support/document.ts';
import { openPages } from './support/pages.ts';

interface Section {
  readonly title: string;
  readonly modules: readonly { readonly name: string; readonly code: string }[];
  readonly markup: string;
}

/** What each section's example does, by the section's title. */
const checks: Record<string, (page: Page) => Promise<void>> = {
  async 'Run it as a custom element'(page) {
    await page.getByRole('button', { name: 'Click' }).click({ clickCount: 3 });
    await shows(page, 'click-counter p', '3 clicks');
    await page.getByRole('button', { name: 'Reset' }).click();
    await shows(page, 'click-counter p', '0 clicks');
  },

  async 'Attributes and properties: values in'(page) {
    await shows(page, 'h2', 'Anime');
    const rows = [{ id: 1, label: 'Cowboy Bebop' }, { id: 'none' }, { id: 2, label: 'Steins;Gate' }];
    await page.locator('row-list').evaluate((element, value) => Object.assign(element, { rows: value }), rows);
    await expect.poll(() => page.locator('li').allTextContents()).toEqual(['Cowboy Bebop', 'Steins;Gate']);
    await page.locator('row-list').evaluate((element) => element.removeAttribute('title'));
    await shows(page, 'h2', 'Rows');
  },

  async 'Events: news out'(page) {
    await shows(page, 'p', 'Nothing saved');
    await page.getByRole('button').click({ clickCount: 2 });
    await shows(page, 'p', 'Saved 2 times');
  },

  async 'Contexts: values for everybody inside'(page) {
    await shows(page, 'theme-label', 'The theme is light');
    await page.getByRole('button').click();
    await shows(page, 'theme-label', 'The theme is dark');
  },

  async 'Shadow root, slots, parts and styles'(page) {
    const button = page.getByRole('button', { name: 'Details' });
    expect(await button.evaluate((element) => getComputedStyle(element).fontWeight)).toBe('700');
    await page.getByText('Whatever').waitFor();
    await page.locator('fold-card').evaluate((element) => element.focus());
    await page.keyboard.press('Enter');
    await page.getByText('Whatever').waitFor({ state: 'hidden' });
    expect(await button.getAttribute('aria-expanded')).toBe('false');
  },

  async 'Pseudo states'(page) {
    const meter = page.locator('level-meter');
    const color = () => meter.evaluate((element) => getComputedStyle(element).color);
    await expect.poll(color).toBe('rgb(200, 0, 0)');
    await meter.evaluate((element) => element.setAttribute('value', '70'));
    await page.locator('level-meter:state(high):not(:state(alarm))').waitFor();
    expect(await color()).toBe('rgb(0, 0, 0)');
  },

  async 'Controls of a form'(page) {
    const isValid = () => page.locator('form').evaluate((form: HTMLFormElement) => form.checkValidity());
    const sent = () => page.locator('form').evaluate((form: HTMLFormElement) => [...new FormData(form)].flat());
    await page.getByRole('button', { name: '1' }).waitFor();
    expect(await isValid()).toBe(false);
    await page.getByRole('button', { name: '4' }).click();
    await expect.poll(sent).toEqual(['stars', '4']);
    expect(await isValid()).toBe(true);
    expect(await page.locator('[aria-pressed=true]').count()).toBe(4);
    await page.locator('form').evaluate((form: HTMLFormElement) => form.reset());
    await expect.poll(sent).toEqual([]);
    await page.locator('star-field').evaluate((element) => element.toggleAttribute('disabled'));
    await expect.poll(() => page.getByRole('button', { name: '1' }).isDisabled()).toBe(true);
  },

  async 'Coming, going, moving'(page) {
    const diary = page.locator('page-diary');
    await shows(page, 'page-diary', 'PageShowed');
    await diary.evaluate((element) => document.querySelector('aside')?.moveBefore(element, null));
    await shows(page, 'page-diary', 'PageShowed, PageMoved');
    await diary.evaluate(async (element) => {
      element.remove();
      await Promise.resolve();
      document.body.append(element);
    });
    await shows(page, 'page-diary', 'PageShowed, PageMoved, PageHid, PageShowed');
  },

  async 'When it fails'(page) {
    const button = (name: string) => page.getByRole('button', { name });
    const count = page.getByRole('button').first();
    const told = (type: string, times: number) =>
      page.evaluate(
        ([event, count]) =>
          new Promise<unknown[]>((finish) => {
            const seen: unknown[] = [];
            addEventListener(event, (each) => {
              if (seen.push((each as CustomEvent).detail) === count) finish(seen);
            });
          }),
        [type, times] as const,
      );
    const refused = told('islet:refused', 1);
    await count.click();
    await button('Break').click();
    expect(await refused).toEqual([{ code: 'ISLET_ERR_MESSAGE_REFUSED' }]);
    await count.click();
    await expect.poll(() => count.textContent()).toBe('2');

    const states = told('islet:state', 2);
    await button('Restart').click();
    expect(await states).toEqual([{ state: 'failed', code: 'ISLET_ERR_ACTOR_FAILED' }, { state: 'live' }]);
    await count.click();
    await expect.poll(() => count.textContent()).toBe('3');
  },

  async 'State machines'(page) {
    await page.locator('traffic-light:state(red)').waitFor();
    await page.getByRole('button').click();
    await page.locator('traffic-light:state(green)').waitFor();
    await page.locator('traffic-light:state(red)').waitFor();
  },

  async 'A page as an app'(page) {
    await page.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => page.locator('li').allTextContents()).toEqual(['Cowboy Bebop', 'Number 2']);
    await expect.poll(() => page.title()).toBe('2 titles');
  },

  async 'Effects of the browser'(page) {
    await shows(page, 'h1', 'Visit 1');
    await page.reload();
    await shows(page, 'h1', 'Visit 2');
    const answers = [
      { status: 503, json: {} },
      { status: 200, json: { no: 'list' } },
      { status: 200, json: ['Cowboy Bebop', 'Steins;Gate'] },
    ];
    await page.route('**/api/titles', (route) => route.fulfill(answers.shift()));
    await page.getByRole('button').click();
    await shows(page, 'p', 'The server answered 503');
    await page.getByRole('button').click();
    await shows(page, 'p', 'Failed: decode');
    await page.getByRole('button').click();
    await expect.poll(() => page.locator('li').allTextContents()).toEqual(['Cowboy Bebop', 'Steins;Gate']);
    await expect.poll(() => page.title()).toBe('2 titles');
    await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).toBe('h1');
    await page.context().setOffline(true);
    await shows(page, 'p', 'Offline');
  },

  async 'Late answers'(page) {
    const waiting = new Map<string, () => Promise<void>>();
    await page.route('**/api/titles?q=*', (route) => {
      const asked = new URL(route.request().url()).searchParams.get('q') ?? '';
      waiting.set(asked, () => route.fulfill({ json: [`about ${asked}`] }));
    });
    const found = () => page.locator('li').allTextContents();
    const field = page.getByLabel('Title');
    await field.fill('a');
    await expect.poll(() => waiting.has('a')).toBe(true);
    const aborted = page.waitForEvent('requestfailed');
    await field.fill('ab');
    await aborted;
    await expect.poll(() => waiting.has('ab')).toBe(true);
    await waiting.get('ab')?.();
    await expect.poll(found).toEqual(['about ab']);
    // whoever was asked first answers last
    await waiting
      .get('a')?.()
      .catch(() => {});
    const left = page.waitForEvent('requestfailed');
    await field.fill('abc');
    await expect.poll(() => waiting.has('abc')).toBe(true);
    await field.fill('');
    await left;
    expect(await found()).toEqual([]);
  },

  async 'Routes and links'(page) {
    await shows(page, 'p', 'Home');
    await page.getByRole('link', { name: 'List' }).click();
    await shows(page, 'p', 'Page 2 of mob psycho');
    expect(page.url()).toBe('http://example.test/anime?q=mob+psycho&page=2');
    await page.getByRole('link', { name: 'Detail' }).click();
    await shows(page, 'p', 'Anime 7');
    await expect.poll(() => page.title()).toBe('Page /anime/7');
    await page.goBack();
    await shows(page, 'p', 'Page 2 of mob psycho');
    await page.route('**/healthz', (route) => route.fulfill({ body: 'ok' }));
    await page.getByRole('link', { name: 'Server' }).click();
    await shows(page, 'body', 'ok');
  },

  async 'Forms and fields'(page) {
    await page.getByLabel('Name').pressSequentially('spike');
    await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('SPIKE');
    await page.getByLabel('Search').pressSequentially('bebop');
    await shows(page, 'p', 'bebop');
    await page.getByLabel('Drama').check();
    await page.getByLabel('Comedy').check();
    await page.getByRole('button').click();
    const sent = { name: 'SPIKE', search: 'bebop', genre: ['drama', 'comedy'], kind: 'gift' };
    await shows(page, 'output', JSON.stringify(sent));
    await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('');
  },

  async 'What may stand in a hole'(page) {
    const look = () =>
      page
        .locator('section')
        .evaluate((section: HTMLElement) => [
          section.className,
          section.title,
          section.dataset.hue,
          section.style.borderWidth,
        ]);
    await expect.poll(look).toEqual(['panel  raised', '', '20', '1px']);
    await page.getByRole('button').click();
    await expect.poll(look).toEqual(['panel open raised wide', 'Open', '60', '1px']);
    await shows(page, 'p', 'The hue is 60');
    expect(await page.getByRole('button').getAttribute('aria-expanded')).toBe('true');
    await page.getByRole('button').click();
    await expect.poll(() => page.getByRole('button').isDisabled()).toBe(true);
  },
  ...eventChecks,
  async 'A form that decides'(page) {
    await page.getByLabel('Phone').pressSequentially('12ab');
    await expect.poll(() => page.getByLabel('Phone').inputValue()).toBe('12');
    await page.getByLabel('Guests').fill('10');
    await expect.poll(() => page.getByLabel('Guests').inputValue()).toBe('9');
    for (const note of ['vegan', 'late']) {
      await page.getByLabel('Note').pressSequentially(note);
      await page.getByRole('button').click();
      await expect.poll(() => page.getByLabel('Note').inputValue()).toBe('');
    }
    await expect.poll(() => page.locator('li').allTextContents()).toEqual(['vegan', 'late']);
  },
};

const root = resolve(import.meta.dirname, '..');
const sections = pages.flatMap(readSections);
const faces = {
  islet: join(root, 'shared/index.ts'),
  'islet/client/element': join(root, 'client-runtime/element/element.ts'),
  'islet/client/machines': join(root, 'client-runtime/machines.ts'),
  'islet/client': join(root, 'client-runtime/index.ts'),
  'islet/server': join(root, 'server/index.ts'),
};

const newPage = openPages({ pictures: true });
let folder: string;

beforeAll(async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'docs-examples-'));
  const names = sections.flatMap(({ modules }) => modules.map(({ name }) => name));
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
  for (const { name, code } of sections.flatMap(({ modules }) => modules)) await writeFile(join(folder, name), code);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('the examples pass the type check', { timeout: 180_000 }, async () => {
  const compilerOptions = {
    paths: Object.fromEntries(Object.entries(faces).map(([name, path]) => [name, [path]])),
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
    // an example need not use all that it declares
    noUnusedLocals: false,
  };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const check = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
  const { stdout }: { stdout: string } = await check.catch((failed) => failed);
  // what is wrong in the sources themselves, the type check of the repository says
  expect(stdout.split('\n').filter((line) => line.includes('docs-examples-'))).toEqual([]);
});

describe('in a browser', () => {
  const shown = sections.filter(({ modules }) => modules.some(({ code }) => code.includes("'islet/client'")));

  test('every section that has an example has a check, and every check its section', () => {
    expect(shown.map(({ title }) => title).sort()).toEqual(Object.keys(checks).sort());
  });

  test.each(shown)('$title', async ({ title, modules, markup }) => {
    const script = await bundle(modules.map(({ name }) => `import './${name}';`).join('\n'), 'browser');
    const page = await newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const body = `<!doctype html><title>Example</title><body>${markup}<script type="module" src="/app.js"></script>`;
    await page.route('http://example.test/', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    await page.goto('http://example.test/');
    await checks[title]?.(page);
    expect(problems).toEqual([]);
  });
});

test('on a server, both elements of the example are rendered', async () => {
  const file = join(folder, 'page.mjs');
  await writeFile(file, await bundle("export { app } from './page.ts';", 'node'));
  const { app }: { app: FastifyInstance } = await import(file);
  const { payload } = await app.inject('/');
  await app.close();
  expect(payload).toContain('<main><click-counter class="large"><p>0<!----> clicks</p>');
  expect(payload).toContain('<footer><click-counter></click-counter></footer>');
});

test('on a server, the app of the example is rendered, with its props', async () => {
  const file = join(folder, 'app-page.mjs');
  await writeFile(file, await bundle("export { app } from './app-page.ts';", 'node'));
  const { app }: { app: FastifyInstance } = await import(file);
  const { payload } = await app.inject('/');
  await app.close();
  expect(payload).toContain('<li>Mob Psycho 100</li>');
  expect(payload).toContain('data-islet>{"titles":["Cowboy Bebop","Mob Psycho 100"]}</script></div>');
});

test('on a server, the poll is rendered from what was loaded, and all who look see each vote', async () => {
  const counts = new Map([['opening', 7]]);
  const news = new EventEmitter();
  const votes = {
    count: async (poll: string) => counts.get(poll),
    async add(poll: string, _user: string) {
      counts.set(poll, (counts.get(poll) ?? 0) + 1);
      news.emit(poll, counts.get(poll));
    },
    listen(poll: string, listener: (count: number) => void, signal: AbortSignal) {
      news.on(poll, listener);
      signal.addEventListener('abort', () => news.off(poll, listener));
    },
  };
  const file = join(folder, 'server.mjs');
  await writeFile(file, await bundle("export { createServer } from './server.ts';", 'node'));
  const { createServer }: { createServer(source: typeof votes): Promise<FastifyInstance> } = await import(file);
  const app = await createServer(votes);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  expect((await app.inject('/polls/none')).statusCode).toBe(404);
  const read = async (headers: { 'x-user'?: string }) => (await app.inject({ url: '/polls/opening', headers })).payload;
  expect(await read({ 'x-user': 'ann' })).toContain('7<!----> votes');
  expect(await read({})).toContain('Joining this island is not allowed.');

  const socket = address.replace('http', 'ws');
  const visit = async (user?: string): Promise<TestClient> => {
    const client = new TestClient(`${socket}/islet`, { headers: user === undefined ? {} : { 'x-user': user } });
    await (await client.opened()).hello();
    return client;
  };
  const [ann, ben, nobody] = [await visit('ann'), await visit('ben'), await visit()];
  expect(await nobody.join('/ws/poll/opening')).toMatchObject({ code: 'ISLET_ERR_JOIN_FORBIDDEN' });
  expect(await ann.join('/ws/poll/none')).toMatchObject({ code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
  for (const client of [ann, ben]) await client.join('/ws/poll/opening', { channel: 2 });
  ann.click(1, { channel: 2 });
  for (const client of [ann, ben]) await client.until(() => client.slots(2)[2] === 8 && client.slots(2)[3] === 2);
  await app.close();
  expect(news.listenerCount('opening')).toBe(0);
});

describe('of many processes, and of what is kept', () => {
  /** Modules that share their copy of the package with this test. */
  let shared: string;
  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'islet-docs-examples-'));
    for (const { name, code } of sections.flatMap(({ modules }) => modules)) {
      const text = Object.entries(faces).reduce((all, [face, path]) => all.replaceAll(`'${face}'`, `'${path}'`), code);
      await writeFile(join(shared, name), text);
    }
    await symlink(join(root, 'node_modules'), join(shared, 'node_modules'));
  });
  afterAll(() => rm(shared, { recursive: true }));

  const load = (name: string): Promise<Record<string, unknown>> => import(join(shared, `${name}.ts`));
  const call = async <Given extends readonly unknown[]>(name: string, what: string, ...args: Given) => {
    const { [what]: exported } = await load(name);
    return (exported as ((...args: Given) => unknown) | undefined)?.(...args);
  };
  const apps: FastifyInstance[] = [];
  const start = async (options: IsletOptions = {}): Promise<FastifyInstance> => {
    const app = fastify();
    apps.push(app);
    await app.register(islet, options);
    return app;
  };
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  test('what is said under a topic is heard until the signal', async () => {
    const app = await start();
    const topic = await call('votes', 'votesOf', app);
    const heard: unknown[] = [];
    const ending = new AbortController();
    await call(
      'votes',
      'follow',
      topic,
      (vote: unknown) => heard.push(vote),
      () => {},
      ending.signal,
    );
    await call('votes', 'count', topic);
    ending.abort();
    await call('votes', 'count', topic);
    expect(heard).toEqual([{ poll: 'tea', count: 4 }]);
  });

  test('a component follows the topic', async () => {
    const app = await start();
    const topic = await call('votes', 'votesOf', app);
    const counter = (await call('poll-counter', 'createPollCounter', 'tea', topic, () => 3)) as AnyComponent;
    app.islet.route('/ws/tea', counter, { shared: true });
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/tea' }))));
    await using page = await visit(app, '/');
    expect(page.text()).toContain('3 votes');
    await call('votes', 'count', topic);
    await page.until('4 votes');
  });

  test('an order is paid by a request, and shown so', async () => {
    const app = await start();
    await call('orders', 'addOrders', app);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/order/7' }))));
    await using page = await visit(app, '/');
    expect(page.text()).toContain('Open');
    const { payload } = await app.inject({ method: 'POST', url: '/paid/7', payload: { payment: 'p1' } });
    expect(payload).toBe('thank you');
    await page.until('Paid');
  });

  test('who is in a room is named', async () => {
    const userOf = (cookie: string | undefined) => (cookie ? { login: cookie, color: 'red' } : null);
    const app = (await call('rooms', 'createRooms', userOf)) as FastifyInstance;
    apps.push(app);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/room/a' }))));
    await using ann = await visit(app, '/', { headers: { cookie: 'ann' } });
    await ann.until('Here: ann');
  });

  test('a board is kept, and one of an older schema is read', async () => {
    const store = memoryStore();
    const first = (await call('kept-app', 'createApp', store)) as FastifyInstance;
    apps.push(first);
    await first.ready();
    await first.islet.send('/ws/board', {}, { type: 'UserAdded', row: { id: 1, text: 'Milk' } } as never);
    const { board } = (await load('board')) as unknown as { board: { migrate(old: unknown, from: number): unknown } };
    expect(board.migrate([{ id: 1, text: 'Milk' }], 0)).toEqual({ rows: [{ id: 1, text: 'Milk' }], filter: '' });
    expect(board.migrate({ rows: [] }, 1)).toEqual({ rows: [], filter: '' });
    const kept = JSON.parse((await store.load('/ws/board'))?.model?.base ?? '');
    expect(kept.context).toEqual({ rows: [{ id: 1, text: 'Milk' }], filter: '' });
  });

  test('who clicked what has become something else meanwhile has done what was shown', async () => {
    const app = await start();
    const { offer } = (await load('offer')) as { offer: AnyComponent };
    app.islet.route('/ws/offer', offer, { shared: true });
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/offer' }))));
    await using ann = await visit(app, '/');
    await using ben = await visit(app, '/');
    ann.cut();
    const buying = ann.click('Buy apple');
    await ben.click('Turn');
    await ann.restore();
    await buying;
    await ben.until('Bought: apple');
    await ben.click('Buy car');
    await ann.until('Bought: car');
  });

  test('a mail is sent, and the order says so', async () => {
    const app = await start();
    const sent: unknown[] = [];
    const mailer = { send: async (mail: object) => ({ id: `m${sent.push(mail)}` }) };
    await call('mails', 'addMails', app, mailer);
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/orders' }))));
    await using page = await visit(app, '/');
    await page.click('Order');
    await page.until('Order 1: mail m1 was sent.');
    expect(sent).toHaveLength(1);
  });
});

async function bundle(contents: string, platform: 'browser' | 'node'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform,
    alias: faces,
    target: 'es2022',
    write: false,
    ...(platform === 'node' && { packages: 'external', alias: faces }),
  });
  return outputFiles[0]?.text ?? '';
}

async function shows(page: Page, selector: string, text: string): Promise<void> {
  await expect.poll(() => page.locator(selector).first().textContent()).toBe(text);
}

function readSections(page: string): Section[] {
  const tried = readBlocks(page).filter((block) => trialOf(block) === 'compiled');
  const titles = [...new Set(tried.map(({ section }) => section))];
  return titles.map((title) => {
    const blocks = tried.filter(({ section }) => section === title);
    const name = `${page}-${title}`.replace(/\W+/g, '-').toLowerCase();
    return {
      title,
      modules: blocks
        .filter(({ info }) => info === 'ts')
        .map((block, index) => ({ code: block.code, name: moduleOf(block) ?? `${name}-${index}.ts` })),
      markup: blocks.find(({ info }) => info === 'html')?.code ?? '',
    };
  });
}
