// What the element says and does when a server says what a test wants: real browser, real sockets, frames written by
// hand. Here are the cases that a real server seldom gives: cuts between any two frames, silence, refusals, patches
// that do not fit, and closes with a reason.

import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { compile } from '../../server/html-parser.ts';
import { html, keyed, on } from '../../shared/index.ts';
import { scriptJson } from '../../shared/template/escape.ts';
import { encodeShape, TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { renumber } from '../../shared/tree/take-up.ts';
import { encodeAdoption } from '../../shared/wire/adoption.ts';
import {
  decodeIdsReversed,
  IdRunsWriter,
  slotsOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import type { ServerFrame } from '../../shared/wire/frames.ts';
import { emit, type Operation, refused, setHole } from '../../shared/wire/patch.ts';
import { openPages } from '../support/pages.ts';
import { type ScriptedServer, type ScriptedSocket, startScripted } from '../support/scripted-server.ts';

const newPage = openPages();

interface Model {
  readonly count: number;
  readonly text?: string;
  readonly rows?: readonly string[];
  readonly extra?: string;
}

const clicked = { type: 'UserClicked' };

function view({ count, text = '', rows = [], extra }: Model): unknown {
  return html`
    <button @click=${clicked}>${count}</button>
    <input .value=${text} @input=${on(() => clicked)}>
    <section>${extra && html`<b>${extra}</b>`}</section>
    <main>${html`<div><ul title=${'list'}>${keyed(
      rows,
      (row) => row,
      (row) => html`<li>${row}</li>`,
    )}</ul></div>`}</main>
  `;
}

/** The holes of that view. */
const hole = { click: 0, count: 1, value: 2, input: 3, extra: 4, list: 5 } as const;
/** The instances of the root and, while there is nothing extra, of the list. */
const root = 1;
const list = 2;

function renderingOf(model: Model): Rendering {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view(model));
  return rendering;
}

interface Fields {
  readonly epoch?: string;
  readonly version?: number;
  readonly event?: number;
  readonly operations?: readonly Operation[];
}

function mountOf(rendering: Rendering, fields: Fields = {}): ServerFrame {
  const { epoch = 'e-1', version = 1, event = 0, operations = [] } = fields;
  const define = rendering.define(0) ?? null;
  const [content, ids, nextId] = [rendering.toMount(), rendering.toIds(), rendering.nextId];
  return { kind: 'mount', channel: 1, epoch, version, event, nextId, ids, define, content, operations };
}

function live({ epoch = 'e-1', version = 1, event = 0, operations = [] }: Fields = {}): ServerFrame {
  return { kind: 'live', channel: 1, epoch, version, event, operations };
}

function patch(operations: readonly Operation[], event?: number): ServerFrame {
  return { kind: 'patch', channel: 1, operations, event };
}

const plain = '<server-component route="/ws/test"></server-component>';

/** An island that the server has rendered. */
function adopted(model: Model, attributes: readonly string[] = [], more = ''): string {
  const rendering = renderingOf(model);
  const { nextId, table } = rendering;
  const [shape, definitions] = [encodeShape(rendering.content, rendering.table), table.encode()];
  const adoption = {
    epoch: 'e-1',
    version: 1,
    digest: 'd-1',
    nextId,
    ids: rendering.toIds(),
    shape,
    attributes,
    definitions,
  };
  const data = `<script type="application/json">${scriptJson(encodeAdoption(adoption))}</script>`;
  return `<server-component route="/ws/test"${more}>${renderContent(rendering.content)}${data}</server-component>`;
}

/** Opens the page, and keeps what its island tells. */
async function open(server: ScriptedServer, page?: Page): Promise<Page> {
  const opened = page ?? (await newPage());
  await opened.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const name of ['refused', 'dropped', 'recovered', 'outdated'])
      addEventListener(`islet:${name}`, (event) => {
        const { targets, ...detail } = (event as CustomEvent).detail;
        told.push([name, { ...detail, ...(targets && { on: targets.map(({ localName }: Element) => localName) }) }]);
      });
    addEventListener('news', () => told.push(['news', document.querySelector('button')?.textContent]));
  });
  await opened.goto(server.url);
  return opened;
}

