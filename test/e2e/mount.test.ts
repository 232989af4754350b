// A page whose server was restarted gets its islands whole. What a person is at must survive that: focus and caret,
// what was typed and not sent, how far something is scrolled. And nothing that was typed may end up in another row.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html, keyed } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

interface Model {
  readonly title: string;
  readonly rows: readonly string[];
}

const notes = component<Model, never, Model>({
  init: (model) => [model, effect.none],
  update: (model) => [model, effect.none],
  view: ({ title, rows }) => html`
    <h1 title=${title}>${title}</h1>
    <iframe name=${title === 'Two' ? 'two' : 'one'} src="about:blank?same"></iframe>
    <form>
      <input name="own">
      <input name="given" .value=${title}>
      <textarea name="long" rows="2"></textarea>
    </form>
    <div id="scroller" style="height: 40px; overflow: auto"><p style="height: 400px">${title}</p></div>
    <ul>
      ${keyed(
        rows,
        (row) => row,
        (row) => html`<li>${row} <input name="row-${row}"></li>`,
      )}
    </ul>
  `,
});

const start = (model: Model): Promise<TestServer> =>
  startServer((app) => {
    app.islet.route('/ws/notes', notes, { props: () => model });
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/notes' }))));
  });

/** Opens a page, lets somebody do something, and restarts the server with another state. */
async function restart(rows: { before: readonly string[]; after: readonly string[] }, act: (page: Page) => unknown) {
  const proxy = await startProxy('http://127.0.0.1:0');
  const page = await newPage();
  {
    await using server = await start({ title: 'One', rows: rows.before });
    proxy.target = server.url;
    await page.goto(proxy.url);
    await page.locator('server-component:state(live)').waitFor();
    await act(page);
    proxy.refuse();
    await page.locator('server-component:state(offline)').waitFor();
  }
  const server = await start({ title: 'Two', rows: rows.after });
  proxy.target = server.url;
  const frames = readFrames(page);
  proxy.accept();
  await page.locator('server-component:state(live)').waitFor();
  // besides it may be told that a number has an outcome, by which it said that it knows of the restart
  const kinds = frames.received.map((frame) => frame[1]).filter((kind) => typeof kind !== 'number');
  expect(kinds).toEqual(['hello', 'mount']);
  expect(await page.locator('h1').textContent()).toBe('Two');
  expect(await page.locator('h1').getAttribute('title')).toBe('Two');
  expect(await page.locator('#scroller').textContent()).toBe('Two');
  expect((await page.locator('li').allTextContents()).map((text) => text.trim())).toEqual(rows.after);
  return {
    page,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const same = { before: ['a', 'b'], after: ['a', 'b'] };
const named = (page: Page, name: string) => page.locator(`[name="${name}"]`);
const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('name') ?? null);

test('a field keeps its typing, focus and caret, and hears of no blur', async () => {
  await using scene = await restart(same, async (page) => {
    const field = named(page, 'own');
    await field.pressSequentially('half a word');
    await field.evaluate((input: HTMLInputElement) => {
      input.setSelectionRange(2, 4);
      input.addEventListener('blur', () => input.setAttribute('data-blurred', ''));
    });
  });
  const field = named(scene.page, 'own');
  expect(await field.inputValue()).toBe('half a word');
  expect(await focused(scene.page)).toBe('own');
  expect(await field.getAttribute('data-blurred')).toBeNull();
  expect(await field.evaluate((input: HTMLInputElement) => [input.selectionStart, input.selectionEnd])).toEqual([2, 4]);
  await scene.page.keyboard.type('lf');
  expect(await field.inputValue()).toBe('half' + ' a word');
});

test('a field whose value is the server’s takes the new one, unless something was typed that it does not know', async () => {
  await using untouched = await restart(same, () => undefined);
  expect(await named(untouched.page, 'given').inputValue()).toBe('Two');
  await using typed = await restart(same, (page) => named(page, 'given').fill('mine'));
  expect(await named(typed.page, 'given').inputValue()).toBe('mine');
});

test('what is scrolled stays scrolled, and a text area keeps its text', async () => {
  await using scene = await restart(same, async (page) => {
    await page.locator('#scroller').evaluate((element) => element.scrollTo(0, 123));
    await named(page, 'long').fill('line\n'.repeat(20));
    await named(page, 'long').evaluate((element) => element.scrollTo(0, 55));
  });
  const scroll = (selector: string) => scene.page.locator(selector).evaluate((element) => element.scrollTop);
  expect(await scroll('#scroller')).toBe(123);
  expect(await scroll('textarea')).toBe(55);
  expect(await named(scene.page, 'long').inputValue()).toBe('line\n'.repeat(20));
});

test('what was typed in a row stays in that row, wherever it is now', async () => {
  const rows = { before: ['a', 'b', 'c'], after: ['new', 'c', 'a', 'other'] };
  await using scene = await restart(rows, async (page) => {
    for (const row of rows.before) await named(page, `row-${row}`).pressSequentially(`of ${row}`);
  });
  const values = await scene.page
    .locator('li input')
    .evaluateAll((fields) =>
      fields.map((field) => [(field as HTMLInputElement).name, (field as HTMLInputElement).value]),
    );
  expect(values).toEqual([
    ['row-new', ''],
    ['row-c', 'of c'],
    ['row-a', 'of a'],
    ['row-other', ''],
  ]);
  expect(await focused(scene.page)).toBe('row-c');
});
