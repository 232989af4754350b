// What controls show, in further engines and on both sides: what their person did until that is settled, then the
// model.

import { describe, expect, test } from 'vitest';
import type { Name, Told } from '../support/field-components.ts';
import { type Side, serveFields } from '../support/fields-page.ts';
import { engineName, isMissing, type Page, usePages } from './page.ts';

describe.skipIf(isMissing)(engineName, () => {
  const openPage = usePages();

  describe.each<Side>(['server', 'client'])('on the %s', (side) => {
    const open = async (url: string): Promise<Page> => {
      const page = await openPage(url);
      const started = side === 'server' ? 'server-component:state(live)' : '#app:not(:has(> script))';
      await expect.poll(() => page.count(started)).toBe(1);
      return page;
    };
    const log = async (page: Page): Promise<readonly Told[]> => JSON.parse((await page.text('output')) ?? '[]');
    const value = (page: Page, selector: string): Promise<string> =>
      page.evaluate((wanted) => (document.querySelector(wanted) as HTMLInputElement).value, selector);
    const isChecked = (page: Page, selector: string): Promise<boolean> =>
      page.evaluate((wanted) => (document.querySelector(wanted) as HTMLInputElement).checked, selector);
    const serve = (name: Name) => serveFields(side, name);

    test('what the model strips is taken out of the field', async () => {
      await using server = await serve('digits');
      const page = await open(server.url);
      await page.click('input');
      await page.type('12ab');
      await expect.poll(async () => (await log(page)).length).toBe(4);
      await expect.poll(() => value(page, 'input')).toBe('12');
    });

    test('white space at the end stays until the field is left', async () => {
      await using server = await serve('trimmed');
      const page = await open(server.url);
      await page.click('input');
      await page.type('a b ');
      await expect.poll(async () => (await log(page)).length).toBe(4);
      expect(await value(page, 'input')).toBe('a b ');
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await expect.poll(() => value(page, 'input')).toBe('a b');
    });

    test.each<Name>(['boxByClick', 'boxInRow'])(
      'a box that is told by its click (%s) follows the model',
      async (name) => {
        await using server = await serve(name);
        const page = await open(server.url);
        await page.click('input');
        await expect.poll(async () => (await log(page)).length).toBe(1);
        expect(await isChecked(page, 'input')).toBe(true);
        await page.click('button');
        await expect.poll(() => isChecked(page, 'input')).toBe(false);
      },
    );

    test('choices that the model refuses go back', async () => {
      await using server = await serve('refusing');
      const page = await open(server.url);
      await page.click('[value=b]');
      await page.click('[type=checkbox]');
      await expect.poll(async () => (await log(page)).length).toBe(2);
      await expect.poll(() => isChecked(page, '[value=a]')).toBe(true);
      expect(await isChecked(page, '[value=b]')).toBe(false);
      await expect.poll(() => isChecked(page, '[type=checkbox]')).toBe(false);
    });

    test('a field of a chat is empty after it was sent', async () => {
      await using server = await serve('chat');
      const page = await open(server.url);
      await page.click('input');
      await page.type('one');
      await page.click('button');
      await expect.poll(() => page.text('p')).toBe('1');
      await expect.poll(() => value(page, 'input')).toBe('');
    });

    test('a number is typed digit by digit', async () => {
      await using server = await serve('number');
      const page = await open(server.url);
      await page.evaluate(() => document.querySelector('input')?.select());
      await page.click('input');
      await page.evaluate(() => document.querySelector('input')?.select());
      for (const key of ['1', '.', '0', '5']) {
        await page.type(key);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
      }
      expect(Number(await value(page, 'input'))).toBe(1.05);
    });

    test('a form that is reset shows the model', async () => {
      await using server = await serve('reset');
      const page = await open(server.url);
      await page.click('[name=box]');
      await expect.poll(async () => (await log(page)).length).toBe(1);
      await page.click('button');
      await expect.poll(() => isChecked(page, '[name=box]')).toBe(true);
      expect(await value(page, '[name=text]')).toBe('first');
    });

    test('fields that the browser fills in after a reload are told, or show the model', async () => {
      await using server = await serve('form');
      const page = await open(server.url);
      await page.click('[name=text]');
      await page.type('kept');
      await page.click('[name=box]');
      await expect.poll(async () => (await log(page)).some(({ name }) => name === 'box')).toBe(true);
      await page.evaluate(() => location.reload()).catch(() => {});
      const agrees = () =>
        page.evaluate(() => {
          const told: readonly Told[] = JSON.parse(document.querySelector('output')?.textContent ?? '');
          const find = (name: string) => document.querySelector(`[name=${name}]`) as HTMLInputElement;
          const last = (name: string) => told.findLast((each) => each.name === name)?.data;
          return (
            (last('text')?.value ?? '') === find('text').value &&
            (last('box')?.checked ?? false) === find('box').checked
          );
        });
      await expect.poll(() => page.count('output').catch(() => 0)).toBe(1);
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
      await expect.poll(agrees).toBe(true);
    });
  });
});