/** A page whose island is joined and shows a model. */
async function openLive(
  server: ScriptedServer,
  model: Model = { count: 0 },
): Promise<{ page: Page; socket: ScriptedSocket; rendering: Rendering }> {
  const page = await open(server);
  const rendering = renderingOf(model);
  const socket = await rejoin(server, mountOf(rendering));
  await state(page, 'live');
  return { page, socket, rendering };
}

/** Takes the page's next socket, and answers its join. */
async function rejoin(server: ScriptedServer, answer: ServerFrame, session?: string): Promise<ScriptedSocket> {
  const socket = await server.accept();
  await socket.greet(session);
  await socket.next('join');
  socket.send(answer);
  return socket;
}

const told = (page: Page): Promise<unknown[]> =>
  page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told);

async function state(page: Page, name: string): Promise<void> {
  await page.locator(`server-component:state(${name})`).waitFor({ state: 'attached' });
}

const click = (page: Page): Promise<void> => page.locator('button').click();
/** Two clicks are under way when the connection is cut, and one is made after that. */
async function cutWithTwoUnderWay(page: Page, socket: ScriptedSocket): Promise<void> {
  await click(page);
  await click(page);
  await socket.next('event');
  await socket.next('event');
  socket.cut();
  await state(page, 'offline');
  await click(page);
}

const count = (page: Page): Promise<string | null> => page.locator('button').textContent();
const shownRows = (page: Page): Promise<string[]> => page.locator('li').allTextContents();

