// A page to which somebody else does something, in further engines and on both sides: what the model says next is shown,
// and what was typed stays.

import { describe, expect, test } from 'vitest';
import { type SceneOptions, type Side, serveFields } from '../support/fields-page.ts';
import { engineName, isMissing, type Page, usePages } from './page.ts';

describe.skipIf(isMissing)(engineName, () => {
  const openPage = usePages();

  describe.each<Side>(['server', 'client'])('on the %s', (side) => {
    const serve = (options?: SceneOptions) => serveFields(side, 'foreign', options);
    const isLive = async (page: Page): Promise<void> => {
      const started = side === 'server' ? 'server-component:state(live)' : '#app:not(:has(> script))';
      await expect.poll(() => page.count(started)).toBe(1);
    };
    const open = async (url: string): Promise<Page> => {
      const page = await openPage(url);
      await isLive(page);
      return page;
    };
    const note = (page: Page): Promise<string> =>
      page.evaluate(() => (document.querySelector('#note') as HTMLInputElement).value);
    const rows = (page: Page): Promise<string[]> => page.texts('ul > form > span');
    /** A count, a row less and a row more are shown, with what was typed. */
    const goesOn = async (page: Page): Promise<void> => {
      await page.click('#count');
      await expect.poll(() => page.text('h1')).toContain('1');
      await expect.poll(() => page.text('#block')).toBe('odd 1');
      await page.click('#remove');
      await page.click('#add');
      await expect.poll(async () => (await rows(page)).map((row) => row.replace(/\D/g, ''))).toEqual(['4', '2', '3']);
      await page.click('#count');
      await expect.poll(() => page.text('#block')).toBe('');
      expect(await note(page)).toBe('typed');
    };

    test('rows that are forms with controls named as members go and come', async () => {
      await using server = await serve();
      const page = await open(server.url);
      await page.click('#note');
      await page.type('typed');
      await goesOn(page);
    });

    test('a page that is translated shows new texts, and nothing of what is gone', async () => {
      await using server = await serve();
      const page = await open(server.url);
      await page.click('#note');
      await page.type('typed');
      await page.evaluate(translate);
      expect(await page.text('h1')).toBe('[0][clicks]');
      await goesOn(page);
      expect(await page.text('h1')).toBe('2[clicks]');
    });

    test('a page that is translated, typed in and added to before the script is adopted around that', async () => {
      await using server = await serve({ isScriptAsked: true });
      const page = await openPage(server.url);
      await page.click('#note');
      await page.type('typed');
      await page.evaluate(translate);
      await page.evaluate(() => {
        const added = Object.assign(document.createElement('aside'), { id: 'extension' });
        document.querySelector('h1')?.before(added);
      });
      await page.evaluate(() => void Reflect.get(window, 'runScript')());
      await isLive(page);
      await goesOn(page);
      expect(await page.count('#extension')).toBe(1);
    });

    test('a page that lost its comments and white space before the script works, with what was typed', async () => {
      await using server = await serve({ isScriptAsked: true });
      const page = await openPage(server.url);
      await page.click('#note');
      await page.type('typed');
      await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_TEXT);
        const lost: CharacterData[] = [];
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const isLost = node instanceof Comment || (node as Text).data.trim() === '';
          if (isLost && !node.parentElement?.closest('script')) lost.push(node as CharacterData);
        }
        for (const node of lost) node.remove();
      });
      await page.evaluate(() => void Reflect.get(window, 'runScript')());
      await isLive(page);
      await goesOn(page);
    });

    test('a row that a library has moved goes back when the model does not want it there', async () => {
      await using server = await serve();
      const page = await open(server.url);
      await page.evaluate(() => {
        const list = document.querySelector('ul') as Element;
        Node.prototype.insertBefore.call(list, list.children[2] as Node, list.children[0] as Node);
        list.dispatchEvent(new Event('sorted'));
      });
      await expect.poll(() => rows(page)).toEqual(['row 1', 'row 2', 'row 3']);
    });

    test('a class and a declaration of others stay, ours come and go', async () => {
      await using server = await serve();
      const page = await open(server.url);
      await page.evaluate(() => {
        const title = document.querySelector('h1') as HTMLElement;
        title.classList.add('theirs');
        title.style.color = 'red';
      });
      await page.click('#count');
      const look = () =>
        page.evaluate(() => {
          const { className, style } = document.querySelector('h1') as HTMLElement;
          return [...className.split(' ').sort(), style.color, style.order];
        });
      await expect.poll(look).toEqual(['counted', 'theirs', 'title', 'red', '1']);
    });

    test('an island whose markup was written anew works again, with what was typed', async () => {
      await using server = await serve();
      const page = await open(server.url);
      await page.evaluate(() => {
        const island = document.querySelector('server-component,#app') as Element;
        // biome-ignore lint/correctness/noSelfAssign: its nodes become others
        island.innerHTML = island.innerHTML;
        (island.querySelector('#note') as HTMLInputElement).value = 'typed';
      });
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
      await goesOn(page);
    });
  });
});

// what follows runs in pages

/** As translators do it: each text is replaced. */
function translate(): void {
  const walker = document.createTreeWalker(
    document.querySelector('server-component,#app') as Node,
    NodeFilter.SHOW_TEXT,
  );
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
  for (const text of texts) {
    if (text.data.trim() === '' || text.parentElement?.closest('script')) continue;
    const font = document.createElement('font');
    font.append(Object.assign(document.createElement('font'), { textContent: `[${text.data.trim()}]` }));
    text.replaceWith(font);
  }
}
