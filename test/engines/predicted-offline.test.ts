// What is done in predicted islands without a connection, in further engines: it is kept over a reload, done once and in
// order when the server can be reached, and what cannot be done is told.

import { describe, expect, test } from 'vitest';
import { openSite } from '../support/predicted-offline.ts';
import { engineName, isMissing, type Page, usePages } from './page.ts';

const patience = { timeout: 60_000 };
const a = 'server-component[route="/ws/list/a"]';
const b = 'server-component[route="/ws/list/b"]';

const texts = (page: Page, list = a): Promise<string[]> => page.texts(`${list} b`);

/** State and what is kept of each list. */
const states = (page: Page): Promise<(string | null)[][]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement & { state: string }>('server-component')].map((island) => [
      island.state,
      island.getAttribute('data-kept'),
    ]),
  );

/** Names of events, and of what they tell the message. */
const told = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    Object.entries(sessionStorage)
      .sort()
      .map(
        ([, text]) =>
          `${text.split(' ')[0]} ${JSON.stringify(JSON.parse(text.slice(text.indexOf(' '))).what?.message)}`,
      ),
  );

describe.skipIf(isMissing)(engineName, () => {
  const open = usePages();

  test('keeps what is done offline over a reload, does it once and in order, and tells what cannot be done', {
    timeout: 240_000,
  }, async () => {
    await using site = await openSite();
    const { proxy } = site;
    const page = await open(site.url);
    const live = [
      ['live', '0'],
      ['live', '0'],
    ];
    await expect.poll(() => states(page), patience).toEqual(live);
    proxy.refuse();
    await page.click(`${a} li:nth-child(5) .raise`);
    await page.click(`${a} li:nth-child(4) .toggle`);
    // the server alone knows that this one is locked
    await page.click(`${a} li:nth-child(3) .remove`);
    await page.click(`${b} li:nth-child(1) .remove`);
    const shown = ['Thing 4', 'Thing 0', 'Thing 2', 'Thing 3'];
    expect(await texts(page)).toEqual(shown);
    await expect.poll(async () => (await states(page)).map(([, kept]) => kept), patience).toEqual(['3', '1']);
    await page.reload();
    await expect.poll(() => texts(page), patience).toEqual(shown);
    await expect.poll(() => texts(page, b), patience).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
    await page.click(`${a} [name=text]`);
    await page.type('Milk');
    await page.click(`${a} .add`);
    await expect.poll(() => texts(page), patience).toEqual([...shown, 'Milk']);
    // somebody else takes away what this person has ticked
    await site.send('a', { type: 'Removed', id: 'r2' });
    proxy.accept();
    await expect.poll(() => states(page), patience).toEqual(live);
    const expected = ['Thing 4', 'Thing 0', 'Thing 1', 'Thing 3', 'Milk'];
    await expect.poll(() => texts(page), patience).toEqual(expected);
    expect(await told(page)).toEqual([
      'islet:refused {"type":"Toggled","id":"r2"}',
      'islet:refused {"type":"Removed","id":"r1"}',
    ]);
    // nothing is done again by whoever comes next
    await page.reload();
    await expect.poll(() => states(page), patience).toEqual(live);
    expect(await texts(page)).toEqual(expected);
    expect(await texts(page, b)).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
  });
});
