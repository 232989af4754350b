// `islet dev` as somebody who writes an app meets it: files change, and the open page follows. Its models, what was
// typed and where the focus is stay; what is broken is shown until it is mended. In a real browser, which is never told
// to load the page anew.

import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright';
import { describe, expect, test, vi } from 'vitest';
import { files, LoopApp } from '../support/loop-app.ts';
import { openPages } from '../support/pages.ts';

// servers and builds start again and again
vi.setConfig({ testTimeout: 180_000 });

const newPage = openPages();

/** Opens the app's page, marks it so that a reload would show, and does something in each island. */
async function open(app: LoopApp): Promise<Page> {
  const page = await newPage();
  await page.goto(app.url);
  await page.locator('server-component:state(live)').nth(1).waitFor();
  await page.evaluate(() => Object.assign(window, { isFirst: true }));
  await page.getByRole('button', { name: 'Plus' }).click();
  await page.getByText('Count: 1').waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Sent: 1').waitFor();
  await page.getByRole('button', { name: 'Star' }).click();
  await page.getByText('Stars: 1').waitFor();
  await page.getByLabel('Outside').fill('not sent');
  await page.getByLabel('Note').fill('a note');
  await page.getByLabel('Name').fill('Ada');
  await expectKept(page);
  return page;
}

/** What was typed is there, the focus is where it was, and the page is the one that was opened. */
async function expectKept(page: Page): Promise<void> {
  const seen = await page.evaluate(() => ({
    isFirst: 'isFirst' in window,
    typed: [...document.querySelectorAll('input')].map(({ value }) => value),
    focus: (document.activeElement as HTMLInputElement).name,
  }));
  expect(seen).toEqual({ isFirst: true, typed: ['not sent', 'Ada', 'a note'], focus: 'name' });
}

