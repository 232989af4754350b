// A page to which somebody else does something: translators, extensions, libraries that sort, scripts that take things
// away. Two people look at the same shared actor; what is done to the page of one is noticed there alone, and mended
// there.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { unsafeHtml } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { foreignList } from '../support/foreign-list.ts';
import { type Frames, readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  /** To this page something is done; to the other nothing is. */
  readonly page: Page;
  readonly other: Page;
  readonly frames: Frames;
  readonly otherFrames: Frames;
  readonly errors: string[];
}

/** @param script Runs in both pages before the element's own. */
async function open(script = ''): Promise<Scene> {
  const server = await startServer((app) => {
    app.islet.route('/ws/list', foreignList, { shared: true });
    app.get('/', (_, reply) =>
      reply.html(documentWith([serverComponent({ route: '/ws/list' }), unsafeHtml(`<script>${script}</script>`)])),
    );
  });
  const [page, other] = [await newPage(), await newPage()];
  const [frames, otherFrames] = [readFrames(page), readFrames(other)];
  const errors: string[] = [];
  for (const each of [page, other]) {
    each.on('pageerror', ({ message }) => errors.push(message));
    await each.goto(server.url);
    await each.locator('server-component:state(live)').waitFor();
    await each.evaluate(() => {
      const told: string[] = [];
      Object.assign(window, { told });
      addEventListener('islet:recovered', ({ detail }: CustomEventInit) => told.push(detail.reason));
    });
  }
  return {
    server,
    page,
    other,
    frames,
    otherFrames,
    errors,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const press = (page: Page, name: string): Promise<void> => page.locator(`#${name}`).click();
const rows = (page: Page): Promise<string[]> => page.locator('ul > form > span').allTextContents();
const told = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as { told: string[] }).told);
const textOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector('server-component')?.textContent?.replace(/\s+/g, ' ') ?? '');

/** As translators do it: each text is replaced. */
function translate(page: Page): Promise<void> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector('server-component') as Node, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
    for (const text of texts) {
      if (text.data.trim() === '' || text.parentElement?.localName === 'script') continue;
      const font = document.createElement('font');
      font.append(document.createElement('font'));
      (font.firstChild as Element).textContent = `[${text.data.trim()}]`;
      text.replaceWith(font);
    }
  });
}

test('rows that are forms with controls named as members go, move and come, for everybody', async () => {
  await using scene = await open();
  await press(scene.page, 'remove');
  await press(scene.page, 'add');
  for (const page of [scene.page, scene.other]) {
    await expect.poll(() => rows(page)).toEqual(['row 4', 'row 2', 'row 3']);
    expect(await told(page)).toEqual([]);
  }
  expect(scene.errors).toEqual([]);
});

test('a page that was translated shows new texts, and nothing of what is gone', async () => {
  await using scene = await open();
  const { page, other, frames } = scene;
  await press(other, 'count');
  await expect.poll(() => page.locator('#block').textContent()).toBe('odd 1');
  await page.locator('#note').fill('typed');
  await translate(page);
  expect(await page.locator('h1').textContent()).toBe('[1][clicks]');
  await press(other, 'count');
  await expect.poll(() => page.locator('h1').textContent()).toBe('2[clicks]');
  expect(await page.locator('#block').textContent()).toBe('');
  await press(other, 'remove');
  await press(other, 'add');
  await expect.poll(() => rows(page)).toEqual(['row 4', '[row][2]', '[row][3]']);
  await press(other, 'count');
  await expect.poll(() => page.locator('#block').textContent()).toBe('odd 3');
  expect(await page.locator('#note').inputValue()).toBe('typed');
  expect(frames.sent.filter((frame) => frame[1] === 'need')).toEqual([]);
  expect(scene.errors).toEqual([]);
  await page.locator('server-component:state(live)').waitFor();
});

test('a row that a library has moved goes back when the model does not want it there', async () => {
  await using scene = await open();
  const { page } = scene;
  const sort = (): Promise<void> =>
    page.evaluate(() => {
      const ul = document.querySelector('ul') as Element;
      Node.prototype.insertBefore.call(ul, ul.children[2] as Node, ul.children[0] as Node);
      ul.dispatchEvent(new Event('sorted'));
    });
  await page.locator('#note').focus();
  await sort();
  await expect.poll(() => rows(page)).toEqual(['row 1', 'row 2', 'row 3']);
  await sort();
  await press(scene.other, 'count');
  await expect.poll(() => rows(page)).toEqual(['row 1', 'row 2', 'row 3']);
  expect(scene.errors).toEqual([]);
});

test('classes and declarations of others stay, ours come and go', async () => {
  await using scene = await open(`
    document.querySelector('h1').classList.add('early');
    addEventListener('load', () => {
      document.querySelector('h1').classList.add('late');
      document.querySelector('h1').style.color = 'red';
    });
  `);
  const { page, other } = scene;
  await page.waitForFunction(() => document.querySelector('.late'));
  await press(other, 'count');
  const look = (): Promise<string[]> =>
    page.locator('h1').evaluate(({ className, style }) => [...className.split(' ').sort(), style.color, style.order]);
  await expect.poll(look).toEqual(['counted', 'early', 'late', 'title', 'red', '1']);
  await press(other, 'count');
  await expect.poll(look).toEqual(['counted', 'early', 'late', 'title', 'red', '2']);
  expect(await told(page)).toEqual([]);
});