describe('events', () => {
  test('are numbered from 1 on when they are sent, and say epoch and version', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 1, epoch: 'e-1', version: 1, instance: root, hole: 0 });
    socket.send(patch([setHole(root, hole.count, 1)], 1));
    await expect.poll(() => count(page)).toBe('1');
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 2, version: 2 });
  });

  test('go out again under their old numbers after a cut, as far as they did not arrive', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    for (let times = 0; times < 3; times++) await click(page);
    for (let times = 0; times < 3; times++) await socket.next('event');
    socket.send(patch([], 1));
    socket.cut();
    await state(page, 'offline');
    await click(page);
    const next = await server.accept();
    expect(await next.greet()).toMatchObject({ session: 's-1' });
    expect(await next.next('join')).toMatchObject({ settled: 1, have: ['e-1', 1, 2] });
    next.send(live({ event: 2 }));
    expect([await next.next('event'), await next.next('event')]).toMatchObject([{ number: 3 }, { number: 4 }]);
    expect(await told(page)).toEqual([]);
  });

  test('that were under way are dropped and told when the session is another; the others go on', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await cutWithTwoUnderWay(page, socket);
    const next = await server.accept();
    await next.greet('s-2');
    expect(await next.next('join')).toMatchObject({ settled: 2 });
    next.send(live({ event: 2 }));
    expect(await next.next('event')).toMatchObject({ number: 3, epoch: 'e-1' });
    expect(await told(page)).toEqual([['dropped', { events: 2, why: 'unknown', on: ['button', 'button'] }]]);
  });

  test('that were sent so long ago that the server may have forgotten them are told, and not said again', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await cutWithTwoUnderWay(page, socket);
    const sleep = (hours: number): Promise<void> =>
      page.evaluate((ms) => {
        const { now } = Date;
        Date.now = () => now() + ms;
      }, hours * 3_600_000);
    await sleep(22);
    const next = await rejoin(server, live({ event: 0 }));
    for (const number of [1, 2, 3]) expect(await next.next('event')).toMatchObject({ number });
    next.cut();
    await state(page, 'offline');
    // it counts when they were sent first
    await sleep(2);
    const last = await server.accept();
    await last.greet();
    expect(await last.next('join')).toMatchObject({ settled: 2 });
    last.send(live({ event: 0 }));
    expect(await last.next('event')).toMatchObject({ number: 3 });
    expect(await told(page)).toEqual([['dropped', { events: 2, why: 'unknown', on: ['button', 'button'] }]]);
  });

  test('of an island that is added while the page comes back are its own: it joins once', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    socket.cut();
    await state(page, 'offline');
    const next = await server.accept();
    const hello = await next.next('hello');
    await page.evaluate((island) => document.body.insertAdjacentHTML('beforeend', island), plain);
    next.send({
      kind: 'hello',
      channel: 0,
      session: hello.session ?? '',
      maxFrameBytes: 65_536,
      maxEventsPerSecond: 100,
    });
    await next.next('join');
    expect(await next.next('join')).toMatchObject({ channel: 2 });
    next.send(live());
    await click(page);
    await next.next('event');
    expect(next.frames.filter(({ kind }) => kind === 'join')).toHaveLength(2);
  });

  test('of another epoch go to the place where they were made, sent before or not', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server);
    await click(page);
    await socket.next('event');
    socket.cut();
    await state(page, 'offline');
    await click(page);
    renumber(rendering, 20);
    const next = await rejoin(server, mountOf(rendering, { epoch: 'e-2' }));
    expect([await next.next('event'), await next.next('event')]).toMatchObject([
      { number: 1, epoch: 'e-2', instance: 20, hole: hole.click },
      { number: 2, epoch: 'e-2', instance: 20, hole: hole.click },
    ]);
    expect(await told(page)).toEqual([]);
  });

  test('are said again where another epoch is shown without a cut, as their place is called there', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server);
    for (let count = 0; count < 3; count++) await click(page);
    for (let count = 0; count < 3; count++) await socket.next('event');
    renumber(rendering, 20);
    socket.send(mountOf(rendering, { epoch: 'e-2', event: 1 }));
    expect([await socket.next('event'), await socket.next('event')]).toMatchObject([
      { number: 2, epoch: 'e-2', instance: 20, hole: hole.click },
      { number: 3, epoch: 'e-2', instance: 20, hole: hole.click },
    ]);
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 4, epoch: 'e-2' });
    expect(await told(page)).toEqual([]);
  });

  test.each(['a cut', 'no cut'])(
    'whose place is gone are told after %s, and those that were done are not',
    async (how) => {
      await using server = await startScripted(plain);
      const { page, socket } = await openLive(server);
      for (let count = 0; count < 3; count++) await click(page);
      for (let count = 0; count < 3; count++) await socket.next('event');
      const other = new Rendering(compile, new TemplateTable());
      other.render(html`<button id="new" @click=${{ type: 'UserClicked' }}>new</button>`);
      const mount = mountOf(other, { epoch: 'e-2', event: 1 });
      let next = socket;
      if (how === 'no cut') socket.send(mount);
      else {
        socket.cut();
        await state(page, 'offline');
        next = await rejoin(server, mount);
      }
      expect([await next.next('void'), await next.next('void')]).toMatchObject([{ number: 2 }, { number: 3 }]);
      expect(await told(page)).toEqual([['dropped', { events: 2, why: 'gone', on: ['button', 'button'] }]]);
      await page.locator('#new').click();
      expect(await next.next('event')).toMatchObject({ number: 4, epoch: 'e-2' });
    },
  );

  test('of whom nobody knows any more are told without a cut, too, and their numbers are used up', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server);
    for (let count = 0; count < 2; count++) await click(page);
    for (let count = 0; count < 2; count++) await socket.next('event');
    socket.send(mountOf(rendering, { epoch: 'e-1', event: -1 }));
    for (const number of [1, 2, 3]) expect(await socket.next('void')).toMatchObject({ number });
    expect(await told(page)).toEqual([['dropped', { events: 2, why: 'unknown', on: ['button', 'button'] }]]);
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 4 });
  });

  test('whose place is gone are told, and their numbers are used up', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await click(page);
    await socket.next('event');
    socket.cut();
    await state(page, 'offline');
    await click(page);
    const other = new Rendering(compile, new TemplateTable());
    other.render(html`<button id="new" @click=${{ type: 'UserClicked' }}>new</button>`);
    const next = await rejoin(server, mountOf(other, { epoch: 'e-2' }));
    await state(page, 'live');
    expect(await told(page)).toEqual([['dropped', { events: 2, why: 'gone', on: ['button', 'button'] }]]);
    await page.locator('#new').click();
    expect([await next.next('void'), await next.next('event')]).toMatchObject([
      { number: 1 },
      { number: 2, epoch: 'e-2' },
    ]);
    // and once is enough
    next.cut();
    await state(page, 'offline');
    const last = await rejoin(server, live({ epoch: 'e-2', event: 2 }));
    await page.locator('#new').click();
    expect(await last.next('event')).toMatchObject({ number: 3 });
    expect(last.frames.filter(({ kind }) => kind === 'void')).toEqual([]);
  });

  test('of whom nobody knows what became are told, and those that were never sent go', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server);
    await cutWithTwoUnderWay(page, socket);
    const next = await rejoin(server, mountOf(rendering, { epoch: 'e-2', event: -1 }));
    const frames = [
      await next.next('void'),
      await next.next('void'),
      await next.next('void'),
      await next.next('event'),
    ];
    expect(frames).toMatchObject([{ number: 1 }, { number: 2 }, { number: 3 }, { number: 4, epoch: 'e-2' }]);
    expect(await told(page)).toEqual([['dropped', { events: 2, why: 'unknown', on: ['button', 'button'] }]]);
  });

  test('that are sent after that are none of those: the next join says that it was heard', async () => {
    await using server = await startScripted(plain);
    const page = await open(server);
    const socket = await rejoin(server, mountOf(renderingOf({ count: 0 }), { event: -1 }));
    await state(page, 'live');
    expect(await socket.next('void')).toMatchObject({ number: 1 });
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 2 });
    socket.cut();
    await state(page, 'offline');
    const next = await server.accept();
    await next.greet();
    expect(await next.next('join')).toMatchObject({ settled: 1 });
    next.send(live({ event: 1 }));
    expect(await next.next('event')).toMatchObject({ number: 2 });
    expect(await told(page)).toEqual([]);
  });

  test('that were refused out of their order leave no gap for whoever hears of them next', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    for (let count = 0; count < 3; count++) await click(page);
    for (let count = 0; count < 3; count++) await socket.next('event');
    socket.send(patch([refused(2, 'ISLET_ERR_STORE', 'not now')]));
    await expect.poll(() => told(page)).toHaveLength(1);
    socket.cut();
    await state(page, 'offline');
    const next = await rejoin(server, live());
    expect([await next.next('event'), await next.next('void'), await next.next('event')]).toMatchObject([
      { number: 1 },
      { number: 2 },
      { number: 3 },
    ]);
  });

  test.each(['ISLET_ERR_STORE', 'ISLET_ERR_NO_ANSWER'] as const)(
    'wait where their island could not be had now (%s): it is asked for again, and they are said again',
    async (code) => {
      await using server = await startScripted(plain);
      const { page, socket } = await openLive(server);
      await click(page);
      await socket.next('event');
      socket.cut();
      const next = await server.accept();
      await next.greet();
      await next.next('join');
      next.send({ kind: 'error', channel: 1, code, message: 'not now' });
      await state(page, 'failed');
      expect(await next.next('join')).toMatchObject({ settled: 0 });
      next.send(live());
      expect(await next.next('event')).toMatchObject({ number: 1 });
      await state(page, 'live');
      expect(await told(page)).toEqual([]);
    },
  );

  test('wait while the server cannot store them, and the page says so until it can', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await click(page);
    await socket.next('event');
    socket.send({ kind: 'saving', channel: 1, isSaving: true });
    await state(page, 'saving');
    expect(await page.locator('server-component').evaluate((element) => element.matches(':state(saving)'))).toBe(true);
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 2 });
    await page.waitForTimeout(1_500);
    await state(page, 'saving');
    socket.send({ kind: 'saving', channel: 1, isSaving: false });
    await state(page, 'live');
  });

  test('that were not sent are replaced where they say what is typed in the same field', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    socket.cut();
    await state(page, 'offline');
    await page.locator('input').pressSequentially('abc');
    await click(page);
    await page.locator('input').press('End');
    await page.locator('input').pressSequentially('de');
    const next = await rejoin(server, live());
    const events = [await next.next('event'), await next.next('event'), await next.next('event')];
    expect(events).toMatchObject([
      { number: 1, hole: hole.input, data: { value: 'abc' } },
      { number: 2, hole: hole.click },
      { number: 3, hole: hole.input, data: { value: 'abcde' } },
    ]);
  });

  test('that were sent are replaced by nothing', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    await page.locator('input').pressSequentially('ab');
    expect([await socket.next('event'), await socket.next('event')]).toMatchObject([
      { data: { value: 'a' } },
      { data: { value: 'ab' } },
    ]);
  });

  test('that are refused are told, and their field shows what the model has', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    const warnings: string[] = [];
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await page.locator('input').pressSequentially('a');
    await socket.next('event');
    socket.send(patch([setHole(root, hole.value, 'model')]));
    socket.send(patch([refused(1, 'ISLET_ERR_LIMIT_EVENTS', 'too many')]));
    await expect.poll(() => page.locator('input').inputValue()).toBe('model');
    expect(await told(page)).toEqual([['refused', { code: 'ISLET_ERR_LIMIT_EVENTS', message: 'too many', event: 1 }]]);
    expect(warnings).toHaveLength(1);
    // a refusal alone makes no version
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 2, version: 2 });
  });
});