/** What a page is up to date with that listens from now on. */
async function hello(app: LoopApp): Promise<string> {
  const answer = await fetch(`${app.url}/islet/dev`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return /data: (\S+)/.exec(value ?? '')?.[1] ?? '';
}

describe('a change shows in the open page, and nothing is lost', () => {
  test('of views, of update, and of the page around the islands', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);

    await app.change('components/counter.ts', ['Count: ', 'Clicks: ']);
    await page.getByText('Clicks: 1').waitFor();
    await expectKept(page);

    await app.change('components/counter.ts', ['count + 1', 'count + 10']);
    await app.change('components/form.ts', ['Sent: ', 'Letters sent: ']);
    await page.getByText('Letters sent: 1').waitFor();
    await expectKept(page);
    await page.getByRole('button', { name: 'Plus' }).click();
    await page.getByText('Clicks: 11').waitFor();
    await page.getByLabel('Name').focus();

    await app.change('server.ts', ['<h1>Loop</h1>', '<h1>Another heading</h1><p>And a text.</p>']);
    await page.getByRole('heading', { name: 'Another heading' }).waitFor();
    await page.getByText('And a text.').waitFor();
    await page.getByText('Clicks: 11').waitFor();
    await expectKept(page);
  });

  test('while somebody clicks, and changes come one after the other: each click counts once', async () => {
    await using app = await LoopApp.start();
    const page = await newPage();
    await page.goto(app.url);
    await page.locator('server-component:state(live)').nth(1).waitFor();
    const plus = page.getByRole('button', { name: 'Plus' });
    let [clicks, isChanging] = [0, true];
    const clicking = (async () => {
      for (; isChanging; clicks += 1) await plus.click();
    })();
    const sent = (turn: number) => (turn === 0 ? 'Sent: ' : `Sent ${turn}: `);
    for (let turn = 0; turn < 3; turn += 1) {
      // the second one comes while the server of the first one starts, or just before, or just after
      await app.change('components/form.ts', [sent(turn), sent(turn + 1)]);
      await setTimeout(turn * 250);
      await app.change('server.ts', ['<h1>Loop', `<h1>Loop ${turn}`]);
      await page.getByText(sent(turn + 1)).waitFor();
    }
    isChanging = false;
    await clicking;
    expect(clicks).toBeGreaterThan(10);
    await page.getByText(`Count: ${clicks}`, { exact: true }).waitFor();
  });

  test('of what is clicked while it changes itself: what does not arrive is told', async () => {
    await using app = await LoopApp.start();
    const page = await newPage();
    await page.goto(app.url);
    await page.locator('server-component:state(live)').nth(1).waitFor();
    let [clicks, dropped] = [0, 0];
    page.on('console', (message) => {
      const [, count] = /^islet:dropped \/ws\/counter (\d+)/.exec(message.text()) ?? [];
      dropped += Number(count ?? 0);
    });
    await app.change('components/counter.ts', ['Count: ', 'Clicks: ']);
    for (; dropped === 0; clicks += 1) await page.getByRole('button', { name: 'Plus' }).click();
    await page.getByText(`Clicks: ${clicks - dropped}`, { exact: true }).waitFor();
  });

  test('in a page whose server ended before its scripts were sent', async () => {
    await using app = await LoopApp.start();
    const page = await newPage();
    // what ends with its server is lost on the way
    await page.route(/\.js(\?|$)/, (route) => route.abort());
    await page.goto(app.url);
    await page.unroute(/\.js(\?|$)/);
    await app.change('components/counter.ts', ['Count: ', 'Clicks: ']);
    await page.getByText('Clicks: 0').waitFor();
    await page.locator('server-component:state(live)').nth(1).waitFor();
    await page.getByRole('button', { name: 'Plus' }).click();
    await page.getByText('Clicks: 1').waitFor();
  });

  test('of a component of the browser', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change('client/star-box.ts', ['Stars: ', 'Bright stars: '], ['stars + 1', 'stars + 5']);
    await page.getByText('Bright stars: 1').waitFor();
    await expectKept(page);
    await page.getByRole('button', { name: 'Star' }).click();
    await page.getByText('Bright stars: 6').waitFor();
    // and once more: the first swap was no special case
    await app.change('client/star-box.ts', ['Bright stars: ', 'Suns: ']);
    await page.getByText('Suns: 6').waitFor();
    // one that comes later is of the last version
    await page.evaluate(() => document.body.append(document.createElement('star-box')));
    await page.getByText('Suns: 0').waitFor();
    // what is undone is a script that the page has run before
    await app.write('client/star-box.ts', files['client/star-box.ts']);
    await page.getByText('Stars: 6').waitFor();
    await page.getByRole('button', { name: 'Star' }).first().click();
    await page.getByText('Stars: 7').waitFor();
  });

  test('of a predicted component: the page answers by the code of now, also of an edit that is undone', async () => {
    const route = "app.islet.route('/ws/counter', counter, { shared: true";
    await using app = await LoopApp.start([], {
      'client/page.ts': `import { predict } from 'islet/client';
import { counter } from '../components/counter.ts';
predict('/ws/counter', counter);
`,
      'server.ts': files['server.ts'].replace(route, `${route}, predict: true, keeps: []`),
    });
    const page = await open(app);
    /** What is shown, and what a click makes of it before anything can come from the server. */
    const click = () =>
      page.evaluate(async () => {
        const counter = document.querySelector('server-component[route="/ws/counter"]');
        const shown = () => counter?.querySelector('p')?.textContent ?? '';
        const before = shown();
        counter?.querySelector('button')?.click();
        for (let turn = 0; turn < 10; turn++) await undefined;
        return [before, shown()] as const;
      });
    const expectPredicted = (label: string, step: number) =>
      expect
        .poll(
          async () => {
            const [before, after] = await click();
            const [, count] = before.split(': ');
            return after === `${label}: ${Number(count) + step}`;
          },
          { timeout: 60_000 },
        )
        .toBe(true);
    await expectPredicted('Count', 1);

    await app.change('components/counter.ts', ['Count: ', 'Clicks: ']);
    await expectPredicted('Clicks', 1);
    // what is shown stays the same
    await app.change('components/counter.ts', ['count + 1', 'count + 10']);
    await expectPredicted('Clicks', 10);
    await app.write('components/counter.ts', files['components/counter.ts']);
    await expectPredicted('Count', 1);
    await expectKept(page);
  });

  test('of the shape of a model, by migrate', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change(
      'components/form.ts',
      ['{ readonly sent: number }', '{ readonly letters: number }'],
      [
        'init: () => [{ sent: 0 }',
        'schema: 1, migrate: (old) => ({ letters: (old as any).sent }), init: () => [{ letters: 0 }',
      ],
      ['({ sent }) => [{ sent: sent + 1 }', '({ letters }) => [{ letters: letters + 1 }'],
      ['view: ({ sent })', 'view: ({ letters })'],
      ['Sent: ${sent}', 'Letters: ${letters}'],
    );
    await page.getByText('Letters: 1').waitFor();
    await app.change(
      'client/star-box.ts',
      ["name: 'star-box',", "name: 'star-box', schema: 1, migrate: (old) => Number(old) * 100,"],
      ['Stars: ', 'Hundreds: '],
    );
    await page.getByText('Hundreds: 100').waitFor();
    await expectKept(page);
  });

  test('of styles', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    const color = () => page.evaluate(() => getComputedStyle(document.querySelector('h1') as Element).color);
    expect(await color()).toBe('rgb(1, 2, 3)');
    const before = await hello(app);
    await app.write('public/app.css', 'h1 { color: rgb(4, 5, 6); }');
    await expect.poll(color, { timeout: 20_000 }).toBe('rgb(4, 5, 6)');
    await expectKept(page);
    expect(await page.locator('link[rel=stylesheet]').count()).toBe(1);
    // nobody was disconnected for it
    expect(app.output).not.toContain('SIGTERM');
    // a page that could not hear of it is told when it can hear again
    const after = await hello(app);
    expect(after).not.toBe(before);
    expect(after.split('.')[0]).toBe(before.split('.')[0]);
  });
});

