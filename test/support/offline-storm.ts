// What may happen to pages that keep what is done offline, at random: cuts, answers and events that are held back, tabs
// that are loaded again, closed or killed at any moment, another server. In the end each thing is in the list once, or
// was told, or was done in the last moment before its page was killed; and what one page did is in its order.

import type { Page } from 'playwright';
import { expect } from 'vitest';
import { list, live, openScene, patience, settled, texts, written } from './predicted-offline.ts';

/** What one page has added. */
interface Book {
  readonly page: Page;
  readonly added: string[];
  /** So many of these were surely written down. */
  written: number;
}

export async function expectOnce(newPage: () => Promise<Page>, seed: number, steps: number): Promise<void> {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) & 0xffff) % below;
  };
  await using scene = await openScene(newPage);
  const { proxy, told, direct } = scene;
  const books: Book[] = [];
  const maybe = new Set<string>();
  let count = 0;
  const begin = async (page: Page): Promise<Book> => {
    await page.locator('server-component[data-kept]').first().waitFor(patience);
    const book = { page, added: [], written: 0 };
    books.push(book);
    return book;
  };
  const add = async (book: Book): Promise<void> => {
    const names = Array.from({ length: 1 + random(3) }, () => `t${count++}`);
    book.added.push(...names);
    await list(book.page).evaluate(async (island, all) => {
      for (const text of all) {
        (island.querySelector('[name=text]') as HTMLInputElement).value = text;
        (island.querySelector('.add') as HTMLElement).click();
        await new Promise((resolve) => setTimeout(resolve));
      }
    }, names);
  };
  const note = async (book: Book): Promise<void> => {
    await written(book.page);
    book.written = book.added.length;
  };
  const kill = async ({ page, added, written: sure }: Book): Promise<void> => {
    for (const text of added.slice(sure)) maybe.add(text);
    const session = await scene.context.newCDPSession(page);
    const gone = new Promise((resolve) => page.once('crash', resolve));
    void session.send('Page.crash').catch(() => {});
    await gone;
    await page.close();
  };
  const tabs = [await begin(scene.page)];
  const acts: (() => unknown)[] = [
    () => proxy.refuse(),
    () => proxy.accept(),
    () => proxy.accept(),
    () => proxy.cut(),
    () => proxy.hold('toClient'),
    () => proxy.hold('toServer'),
    () => proxy.release(),
    async () => {
      const [tab] = tabs.splice(random(tabs.length), 1) as [Book];
      if (random(2)) await note(tab);
      if (random(2)) await kill(tab);
      else {
        await note(tab);
        await tab.page.close();
      }
      tabs.push(await begin(await scene.openTab()));
    },
    async () => {
      const at = random(tabs.length);
      await note(tabs[at] as Book);
      const { page } = tabs[at] as Book;
      await page.reload();
      tabs[at] = await begin(page);
    },
    async () => {
      if (tabs.length < 3) tabs.push(await begin(await scene.openTab()));
    },
    () => (random(3) ? undefined : scene.replace()),
  ];
  for (let step = 0; step < steps; step++) {
    await add(tabs[random(tabs.length)] as Book);
    await acts[random(acts.length)]?.();
  }
  proxy.release();
  proxy.accept();
  // nobody waits for what is lost
  proxy.cut();
  for (const { page } of tabs) {
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await live(page);
  }
  for (const { page } of tabs) await settled(page);
  const last = await scene.context.newPage();
  await last.goto(direct);
  await live(last);
  await settled(last);
  const shown = await texts(last);
  const given = new Map(
    told.flatMap(({ why, messages }) => messages.map((each) => [(each as { text: string }).text, why])),
  );
  const all = books.flatMap(({ added }) => added);
  const counts = all.map((text) => [text, shown.filter((each) => each === text).length] as const);
  const context = `seed ${seed}, told ${JSON.stringify(told)}`;
  expect(
    counts.filter(([, times]) => times > 1),
    `${context}: doubled`,
  ).toEqual([]);
  const lost = counts.filter(([text, times]) => times === 0 && !given.has(text) && !maybe.has(text));
  expect(lost, `${context}: lost in silence`).toEqual([]);
  const wrong = counts.filter(([text, times]) => times > 0 && given.has(text) && given.get(text) !== 'unknown');
  expect(wrong, `${context}: told and done all the same`).toEqual([]);
  for (const { added } of books) {
    const there = shown.filter((text) => added.includes(text));
    expect(there, `${context}: order`).toEqual(added.filter((text) => shown.includes(text)));
  }
  for (const { page } of tabs) await expect.poll(() => texts(page), patience).toEqual(shown);
}