describe('a cut after any frame', () => {
  test('leaves a page that says which version it has, and shows that', async () => {
    await using server = await startScripted(plain);
    const page = await open(server);
    const rendering = renderingOf({ count: 0 });
    const models: Model[] = [
      { count: 1 },
      { count: 2, rows: ['a'] },
      { count: 3, rows: ['a', 'b'], extra: 'x' },
      { count: 4 },
    ];
    let version = 1;
    let answer = mountOf(rendering, { version });
    for (const model of models) {
      const socket = await rejoin(server, answer);
      await state(page, 'live');
      const operations = rendering.render(view(model));
      version++;
      if (version % 2 === 0) {
        socket.send(patch(operations));
        await expect.poll(() => count(page)).toBe(`${model.count}`);
        answer = live({ version });
      } else answer = live({ version, operations });
      socket.cut();
      await state(page, 'offline');
    }
    const last = await rejoin(server, answer);
    await state(page, 'live');
    expect(await count(page)).toBe('4');
    last.cut();
    const socket = await server.accept();
    await socket.greet();
    expect(await socket.next('join')).toMatchObject({ have: ['e-1', version, 4] });
  });

  test('in one frame come version, content and what belongs to it: nothing of it is counted before it is shown', async () => {
    await using server = await startScripted(plain);
    const page = await open(server);
    await rejoin(server, mountOf(renderingOf({ count: 7 }), { operations: [emit('news', 1, undefined)] }));
    await expect.poll(() => told(page)).toEqual([['news', '7']]);
  });
});