describe('what is broken is shown, with its place, and goes when it is mended', () => {
  /** Waits for an overlay that says all of this. */
  async function expectOverlay(page: Page, ...texts: readonly (string | RegExp)[]): Promise<void> {
    const overlay = page.locator('islet-problem');
    const said = () => overlay.evaluate((element) => element.shadowRoot?.textContent ?? '').catch(() => 'no overlay');
    for (const text of texts) await expect.poll(said, { timeout: 20_000 }).toMatch(text);
  }

  const isGone = (page: Page) => page.locator('islet-problem').waitFor({ state: 'detached' });

  test('syntax of the server: the server of before goes on meanwhile', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change('components/counter.ts', ['init: ()', 'init: ) (']);
    await expectOverlay(page, 'The code does not compile', /components\/counter\.ts:4:\d+/);
    await page.getByRole('button', { name: 'Plus' }).click();
    await page.getByText('Count: 2').waitFor();
    // who comes now is told as well
    const other = await newPage();
    await other.goto(app.url);
    await expectOverlay(other, 'The code does not compile');
    await other.close();
    await page.getByLabel('Name').focus();
    await app.change('components/counter.ts', ['init: ) (', 'init: ()'], ['Count: ', 'Clicks: ']);
    await page.getByText('Clicks: 2').waitFor();
    await isGone(page);
    await expectKept(page);
  });

  test('a module that is not there, and syntax of what runs in the browser', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    const source = await app.read('components/form.ts');
    await app.write('components/form.ts', `import './nowhere.ts';\n${source}`);
    await expectOverlay(page, 'Could not resolve "./nowhere.ts"', 'components/form.ts:1:8');
    await app.write('components/form.ts', source);
    await isGone(page);
    await app.change('client/star-box.ts', ['name: ', 'name = ']);
    await expectOverlay(page, 'client/star-box.ts:4:');
    await app.change('client/star-box.ts', ['name = ', 'name: ']);
    await isGone(page);
    await expectKept(page);
  });

  test('a server that ends at its start: another stands in for it', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change('server.ts', [
      'const app = Fastify();',
      "const app = Fastify();\nthrow new Error('No settings.');",
    ]);
    await expectOverlay(page, 'The server has ended', 'No settings.', /server\.ts:9:\d+/);
    const other = await newPage();
    await other.goto(app.url);
    await other.getByText('No settings.').first().waitFor();
    // what they wait for they ask for once, and not again and again
    const asked: string[] = [];
    for (const each of [page, other]) each.on('request', (request) => asked.push(request.url()));
    page.on('websocket', (socket) => asked.push(socket.url()));
    await page.waitForTimeout(1_500);
    expect(asked.length).toBeLessThan(6);
    await app.change('server.ts', ["settings.');", "settings.'));"]);
    await expectOverlay(page, 'The code does not compile', /server\.ts:9:\d+/);
    await other.getByText('The code does not compile').first().waitFor();
    await app.change('server.ts', ["\nthrow new Error('No settings.'));", '']);
    await isGone(page);
    await page.locator('server-component:state(live)').nth(1).waitFor();
    await page.getByText('Count: 1').waitFor();
    await expectKept(page);
    // the page that stood in is the app's again
    await other.getByText('Count: 1').waitFor();
  });

  test('what a view and an update throw, on the server', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change('components/counter.ts', [
      'view: (count) =>',
      "view: (count) => count > 0 ? fail('Not that many.') :",
    ]);
    await app.change('components/counter.ts', [
      'export const',
      'function fail(text: string): never {\n  throw new Error(text);\n}\nexport const',
    ]);
    // the model of before cannot be shown, and what it begins with can
    await page.getByText('Count: 0').waitFor();
    await page.getByRole('button', { name: 'Plus' }).click();
    await expectOverlay(
      page,
      'The message UserClicked was refused',
      'Not that many.',
      /components\/counter\.ts:4:\d+/,
      '/ws/counter',
    );
    await page.getByLabel('Name').focus();
    await app.change('components/counter.ts', ['count > 0', 'count > 99']);
    await isGone(page);
    await page.getByRole('button', { name: 'Plus' }).click();
    await page.getByText('Count: 1').waitFor();
  });

  test('a view that shows nothing: its model waits', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change(
      'components/form.ts',
      ['view: ({ sent }) => html`', 'view: ({ sent }) => nothing() ?? html`'],
      ['export const', "const nothing = (): undefined => {\n  throw new Error('Nothing.');\n};\nexport const"],
    );
    await expectOverlay(page, 'Nothing.', /components\/form\.ts:4:\d+/, '/ws/form');
    await app.change('components/form.ts', ['nothing() ?? ', '']);
    await isGone(page);
    await page.getByText('Sent: 1').waitFor();
    await page.locator('server-component:state(live)').nth(1).waitFor();
    await expectKept(page);
  });

  test('a component of the browser: it stays what it was until it can be shown', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    const [from, to] = ['html`<button @click', 'Oops`<button @click'];
    await app.change(
      'client/star-box.ts',
      [from, to],
      ['export const', 'const Oops = (): never => {\n  throw new Error("Not ready.");\n};\nexport const'],
    );
    await expectOverlay(page, 'star-box cannot be shown', 'Not ready.', /client\/star-box\.ts:4:\d+/);
    await page.getByText('Stars: 1').waitFor();
    await app.change('client/star-box.ts', [to, from], ['Stars: ', 'Suns: ']);
    await page.getByText('Suns: 1').waitFor();
    await isGone(page);
    await expectKept(page);
  });

  test('a page that cannot be rendered', async () => {
    await using app = await LoopApp.start();
    const page = await open(app);
    await app.change('server.ts', ['<h1>Loop', '<h1>${Promise.resolve()}Loop']);
    await expectOverlay(page, 'This page could not be rendered', 'a promise cannot be shown');
    await app.change('server.ts', ['${Promise.resolve()}', '']);
    await isGone(page);
    await expectKept(page);
  });
});