test('a page in which an extension has put something before the script is adopted around it', async () => {
  await using scene = await open(`
    document.querySelector('server-component').prepend(Object.assign(document.createElement('div'), { id: 'extension' }));
    document.querySelector('ul').append(Object.assign(document.createElement('li'), { className: 'extension' }));
    document.querySelector('#note').value = 'typed';
  `);
  const { page, frames } = scene;
  expect(frames.received.map((frame) => frame[1])).toEqual(['hello', 'live']);
  expect(await page.locator('#note').inputValue()).toBe('typed');
  expect(await page.locator('#extension').count()).toBe(1);
  await press(page, 'count');
  await press(page, 'remove');
  await expect.poll(() => rows(page)).toEqual(['row 2', 'row 3']);
  expect(await page.locator('h1').textContent()).toBe('1 clicks');
});

const harms: readonly [string, () => void][] = [
  [
    'takes its comments out',
    () => {
      const walker = document.createTreeWalker(
        document.querySelector('server-component') as Node,
        NodeFilter.SHOW_COMMENT,
      );
      const comments: Comment[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) comments.push(node as Comment);
      for (const comment of comments) comment.remove();
    },
  ],
  ['takes its end mark out', () => document.querySelector('server-component > script')?.remove()],
  [
    'writes the markup of its list anew',
    () => {
      const ul = document.querySelector('ul') as Element;
      // biome-ignore lint/correctness/noSelfAssign: its nodes become others
      ul.innerHTML = ul.innerHTML;
    },
  ],
  ['empties it', () => document.querySelector('server-component')?.replaceChildren()],
  ['takes an element of it elsewhere', () => document.body.append(document.querySelector('h1') as Node)],
  [
    'merges its texts',
    () => {
      document.querySelector('h1')?.prepend('more');
      document.querySelector('server-component')?.normalize();
    },
  ],
  [
    'wraps its elements',
    () => {
      for (const element of document.querySelectorAll('h1,ul,form')) {
        const wrapper = document.createElement('div');
        Node.prototype.insertBefore.call(element.parentElement, wrapper, element);
        wrapper.append(element);
      }
    },
  ],
  [
    'moves the island elsewhere',
    () => {
      document.body.prepend(document.createElement('div'));
      document.querySelector('div')?.append(document.querySelector('server-component') as Node);
    },
  ],
];

test.each(harms)('an island goes on when somebody %s, and others never notice', async (_, harm) => {
  await using scene = await open();
  const { page, other, frames, otherFrames } = scene;
  await page.evaluate(harm);
  for (const name of ['count', 'add', 'remove', 'count']) await press(other, name);
  await expect.poll(() => textOf(other)).toContain('2 clicks');
  await expect.poll(() => page.locator('server-component h1').textContent()).toContain('2 clicks');
  await expect.poll(() => rows(other)).toEqual(['row 1', 'row 2', 'row 3']);
  const shown = (each: Page): Promise<string[]> => each.locator('server-component form span').allTextContents();
  await expect.poll(() => shown(page)).toEqual(['row 1', 'row 2', 'row 3']);
  // two of them take what they need from the server; the other page gets four patches and their outcomes
  expect(frames.sent.filter((frame) => frame[1] === 'need').length).toBeLessThan(5);
  expect(otherFrames.received.filter((frame) => typeof frame[1] === 'string').map((frame) => frame[1])).toEqual([
    'hello',
    'live',
  ]);
  expect(otherFrames.sent.map((frame) => frame[1])).not.toContain('need');
  await press(page, 'count');
  for (const each of [page, other])
    await expect.poll(() => each.locator('h1').first().textContent()).toContain('3 clicks');
  expect(scene.errors).toEqual([]);
});

test('an island whose markup was written anew works again at once, with what was typed in it', async () => {
  await using scene = await open();
  const { page } = scene;
  await page.locator('#note').fill('typed');
  await page.evaluate(() => {
    const island = document.querySelector('server-component') as Element;
    // what is written is what was there at first, and nobody hears its buttons
    // biome-ignore lint/correctness/noSelfAssign: its nodes become others
    island.innerHTML = island.innerHTML;
    (island.querySelector('#note') as HTMLInputElement).value = 'typed';
  });
  await expect.poll(async () => (await told(page)).length).toBe(1);
  await press(page, 'count');
  await expect.poll(() => page.locator('h1').textContent()).toBe('1 clicks');
  expect(await page.locator('#note').inputValue()).toBe('typed');
});

test('what was typed stays where its surroundings are made anew, with focus and caret', async () => {
  await using scene = await open();
  const { page, other } = scene;
  await page.locator('#note').fill('typed');
  await page.locator('#note').evaluate((note) => (note as HTMLInputElement).setSelectionRange(2, 3));
  await page.evaluate(() => {
    (document.querySelector('h1') as Element).textContent = 'theirs';
  });
  await press(other, 'count');
  await expect.poll(() => page.locator('h1').textContent()).toBe('1 clicks');
  expect(await told(page)).toHaveLength(1);
  const note = await page.evaluate(() => {
    const { id, value, selectionStart, selectionEnd } = document.activeElement as HTMLInputElement;
    return [id, value, selectionStart, selectionEnd];
  });
  expect(note).toEqual(['note', 'typed', 2, 3]);
});

test('who takes a part away whenever it comes is told so in the end: neither silence nor a loop', async () => {
  await using scene = await open();
  const { page, other, frames } = scene;
  await page.evaluate(() => {
    const take = (): void => document.querySelector('server-component h1')?.remove();
    new MutationObserver(take).observe(document.body, { childList: true, subtree: true });
    take();
  });
  await press(other, 'count');
  await page.locator('server-component:state(failed)').waitFor();
  expect(await textOf(page)).toBe('This part could not be shown. Please reload the page.');
  const { length } = frames.sent;
  expect(frames.sent.filter((frame) => frame[1] === 'need').length).toBeLessThanOrEqual(6);
  await press(other, 'count');
  await expect.poll(() => other.locator('h1').textContent()).toBe('2 clicks');
  expect(frames.sent).toHaveLength(length);
  expect(scene.errors).toEqual([]);
});