describe('what cannot be applied', () => {
  /** Puts another element in the place of the list's, so that nothing can be put into it. */
  const takeList = (page: Page): Promise<void> =>
    page.locator('ul').evaluate((element) => element.replaceWith(element.cloneNode(true)));

  /** The list as it is now. */
  function partOf(rendering: Rendering, version: number): ServerFrame {
    const content = slotsOf(rendering.toMount() as WireInstance)[hole.list] as WireContent;
    const ids = new IdRunsWriter();
    for (const id of decodeIdsReversed(rendering.toIds()).reverse()) if (id !== root) ids.add(id);
    return { kind: 'part', channel: 1, version, instance: list, ids: ids.runs, nextId: rendering.nextId, content };
  }

  test('is asked for anew in the smallest place, while the rest of its patch is applied', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server, { count: 0, rows: ['a', 'b'] });
    await page.locator('input').focus();
    await takeList(page);
    socket.send(patch(rendering.render(view({ count: 1, rows: ['a', 'x', 'y', 'b'] }))));
    // the page may have seen it before the patch came
    expect(await socket.next('need')).toMatchObject({ channel: 1, instance: list });
    await expect.poll(() => count(page)).toBe('1');
    // what comes before the answer is applied as well, but not counted, and is not asked for again
    socket.send(patch(rendering.render(view({ count: 2, rows: ['a', 'x', 'z', 'y', 'b'] }))));
    await expect.poll(() => count(page)).toBe('2');
    await page.locator('button').dispatchEvent('click');
    expect(await socket.next('event')).toMatchObject({ version: 1 });
    expect(await told(page)).toEqual([]);
    socket.send(partOf(rendering, 3));
    await expect.poll(() => shownRows(page)).toEqual(['a', 'x', 'z', 'y', 'b']);
    expect(await told(page)).toEqual([['recovered', { reason: expect.any(String) }]]);
    await page.locator('button').dispatchEvent('click');
    expect(await socket.next('event')).toMatchObject({ version: 3, instance: root });
    // ids are those of the server again
    socket.send(patch(rendering.render(view({ count: 3, rows: ['y', 'new', 'a'] }))));
    await expect.poll(() => shownRows(page)).toEqual(['y', 'new', 'a']);
    expect(socket.frames.filter(({ kind }) => kind === 'need')).toHaveLength(1);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('input');
  });

  test('counts what is new, so that what is made elsewhere has the ids that the server gives', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server, { count: 0, rows: ['a', 'b'] });
    await takeList(page);
    socket.send(patch(rendering.render(view({ count: 0, rows: ['a', 'x', 'y', 'b'] }))));
    await socket.next('need');
    socket.send(patch(rendering.render(view({ count: 0, rows: ['a', 'x', 'y', 'b'], extra: 'one' }))));
    socket.send(patch(rendering.render(view({ count: 1, rows: ['a', 'x', 'y', 'b'], extra: 'two' }))));
    await expect.poll(() => count(page)).toBe('1');
    expect(await page.locator('b').textContent()).toBe('two');
  });

  test('is asked for with what holds it where it cannot be shown, and brought whole where the connection is lost meanwhile', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server, { count: 0, rows: ['a', 'b'] });
    await takeList(page);
    socket.send(patch(rendering.render(view({ count: 1, rows: ['a', 'x', 'b'] }))));
    const unknown = [17, 'no such template'] as const;
    for (const instance of [list, root]) {
      expect(await socket.next('need')).toMatchObject({ instance });
      socket.send({ ...partOf(rendering, 2), instance, content: unknown } as ServerFrame);
    }
    expect(await socket.next('need')).toEqual({ kind: 'need', channel: 1, version: 2, instance: 0 });
    socket.cut();
    const next = await server.accept();
    await next.greet();
    expect(await next.next('join')).toMatchObject({ have: undefined });
    next.send(mountOf(rendering, { version: 2 }));
    await expect.poll(() => shownRows(page)).toEqual(['a', 'x', 'b']);
    expect(await told(page)).toEqual([['recovered', { reason: expect.any(String) }]]);
    expect(await page.locator('button').count()).toBe(1);
  });

  test('may be asked for in several places: the page is where it should be with the last of them', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server, { count: 0, rows: ['a', 'b'] });
    await takeList(page);
    socket.send(patch([...rendering.render(view({ count: 1, rows: ['a', 'x', 'b'] })), setHole(99, 0, 'nowhere')]));
    const needs = [await socket.next('need'), await socket.next('need')];
    expect(needs).toMatchObject([{ instance: list }, { instance: 0 }]);
    socket.send(partOf(rendering, 2));
    await expect.poll(() => shownRows(page)).toEqual(['a', 'x', 'b']);
    expect(await told(page)).toEqual([]);
    socket.send(mountOf(rendering, { version: 2 }));
    await expect.poll(() => told(page)).toEqual([['recovered', { reason: expect.any(String) }]]);
  });

  test('is asked for when a join has been answered, where that is what cannot be applied', async () => {
    await using server = await startScripted(plain);
    const { page, socket, rendering } = await openLive(server, { count: 0, rows: ['a', 'b'] });
    // what puts it right has been loaded: it asks at once
    await takeList(page);
    socket.send(patch(rendering.render(view({ count: 1, rows: ['a', 'x', 'b'] }))));
    await socket.next('need');
    socket.send(partOf(rendering, 2));
    await expect.poll(() => shownRows(page)).toEqual(['a', 'x', 'b']);
    socket.cut();
    await state(page, 'offline');
    const next = await rejoin(server, live({ version: 3, operations: [setHole(99, 0, 'nowhere')] }));
    expect(await next.next('need')).toEqual({ kind: 'need', channel: 1, version: 3, instance: 0 });
    rendering.render(view({ count: 2, rows: ['b'] }));
    next.send(mountOf(rendering, { version: 3 }));
    await expect.poll(() => shownRows(page)).toEqual(['b']);
    expect(next.frames.filter(({ kind }) => kind === 'need')).toHaveLength(1);
  });

  test('says so where even the whole cannot be shown', async () => {
    await using server = await startScripted(plain);
    const page = await open(server);
    await rejoin(server, { ...mountOf(renderingOf({ count: 0 })), content: [17, 'no such template'] } as ServerFrame);
    await state(page, 'failed');
    expect(await page.locator('server-component').textContent()).toMatch(/\w/);
  });
});

