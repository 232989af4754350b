// What controls show in further engines: what their person did until that is settled, then the
// model.

import { describe, expect, test } from 'vitest';
import type { Name, Told } from '../support/field-components.ts';
import { type SceneOptions, serveFields } from '../support/fields-page.ts';
import { startProxy } from '../support/proxy.ts';
import { engineName, isMissing, type Page, sides, usePages } from './page.ts';

describe.skipIf(isMissing)(engineName, () => {
  const openPage = usePages();

  describe.each(sides)('on the %s', (side) => {
    const open = async (url: string): Promise<Page> => {
      const page = await openPage(url);
      await isStarted(page);
      return page;
    };
    const isStarted = async (page: Page): Promise<void> => {
      const started = side === 'server' ? 'server-component:state(live)' : '#app:not(:has(> script))';
      await expect.poll(() => page.count(started)).toBe(1);
    };
    const log = async (page: Page): Promise<readonly Told[]> => JSON.parse((await page.text('output')) ?? '[]');
    const value = (page: Page, selector: string): Promise<string> =>
      page.evaluate((wanted) => (document.querySelector(wanted) as HTMLInputElement).value, selector);
    const isChecked = (page: Page, selector: string): Promise<boolean> =>
      page.evaluate((wanted) => (document.querySelector(wanted) as HTMLInputElement).checked, selector);
    const serve = (name: Name, options?: SceneOptions) => serveFields(side, name, options);

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

    test('a sign is typed before its number', async () => {
      await using server = await serve('number');
      const page = await open(server.url);
      await page.click('input');
      await page.evaluate(() => document.querySelector('input')?.select());
      await page.type('-');
      // what has no number yet is told as nothing
      await expect.poll(async () => (await log(page)).length).toBeGreaterThan(0);
      await page.type('7');
      await expect.poll(async () => (await log(page)).at(-1)?.data.value).toBe('-7');
      expect(await value(page, 'input')).toBe('-7');
    });

    test('a field that nobody hears belongs to the model', async () => {
      await using server = await serve('unheard');
      const page = await open(server.url);
      for (const name of ['set', 'nothing']) {
        await page.click('input');
        await page.type('mine');
        await page.click('button', name);
        await expect.poll(() => value(page, 'input')).toBe('v2');
      }
    });

    test('debounced typing is told before the form that is sent, and the field is empty each time', async () => {
      await using server = await serve('debounced');
      const page = await open(server.url);
      await page.click('input');
      for (const [index, text] of ['abc0', 'abc1', 'abc2'].entries()) {
        await page.type(text);
        await page.press('Enter');
        await expect.poll(async () => (await log(page)).length).toBe(2 * index + 2);
        await expect.poll(() => value(page, 'input')).toBe('');
      }
      expect((await log(page)).map(({ data }) => data.fields?.text ?? data.value)).toEqual(
        ['abc0', 'abc1', 'abc2'].flatMap((text) => [text, text]),
      );
    });

    test('of two quick choices the last one stays, however late the answers are', async () => {
      await using server = await serve('options');
      await using proxy = await startProxy(server.url);
      const page = await open(proxy.url);
      proxy.delayMs = 200;
      const seen = await page.evaluate(async () => {
        const list = document.querySelector('select') as HTMLSelectElement;
        const shown: string[] = [];
        for (const wanted of ['b', 'c']) {
          list.value = wanted;
          list.dispatchEvent(new Event('change', { bubbles: true }));
        }
        const told = (): unknown[] => JSON.parse(document.querySelector('output')?.textContent ?? '');
        for (let left = 3; left > 0; left -= Number(told().length === 2)) {
          shown.push(list.value);
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
        return [...new Set(shown)];
      });
      expect(seen).toEqual(['c']);
    });

    test('a text area with its text as content shows the model after typing', async () => {
      await using server = await serve('area');
      const page = await open(server.url);
      expect(await value(page, 'textarea')).toBe('first');
      await page.click('textarea');
      await page.type('typed');
      await page.click('button', 'set');
      await expect.poll(() => value(page, 'textarea')).toBe('from the model');
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

    test('what was done before the script ran stays, and is told once', async () => {
      await using server = await serve('form', { isScriptAsked: true });
      const page = await openPage(server.url);
      await page.click('[name=text]');
      await page.type('early');
      await page.click('[value=b]');
      await page.click('[name=box]');
      await page.evaluate(() => void Reflect.get(window, 'runScript')());
      await isStarted(page);
      await expect
        .poll(async () => (await log(page)).map(({ type, name }) => `${type} ${name}`).sort())
        .toEqual(['change box', 'change radio', 'change text', 'input text']);
      expect((await log(page)).find(({ name }) => name === 'radio')?.data.value).toBe('b');
      await page.click('button');
      await expect
        .poll(async () => (await log(page)).at(-1)?.data.fields)
        .toEqual({ text: 'early', box: 'on', r: 'b', choice: 'a' });
      expect([await value(page, '[name=text]'), await isChecked(page, '[value=b]')]).toEqual(['early', true]);
    });

    test('a list of choices may hold what older browsers drop', async () => {
      await using server = await serve('rich');
      const page = await open(server.url);
      const chosen = () =>
        page.evaluate(() => {
          const list = document.querySelector('select') as HTMLSelectElement;
          return [list.value, ...Array.from(list.options, ({ textContent }) => textContent.trim())];
        });
      const choose = (text: string) =>
        page.evaluate((wanted) => {
          const list = document.querySelector('select') as HTMLSelectElement;
          list.value = wanted;
          list.dispatchEvent(new Event('change', { bubbles: true }));
        }, text);
      expect(await chosen()).toEqual(['a', 'bold a', 'bold b', 'bold c']);
      await choose('b');
      await expect.poll(async () => (await log(page)).at(-1)?.data.value).toBe('b');
      await choose('c');
      await expect.poll(async () => (await chosen())[0]).toBe('a');
      await page.click('button[name=set]');
      await expect.poll(chosen).toEqual(['d', 'bold c', 'bold d']);
    });

    test('images that failed or were loaded before the script are told', async () => {
      await using server = await serve('image', { isScriptAsked: true });
      const page = await openPage(server.url);
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
      await page.evaluate(() => void Reflect.get(window, 'runScript')());
      await expect.poll(async () => (await log(page)).map(({ type }) => type).sort()).toEqual(['error', 'load']);
    });

    const agrees = (page: Page): Promise<boolean> =>
      page.evaluate(() => {
        const told: readonly Told[] = JSON.parse(document.querySelector('output')?.textContent ?? '');
        const find = (name: string) => document.querySelector(`[name=${name}]`) as HTMLInputElement;
        const last = (name: string) => told.findLast((each) => each.name === name)?.data;
        return (
          (last('text')?.value ?? '') === find('text').value && (last('box')?.checked ?? false) === find('box').checked
        );
      });

    test.each(['after a reload', 'when one comes back'])(
      'fields that the browser fills in %s are told, or show the model, and the page lives',
      async (when) => {
        await using server = await serve('form');
        const page = await open(server.url);
        await page.click('[name=text]');
        await page.type('kept');
        await page.click('[name=box]');
        await expect.poll(async () => (await log(page)).some(({ name }) => name === 'box')).toBe(true);
        if (when === 'after a reload') await page.reload();
        else {
          await page.goto(`${server.url}/other`);
          await page.back();
        }
        await expect.poll(() => page.count('output').catch(() => 0)).toBe(1);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
        await isStarted(page);
        await expect.poll(() => agrees(page)).toBe(true);
        await page.click('button');
        await expect.poll(async () => (await log(page)).at(-1)?.type).toBe('submit');
        expect(await agrees(page)).toBe(true);
      },
    );
  });

  test('an adopted box without a value follows the model', async () => {
    await using server = await serveFields('server', 'box', { isShared: true });
    const [page, other] = [await openPage(server.url), await openPage(server.url)];
    for (const each of [page, other]) await expect.poll(() => each.count('server-component:state(live)')).toBe(1);
    await other.click('button');
    await expect
      .poll(() => page.evaluate(() => (document.querySelector('[type=checkbox]') as HTMLInputElement).checked))
      .toBe(true);
  });

  test('257 letters of which 250 were typed offline are all there', async () => {
    await using server = await serveFields('server', 'typing');
    await using proxy = await startProxy(server.url);
    const page = await openPage(proxy.url);
    await expect.poll(() => page.count('server-component:state(live)')).toBe(1);
    await page.click('input');
    await page.type('online ');
    const told = async (): Promise<readonly Told[]> => JSON.parse((await page.text('output')) ?? '[]');
    await expect.poll(async () => (await told()).length).toBe(7);
    proxy.refuse();
    await expect.poll(() => page.count('server-component:state(offline)')).toBe(1);
    await page.type('x'.repeat(250));
    proxy.accept();
    const text = `online ${'x'.repeat(250)}`;
    await expect.poll(async () => (await told()).at(-1)?.data.value, { timeout: 30_000 }).toBe(text);
    expect(await page.evaluate(() => document.querySelector('input')?.value)).toBe(text);
  });

  test('what six islands could not tell for a while is told in order, and none of it is refused', async () => {
    await using server = await serveFields('server', 'steps', { islands: 6 });
    await using proxy = await startProxy(server.url);
    const page = await openPage(proxy.url);
    await expect.poll(() => page.count('server-component:state(live)')).toBe(6);
    proxy.refuse();
    await expect.poll(() => page.count('server-component:state(offline)')).toBe(6);
    await page.evaluate(() => {
      Object.assign(window, { heard: 0 });
      for (const name of ['refused', 'dropped'])
        addEventListener(`islet:${name}`, () => Reflect.set(window, 'heard', Reflect.get(window, 'heard') + 1));
      for (let click = 0; click < 150; click++)
        for (const button of document.querySelectorAll('button')) button.click();
    });
    proxy.accept();
    await expect.poll(() => page.texts('button'), { timeout: 30_000 }).toEqual(Array(6).fill('150'));
    expect(await page.evaluate(() => Reflect.get(window, 'heard') as number)).toBe(0);
  });

  test('what was typed and opened is told to the actor after a restart', async () => {
    await using proxy = await startProxy('http://127.0.0.1:1');
    const first = await serveFields('server', 'formHears');
    proxy.target = first.url;
    const page = await openPage(proxy.url);
    await expect.poll(() => page.count('server-component:state(live)')).toBe(1);
    await page.click('[name=text]');
    await page.type('typed');
    await page.click('summary');
    await page.click('[name=box]');
    const fields = async () => {
      const told: readonly Told[] = JSON.parse((await page.text('output')) ?? '');
      return told.at(-1)?.data.fields;
    };
    await expect.poll(fields).toEqual({ text: 'typed', box: 'on' });
    proxy.refuse();
    await expect.poll(() => page.count('server-component:state(offline)')).toBe(1);
    await first[Symbol.asyncDispose]();
    await using second = await serveFields('server', 'formHears');
    proxy.target = second.url;
    proxy.accept();
    await expect.poll(() => page.count('server-component:state(live)')).toBe(1);
    await expect.poll(fields).toEqual({ text: 'typed', box: 'on' });
    expect(await page.count('details[open]')).toBe(1);
  });
});
