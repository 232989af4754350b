// Scripts that the element loads later: what happens until they are there, while their server is away, and where a
// server does not have them.

import type { Locator, Page, Route } from 'playwright';
import { describe, expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html, on, unsafeHtml } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startServer } from '../support/server.ts';

const newPage = openPages();
const words = 'This part could not be shown. Please reload the page.';

type Message =
  | { readonly type: 'UserDid'; readonly what: string }
  | { readonly type: 'UserTyped'; readonly text: string }
  | { readonly type: 'UserAsked' };

interface Model {
  readonly log: readonly string[];
  /** Something is shown that only the special script knows. */
  readonly isSpecial: boolean;
}

const didOne = (what: string) => ({ type: 'UserDid', what }) as const;

/** @param isSpecial It is shown from the beginning. */
const logOf = (isSpecial: boolean) =>
  component<Model, Message>({
    name: 'a-log',
    init: () => [{ log: [], isSpecial }, effect.none],
    update(model, message) {
      if (message.type === 'UserAsked') return [{ ...model, isSpecial: true }, effect.none];
      const what = message.type === 'UserDid' ? message.what : message.text;
      return [{ ...model, log: [...model.log, what] }, effect.none];
    },
    view: ({ log, isSpecial }) => html`
      <button id="one" @click=${didOne('one')}>One</button>
      <button id="two" @click=${didOne('two')}>Two</button>
      <button id="ask" @click=${{ type: 'UserAsked' }}>Ask</button>
      <form @submit=${({ fields = {} }) => didOne(`sent ${fields.note}`)}><input name="note"><button>Send</button></form>
      <form @submit=${on(({ fields }) => didOne(`named ${fields.title}`), { fields: ['title'] })}>
        <input name="title"><input name="secret"><button id="title">Send</button>
      </form>
      <input id="typed" @change=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
      ${isSpecial ? html`<input id="keys" @keydown=${on(didOne('enter'), { key: 'Enter', preventDefault: true })}>` : null}
      <output>${log.join(', ')}</output>
      <ul>${log.map((each) => html`<li>${each}</li>`)}</ul>
    `,
  });

interface Scene extends AsyncDisposable {
  readonly page: Page;
  readonly warnings: string[];
  /** Between the page and its server. */
  readonly proxy: TestProxy;
  /** How often the script was asked for. */
  readonly asked: () => number;
  /** Resolves when the script is being asked for. */
  isAsked(): Promise<void>;
  /** Lets go on what asks for the script. */
  allow(): Promise<void>;
}

interface SceneOptions {
  /** The script that does not come. */
  readonly part: 'repair' | 'special';
  /** The server does not have it, or it is not asked before that is allowed. */
  readonly how: 'is missing' | 'is late';
  /** Something is shown from the beginning that only the special script knows. */
  readonly isSpecial?: boolean;
  /** Stands in the page, before the element's script runs. */
  readonly content?: string;
}