describe('a server that is not there', () => {
  async function openTimed(server: ScriptedServer): Promise<{ page: Page; socket: ScriptedSocket }> {
    const page = await newPage();
    await page.clock.install();
    await open(server, page);
    const socket = await rejoin(server, mountOf(renderingOf({ count: 0 })));
    await state(page, 'live');
    // from here on the page's time is the test's, however busy the machine is
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
    return { page, socket };
  }

  /** Lets seconds pass, each long enough for what is on its way to arrive. */
  async function pass(page: Page, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await page.clock.runFor(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('is noticed within 10 seconds of a click, and the page connects anew with its session', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    await click(page);
    await socket.next('event');
    await pass(page, 5);
    await socket.next('probe');
    await state(page, 'live');
    socket.freeze();
    await pass(page, 5);
    await state(page, 'offline');
    await pass(page, 1);
    const next = await server.accept();
    expect(await next.greet()).toMatchObject({ session: 's-1' });
    await next.next('join');
    next.send(live({ event: 0 }));
    expect(await next.next('event')).toMatchObject({ number: 1 });
    await state(page, 'live');
  });

  test('is asked after 25 seconds of silence, and an answer is enough', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    // some seconds may have passed before the page's time was the test's
    await pass(page, 20);
    expect(socket.rest()).toEqual([]);
    await pass(page, 5);
    await socket.next('probe');
    socket.send({ kind: 'probe', channel: 0 });
    await pass(page, 20);
    await state(page, 'live');
    expect(server.sockets).toBe(1);
  });

  test('leaves an island offline whose event has waited for 10 seconds, while others go on', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    await click(page);
    await socket.next('event');
    for (let second = 0; second < 12; second++) {
      socket.send({ kind: 'probe', channel: 0 });
      await pass(page, 1);
    }
    await state(page, 'offline');
    expect(server.sockets).toBe(1);
    socket.send(patch([setHole(root, hole.count, 1)], 1));
    await expect.poll(() => count(page)).toBe('1');
    await pass(page, 1);
    await state(page, 'live');
  });

  test('is asked at once when the page is looked at again', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await socket.next('probe');
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    expect(socket.rest()).toEqual([]);
    socket.send({ kind: 'probe', channel: 0 });
    await pass(page, 2);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await socket.next('probe');
  });

  test('is asked at once when the page was frozen, and not taken for lost because the clock has jumped', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    await click(page);
    await socket.next('event');
    await page.clock.fastForward(3_600_000);
    await socket.next('probe');
    socket.send(patch([], 1), { kind: 'probe', channel: 0 });
    await pass(page, 6);
    expect(server.sockets).toBe(1);
    await state(page, 'live');
  });

  test('is tried again at once when the page is looked at, however long the wait', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    socket.cut();
    await state(page, 'offline');
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await (await server.accept()).greet();
  });

  test('is waited for longer each time, until an island was joined: that a socket opens is not enough', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openTimed(server);
    socket.cut();
    await state(page, 'offline');
    for (let times = 0; times < 5; times++) {
      const opened = page.waitForEvent('websocket');
      await page.clock.runFor(500 * 2 ** times);
      const next = await server.accept();
      await next.greet();
      await next.next('join');
      const closed = (await opened).waitForEvent('close');
      next.cut();
      // the wait begins when the page has noticed, and its island was offline all the time
      await closed;
      await page.evaluate(() => true);
    }
    // the wait is at least 8 seconds by now
    const { sockets } = server;
    await pass(page, 7);
    expect(server.sockets).toBe(sockets);
    await pass(page, 10);
    await rejoin(server, live());
    await state(page, 'live');
  });
});

