// What each section's example of docs/events.md does, for test/docs-examples.test.ts.

import type { Page } from 'playwright';
import { expect } from 'vitest';

const text = (page: Page, selector: string): Promise<string | null> => page.locator(selector).first().textContent();

export const eventChecks: Record<string, (page: Page) => Promise<void>> = {
  async Keys(page) {
    const field = page.getByLabel('Message');
    await field.pressSequentially('a');
    await field.press('Shift+Enter');
    await field.press('b');
    await field.press('Enter');
    await expect.poll(() => page.locator('li').allTextContents()).toEqual(['a\nb']);
    expect(await field.inputValue()).toBe('');
  },

  async Elements(page) {
    const open = () => page.getByRole('button', { name: 'Pick' }).click();
    await open();
    await page.locator('li b').last().click();
    await expect.poll(() => text(page, 'row-picker > p')).toBe('Picked: 2');
    await open();
    await page.locator('.backdrop p').click();
    expect(await page.locator('li').count()).toBe(2);
    await page.locator('row-picker > p').click();
    await expect.poll(() => page.locator('li').count()).toBe(0);
    await open();
    await page.locator('.backdrop').dispatchEvent('click');
    await expect.poll(() => page.locator('li').count()).toBe(0);
  },

  async 'Window and document'(page) {
    await page.locator('output').waitFor();
    await page.keyboard.press('Control+s');
    await page.keyboard.press('s');
    await page.evaluate(() => {
      location.hash = 'two';
    });
    await page.mouse.click(1, 1);
    await page.mouse.click(1, 1);
    await expect.poll(() => text(page, 'output')).toBe('1 saved, 1 pages, 1 touched');
  },

  async 'What the browser does by itself'(page) {
    const isAllowed = await page.locator('div').evaluate((element) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/plain', 'words');
      const init = { bubbles: true, cancelable: true, dataTransfer };
      const isPrevented = !element.dispatchEvent(new DragEvent('dragover', init));
      element.dispatchEvent(new DragEvent('drop', init));
      return isPrevented;
    });
    expect(isAllowed).toBe(true);
    await expect.poll(() => text(page, 'p')).toBe('words and 0 files');
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.locator('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => text(page, 'p')).toBe('yes');
  },

  async 'Not at once'(page) {
    await page.getByLabel('Search').pressSequentially('bebop');
    expect(await text(page, 'output')).toBe('');
    await page.getByLabel('Search').press('Enter');
    await expect.poll(() => text(page, 'output')).toBe('bebop, sent');
  },

  async Forms(page) {
    await page.getByLabel('Drama').check();
    await page.getByLabel('Comedy').check();
    await page.getByLabel('Years').selectOption('2011');
    const fields = { genre: ['drama', 'comedy'], years: ['2011'], order: '' };
    await expect.poll(() => text(page, 'output')).toBe(`years: ${JSON.stringify(fields)}`);
  },

  async Focus(page) {
    await page.getByRole('button').click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).toBe('input');
  },
};
