// A person composes a word of several keys in an island of the server, predicted or not, while the server answers,
// refuses, and tells what others do: the composition goes on, its text and its caret stay, and the field shows what the
// server has only when the word is there.

import type { CDPSession, Page } from 'playwright';
import { expect, test } from 'vitest';
import { openPages } from '../support/pages.ts';
import { openPredicted } from '../support/predicted-page.ts';

const newPage = openPages();

interface Seen {
  readonly heard: readonly string[];
  readonly value: string;
  readonly caret: number | null;
  readonly isFocused: boolean;
}

/** Writes down what the browser says of a composition in a field. */
const watch = (page: Page, selector: string): Promise<void> =>
  page.evaluate((selector) => {
    const field = document.querySelector(selector) as HTMLInputElement;
    const heard: string[] = [];
    for (const type of ['compositionstart', 'compositionend']) field.addEventListener(type, () => heard.push(type));
    Object.assign(globalThis, { field, heard });
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }, selector);

const see = (page: Page): Promise<Seen> =>
  page.evaluate(() => {
    const { field, heard } = globalThis as never as { field: HTMLInputElement; heard: string[] };
    const { value, selectionEnd } = field;
    return { heard, value, caret: selectionEnd, isFocused: document.activeElement === field };
  });

const compose = (keys: CDPSession, text: string): Promise<unknown> =>
  keys.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });

const first = (page: Page): Promise<string | null> => page.locator('b').first().textContent();

test.each(['/', '/plain'])(
  'a word that is being composed outlives answers, refusals, and what others do to the same list (%s)',
  async (path) => {
    await using scene = await openPredicted(newPage, path);
    const { page, open } = scene;
    const other = await open('/plain');
    const keys = await page.context().newCDPSession(page);
    await watch(page, 'li:nth-child(4) .name');
    const written = (text: string): Seen => ({
      heard: ['compositionstart'],
      value: `Thing 3${text}`,
      caret: 7 + text.length,
      isFocused: true,
    });
    await compose(keys, 'n');
    expect(await see(page)).toEqual(written('n'));
    // it is refused, and what is shown at once in the predicted page comes back
    await page.evaluate(() => (document.querySelector('li:nth-child(2) .remove') as HTMLElement).click());
    await expect.poll(() => page.locator('server-component:state(pending)').count()).toBe(0);
    await page.evaluate(() => (document.querySelector('li:nth-child(1) .toggle') as HTMLElement).click());
    await expect.poll(() => other.locator('li.done').count()).toBe(1);
    await compose(keys, 'ni');
    expect(await see(page)).toEqual(written('ni'));
    // somebody else: the same field, rows around it, and the row itself
    await other.locator('.name').nth(3).fill('Theirs');
    await other.locator('.name').nth(3).blur();
    await expect.poll(() => page.locator('b').nth(3).textContent()).toBe('Theirs');
    expect(await see(page)).toEqual(written('ni'));
    await other.locator('.remove').nth(2).click();
    // another row comes to the place of that click
    await expect.poll(() => other.locator('li').count()).toBe(4);
    await other.locator('.raise').nth(3).click();
    await expect.poll(() => first(page)).toBe('Thing 4');
    expect(await see(page)).toEqual(written('ni'));
    await expect.poll(() => other.locator('b').nth(3).textContent()).toBe('Theirs');
    await other.locator('.raise').nth(3).click();
    await expect.poll(() => first(page)).toBe('Theirs');
    expect(await see(page)).toEqual(written('ni'));
    await compose(keys, 'nih');
    expect(await see(page)).toEqual(written('nih'));
    await keys.send('Input.insertText', { text: 'niho' });
    expect(await see(page)).toEqual({ ...written('niho'), heard: ['compositionstart', 'compositionend'] });
    await page.keyboard.press('Enter');
    await expect.poll(() => first(other)).toBe('Thing 3niho');
    expect(await page.locator('.name').first().inputValue()).toBe('Thing 3niho');
  },
);

test.each(['/', '/plain'])(
  'each step of a word that is told as it is composed leaves it alone, however late its answer is (%s)',
  async (path) => {
    await using scene = await openPredicted(newPage, path);
    const { page, proxy, open } = scene;
    const other = await open('/plain');
    const keys = await page.context().newCDPSession(page);
    await watch(page, '[name=text]');
    proxy.delayMs = 30;
    for (const text of ['k', 'ka', 'kan', 'kanj']) {
      await compose(keys, text);
      await other.locator('.raise').last().click();
    }
    // the model has every step, and somebody else's word at last
    await expect.poll(() => other.locator('[name=text]').inputValue()).toBe('kanj');
    await other.locator('[name=text]').fill('theirs');
    await other.locator('.raise').last().click();
    await expect.poll(async () => (await first(page)) === (await first(other))).toBe(true);
    const isComposing = { heard: ['compositionstart'], value: 'kanj', caret: 4, isFocused: true };
    expect(await see(page)).toEqual(isComposing);
    await keys.send('Input.insertText', { text: 'kanji' });
    await expect.poll(() => other.locator('[name=text]').inputValue()).toBe('kanji');
    expect(await see(page)).toEqual({
      ...{ heard: ['compositionstart', 'compositionend'], value: 'kanji', caret: 5, isFocused: true },
    });
  },
);