describe('a close with a reason', () => {
  test('of a session that another page has taken is followed by one of its own', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    socket.close(4409, 'ISLET_ERR_SESSION_TAKEN');
    const next = await server.accept();
    expect(await next.greet('s-2')).toMatchObject({ session: null, attempt: 2 });
    await next.next('join');
    next.send(live());
    await state(page, 'live');
  });

  test('of a server that speaks another version loads the page anew, if nothing would be lost', async () => {
    await using server = await startScripted(plain);
    const { socket } = await openLive(server);
    socket.close(4406, 'ISLET_ERR_PROTOCOL_VERSION');
    await expect.poll(() => server.pages).toBe(2);
    // loaded again it would be no better
    const next = await server.accept();
    next.close(4406, 'ISLET_ERR_PROTOCOL_VERSION');
    await expect.poll(() => server.pages).toBe(2);
  });

  test.each(['typing', 'a pending event', 'the page itself'])('... but not against %s', async (what) => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    if (what === 'typing') {
      await page.locator('input').evaluate((field: HTMLInputElement) => {
        field.addEventListener('input', (event) => event.stopImmediatePropagation(), true);
      });
      await page.locator('input').pressSequentially('a');
    } else if (what === 'a pending event') await click(page);
    else await page.evaluate(() => addEventListener('islet:outdated', (event) => event.preventDefault()));
    socket.close(4406, 'ISLET_ERR_PROTOCOL_VERSION');
    await state(page, 'failed');
    expect(server.pages).toBe(1);
    expect(await told(page)).toContainEqual(['outdated', { code: 'ISLET_ERR_PROTOCOL_VERSION' }]);
    expect(server.sockets).toBe(1);
  });

  test('of a frame that the server could not read is the end', async () => {
    await using server = await startScripted(plain);
    const { page, socket } = await openLive(server);
    socket.close(4400, 'ISLET_ERR_FRAME_MALFORMED');
    await state(page, 'failed');
  });
});