async function open({ part, how, isSpecial = false, content = '' }: SceneOptions): Promise<Scene> {
  const server = await startServer((app) => {
    app.islet.route('/ws/log', logOf(isSpecial), { shared: true });
    app.get('/', (_, reply) => reply.html(documentWith([serverComponent({ route: '/ws/log' }), unsafeHtml(content)])));
  });
  const proxy = await startProxy(server.url);
  const page = await newPage();
  const waiting: Route[] = [];
  let count = 0;
  let isAllowed = false;
  await page.route(new RegExp(`/${part}-[^/]*\\.js`), (route) => {
    count++;
    if (how === 'is missing') return route.fulfill({ status: 404 });
    return isAllowed ? route.continue() : void waiting.push(route);
  });
  const isAsked = (): Promise<void> => expect.poll(() => waiting.length).toBeGreaterThan(0);
  const warnings: string[] = [];
  page.on('console', (message) => warnings.push(message.text()));
  await page.clock.install();
  await page.goto(proxy.url);
  return {
    page,
    warnings,
    proxy,
    asked: () => count,
    isAsked,
    async allow() {
      await isAsked();
      isAllowed = true;
      for (const route of waiting) await route.continue();
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Lets time pass until something is there. */
const passUntil = ({ page }: Scene, there: Locator): Promise<void> =>
  expect
    .poll(
      async () => {
        await page.clock.runFor(3_200);
        return there.count();
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
const failed = (page: Page): Locator => page.locator('server-component:state(failed)');
const isIn = (page: Page, state: string): Promise<void> => page.locator(`server-component:state(${state})`).waitFor();
const log = (page: Page): Promise<string | null> => page.locator('output').textContent();
const content = (page: Page): Promise<string | null> => page.locator('server-component').textContent();

test('what is done until the special script has come is told then, in its order', async () => {
  await using scene = await open({ part: 'special', how: 'is late', isSpecial: true });
  const { page } = scene;
  await page.locator('#two').click();
  await page.locator('#typed').fill('abc');
  await page.locator('[name=note]').fill('a note');
  await page.locator('form:has([name=note]) button').click();
  await page.locator('#one').click();
  expect(await log(page)).toBe('');
  await scene.allow();
  await isIn(page, 'live');
  await expect.poll(() => log(page)).toBe('abc, two, sent a note, one');
  await page.locator('#keys').press('Enter');
  await expect.poll(() => log(page)).toBe('abc, two, sent a note, one, enter');
});

test('a patch that needs the special script waits for it, and those behind it wait too', async () => {
  await using scene = await open({ part: 'special', how: 'is late' });
  const { page } = scene;
  await isIn(page, 'live');
  await page.locator('#ask').click();
  await page.locator('#one').click();
  await page.locator('#two').click();
  await page.waitForTimeout(100);
  expect(await page.locator('#keys').count()).toBe(0);
  expect(await log(page)).toBe('');
  await scene.allow();
  await expect.poll(() => log(page)).toBe('one, two');
  await page.locator('#keys').press('Enter');
  await expect.poll(() => log(page)).toBe('one, two, enter');
});

test('what is recorded is told also where an element has the id that the recording had as a variable', async () => {
  const content = '<p id="isletEarly"></p>';
  await using scene = await open({ part: 'special', how: 'is late', isSpecial: true, content });
  const { page } = scene;
  await page.locator('#two').click();
  await scene.allow();
  await isIn(page, 'live');
  await expect.poll(() => log(page)).toBe('two');
});

describe.each([1_000, 8_000])('a server that is away for %i ms while a script is asked for', (awayMs) => {
  const part = 'special';
  const comesBack = async (scene: Scene): Promise<void> => {
    const { page, proxy, allow, asked } = scene;
    proxy.refuse();
    await allow();
    for (let passed = 0; passed < awayMs; passed += 200) await page.clock.runFor(200);
    proxy.accept();
    await passUntil(scene, page.locator('server-component:state(live)'));
    expect(asked()).toBeGreaterThan(1);
  };

  test('delays an island that needs it, and what was done is told once', async () => {
    await using scene = await open({ part, how: 'is late', isSpecial: true });
    const { page } = scene;
    await scene.isAsked();
    await isIn(page, 'connecting');
    await page.locator('#two').click();
    await page.locator('#typed').fill('abc');
    await page.locator('[name=note]').fill('a note');
    await comesBack(scene);
    await expect.poll(() => log(page)).toBe('abc, two');
    expect(await page.locator('[name=note]').inputValue()).toBe('a note');
    await page.locator('#keys').press('Enter');
    await expect.poll(() => log(page)).toBe('abc, two, enter');
  });

  test('delays a patch that needs it, and what was done is told once', async () => {
    await using scene = await open({ part, how: 'is late' });
    const { page } = scene;
    await isIn(page, 'live');
    await page.locator('#ask').click();
    await scene.isAsked();
    scene.proxy.refuse();
    await isIn(page, 'offline');
    await page.locator('#two').click();
    await page.locator('[name=note]').fill('a note');
    await comesBack(scene);
    await expect.poll(() => log(page)).toBe('two');
    expect(await page.locator('[name=note]').inputValue()).toBe('a note');
    await page.locator('#keys').press('Enter');
    await expect.poll(() => log(page)).toBe('two, enter');
  });

  test('delays an island in which something was done before', async () => {
    const content = `<script>document.querySelector('#typed').value = 'abc'</script>`;
    await using scene = await open({ part: 'repair', how: 'is late', content });
    const { page } = scene;
    await scene.isAsked();
    await isIn(page, 'connecting');
    await page.locator('#two').click();
    await comesBack(scene);
    await expect.poll(() => log(page)).toBe('abc, two');
  });
});

test.each([
  ['a page that has what only the special script knows', true],
  ['a page that gets it by a patch', false],
])('%s says that it cannot be shown where a server does not have that', async (_, isSpecial) => {
  await using scene = await open({ part: 'special', how: 'is missing', isSpecial });
  const { page, warnings } = scene;
  if (!isSpecial) {
    await isIn(page, 'live');
    await page.locator('#ask').click();
  }
  await passUntil(scene, failed(page));
  expect(await content(page)).toBe(words);
  expect(scene.asked()).toBeGreaterThan(10);
  expect(warnings.join()).toContain('ISLET_ERR_SCRIPT');
});

test('without the special script, of a form those fields are sent that its listener names', async () => {
  await using scene = await open({ part: 'special', how: 'is missing' });
  const { page } = scene;
  const sent: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(`${payload}`)));
  await page.reload();
  await isIn(page, 'live');
  await page.locator('[name=title]').fill('a title');
  await page.locator('[name=secret]').fill('a secret');
  await page.locator('#title').click();
  await expect.poll(() => log(page)).toBe('named a title');
  expect(sent.join()).toContain('a title');
  expect(sent.join()).not.toContain('secret');
});

test('a page without the script that repairs is made anew where others have changed it, and in the end says that it cannot be shown', async () => {
  await using scene = await open({ part: 'repair', how: 'is missing' });
  const { page } = scene;
  const form = page.locator('form:has([name=note])');
  await isIn(page, 'live');
  const shown: (string | null)[] = [];
  for (let count = 1; count <= 4; count++) {
    await form.evaluate((form) => form.remove());
    await page.locator('#one').click();
    const isThere = form.or(page.getByText(words));
    await passUntil(scene, isThere);
    shown.push((await form.count()) > 0 ? await log(page) : await content(page));
  }
  expect(shown).toEqual(['one', 'one, one', 'one, one, one', words]);
  await isIn(page, 'failed');
});

test('without the script that repairs, what was typed before the element ran stays, and is told with its form', async () => {
  const content = `<script>document.querySelector('[name=note]').value = 'a note'</script>`;
  await using scene = await open({ part: 'repair', how: 'is missing', content });
  const { page } = scene;
  await passUntil(scene, page.locator('server-component:state(live)'));
  await page.locator('#one').click();
  await expect.poll(() => log(page)).toBe('one');
  await page.locator('form:has([name=note]) button').click();
  await expect.poll(() => log(page)).toBe('one, sent a note');
});
