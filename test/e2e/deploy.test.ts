// A deploy while somebody types and clicks, in a real browser: the server is stopped and another one takes its place,
// on the same port and the same store. What is sent to the page is counted; what its person did is there, once.

import Fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { afterEach, expect, test } from 'vitest';
import { islet, memoryStore, type Store, serverComponent } from '../../server/index.ts';
import { component, effect, html, keyed } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { freePort } from '../support/free-port.ts';
import { openPages } from '../support/pages.ts';

const newPage = openPages();

interface Model {
  readonly rows: readonly { readonly id: number; readonly count: number }[];
  readonly note: string;
}

type Message =
  | { readonly type: 'UserTurned' }
  | { readonly type: 'UserCounted'; readonly id: number }
  | { readonly type: 'UserWrote'; readonly text: string };

/** The component as one version of the code has it. */
const board = (title: string, isLast = true) =>
  component<Model, Message>({
    init: () => [{ rows: [1, 2, 3, 4].map((id) => ({ id, count: 0 })), note: '' }, effect.none],
    update(model, message) {
      const { rows } = model;
      if (message.type === 'UserTurned') return [{ ...model, rows: rows.toReversed() }, effect.none];
      if (message.type === 'UserWrote') return [{ ...model, note: message.text }, effect.none];
      const next = rows.map((row) => (row.id === message.id ? { ...row, count: row.count + 1 } : row));
      return [{ ...model, rows: next }, effect.none];
    },
    view: ({ rows, note }) => html`
      <h1>${title}</h1>
      <button id="turn" @click=${{ type: 'UserTurned' }}>turn</button>
      <details><summary>more</summary><p>text</p></details>
      <input id="note" .value=${note} @input=${({ value = '' }) => ({ type: 'UserWrote', text: value })}>
      <input id="other">
      <output id="said">${note}</output>
      <ul>${keyed(
        rows.filter(({ id }) => isLast || id !== 4),
        ({ id }) => id,
        ({ id, count }) =>
          html`<li><button id=${`row${id}`} @click=${{ type: 'UserCounted', id }}>${id}: ${count}</button></li>`,
      )}</ul>
    `,
  });

const running: FastifyInstance[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

async function start(
  port: number,
  store: Store,
  what: ReturnType<typeof board>,
  options: object,
): Promise<FastifyInstance> {
  const app = Fastify();
  // a store that outlives the server, as a database does
  await app.register(islet, { store: { ...store, close: async () => {} } });
  app.islet.route('/ws/board', what, options);
  app.get('/', (_, reply) => reply.html(documentWith([serverComponent({ route: '/ws/board' })])));
  await app.listen({ host: '127.0.0.1', port });
  running.push(app);
  return app;
}

async function open(port: number) {
  const page = await newPage();
  const frames: string[] = [];
  const dropped: { readonly events: number; readonly why: string }[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await page.exposeFunction('onDropped', (detail: (typeof dropped)[0]) => dropped.push(detail));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.evaluate(() => {
    const element = document.querySelector('server-component') as HTMLElement;
    element.addEventListener('islet:dropped', (event) => {
      const { events, why } = (event as CustomEvent).detail;
      (window as unknown as { onDropped(detail: object): void }).onDropped({ events, why });
    });
  });
  const state = () =>
    page.evaluate(() => (document.querySelector('server-component') as unknown as { state: string }).state);
  await expect.poll(state).toBe('live');
  return { page, frames, dropped, state };
}

const rememberNote = (page: Page): Promise<unknown> =>
  page.evaluate(() => Object.assign(window, { kept: document.querySelector('#note') }));

/** What the page shows of what its person did, and whether the field is the node of `rememberNote`. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const note = document.querySelector('#note') as HTMLInputElement;
    return {
      isSameNode: note === (window as unknown as { kept: Element }).kept,
      hasFocus: document.activeElement === note,
      note: note.value,
      caret: note.selectionStart,
      other: (document.querySelector('#other') as HTMLInputElement).value,
      isOpen: document.querySelector('details')?.open,
    };
  });

const shared = { shared: true, persist: true };

test('a deploy while somebody types and clicks sends no tree, and nothing that was done is lost', async () => {
  const port = await freePort();
  const store = memoryStore();
  const first = await start(port, store, board('Rows'), shared);
  const { page, frames, dropped, state } = await open(port);
  await page.click('#turn');
  await page.click('#row2');
  await expect.poll(() => page.textContent('ul')).toBe('4: 03: 02: 11: 0');
  await page.click('summary');
  await page.fill('#other', 'nobody reports this');
  await page.focus('#note');
  await page.keyboard.type('hello');
  await page.keyboard.press('ArrowLeft');
  await rememberNote(page);
  await first.close();
  await expect.poll(state).toBe('offline');
  await page.keyboard.type('!');
  await page.evaluate(() => {
    for (const id of ['row4', 'row4', 'row1']) document.getElementById(id)?.click();
  });
  frames.length = 0;
  await start(port, store, board('Rows'), shared);
  await expect.poll(() => page.textContent('ul'), { timeout: 30_000 }).toBe('4: 23: 02: 11: 1');
  await expect.poll(() => page.textContent('#said')).toBe('hell!o');
  expect(await shown(page)).toEqual({
    isSameNode: true,
    hasFocus: true,
    note: 'hell!o',
    caret: 5,
    other: 'nobody reports this',
    isOpen: true,
  });
  expect(dropped).toEqual([]);
  const [hello = '', live = '', ...patches] = frames;
  expect(hello).toMatch(/^\[0,"hello"/);
  expect(live).toMatch(/^\[1,"live"/);
  expect(live.length).toBeLessThan(100);
  for (const patch of patches) expect(patch.length).toBeLessThan(60);
});

test('a deploy of another view keeps nodes and typing; clicks arrive where they were made, or are told', async () => {
  const port = await freePort();
  const store = memoryStore();
  const first = await start(port, store, board('Rows'), shared);
  const { page, dropped, state } = await open(port);
  await page.click('#turn');
  await expect.poll(() => page.textContent('ul')).toBe('4: 03: 02: 01: 0');
  await page.click('summary');
  await page.focus('#note');
  await page.keyboard.type('hello');
  await rememberNote(page);
  await first.close();
  await expect.poll(state).toBe('offline');
  await page.evaluate(() => {
    for (const id of ['row1', 'row4', 'row2', 'row1']) document.getElementById(id)?.click();
  });
  await page.keyboard.type('!');
  await start(port, store, board('Rows, anew', false), shared);
  await expect.poll(() => page.textContent('h1'), { timeout: 30_000 }).toBe('Rows, anew');
  await expect.poll(() => page.textContent('ul')).toBe('3: 02: 11: 2');
  await expect.poll(() => page.textContent('#said')).toBe('hello!');
  expect(await shown(page)).toMatchObject({ isSameNode: true, hasFocus: true, note: 'hello!', isOpen: true });
  expect(dropped).toEqual([{ events: 1, why: 'gone' }]);
});