describe('what is too big', () => {
  test('costs that event: text, session and what comes after it stay', async () => {
    await using server = await startScripted(plain);
    const page = await open(server);
    const socket = await server.accept();
    await socket.greet('s-1', { maxFrameBytes: 100 });
    await socket.next('join');
    socket.send(mountOf(renderingOf({ count: 0 })));
    await state(page, 'live');
    // three bytes each
    await page.locator('input').fill('€'.repeat(30));
    await click(page);
    expect(await socket.next('event')).toMatchObject({ number: 1, hole: hole.click });
    expect(await page.locator('input').inputValue()).toBe('€'.repeat(30));
    expect(await told(page)).toEqual([['refused', { code: 'ISLET_ERR_FRAME_TOO_BIG' }]]);
    await page.locator('server-component').evaluate((island) => island.setAttribute('note', 'n'.repeat(100)));
    await expect.poll(() => told(page)).toHaveLength(2);
    expect(socket.rest()).toEqual([]);
  });

  test('of the attributes of a join is left out, and the others are said', async () => {
    const big = ` big="${'b'.repeat(70_000)}" small="s"`;
    await using server = await startScripted(adopted({ count: 0 }, ['big', 'small'], big));
    const page = await newPage();
    const warned = page.waitForEvent('console', (message) => message.type() === 'warning');
    await open(server, page);
    const socket = await server.accept();
    await socket.greet();
    expect(await socket.next('join')).toMatchObject({ attributes: { small: 's' } });
    expect((await warned).text()).toContain('big');
  });
});

describe('attributes', () => {
  test('that count are known from the page: no others are said', async () => {
    await using server = await startScripted(adopted({ count: 0 }, ['start'], ' start="4" data-x="1"'));
    const page = await open(server);
    const socket = await server.accept();
    await socket.greet();
    expect(await socket.next('join')).toMatchObject({ attributes: { start: '4' }, have: ['e-1', 1, 2, 'd-1'] });
    socket.send(live());
    await state(page, 'live');
    await page.locator('server-component').evaluate((island) => {
      island.setAttribute('data-x', '2');
      island.setAttribute('start', '5');
    });
    expect(await socket.next('attribute')).toMatchObject({ name: 'start', text: '5' });
    expect(socket.frames.filter(({ kind }) => kind === 'attribute')).toHaveLength(1);
  });

  test('that may count are asked for first where the page does not say', async () => {
    await using server = await startScripted('<server-component route="/ws/test" start="4" x="1"></server-component>');
    const page = await open(server);
    const socket = await server.accept();
    await socket.greet();
    expect(await socket.next('join')).toMatchObject({ attributes: null });
    socket.send({ kind: 'attributes', channel: 1, names: ['start'] });
    expect(await socket.next('join')).toMatchObject({ attributes: { start: '4' } });
    socket.send(mountOf(renderingOf({ count: 4 })));
    await state(page, 'live');
    expect(await count(page)).toBe('4');
  });

  test('are not asked for where there are none', async () => {
    await using server = await startScripted('<server-component route="/ws/test" class="x" id="y"></server-component>');
    await open(server);
    const socket = await server.accept();
    await socket.greet();
    expect(await socket.next('join')).toMatchObject({ attributes: {} });
  });
});
