// Scripts that the element loads later: what happens until they are there, and where they cannot be loaded.

import type { Page, Route } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html, on, unsafeHtml } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
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
      <input id="typed" @change=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
      ${isSpecial ? html`<input id="keys" @keydown=${on(didOne('enter'), { key: 'Enter', preventDefault: true })}>` : null}
      <output>${log.join(', ')}</output>
      <ul>${log.map((each) => html`<li>${each}</li>`)}</ul>
    `,
  });

interface Scene extends AsyncDisposable {
  readonly page: Page;
  readonly warnings: string[];
  /** Lets the script come. */
  allow(): Promise<void>;
}

/**
 * @param part The script that does not come.
 * @param how It never comes, or not before it is allowed to.
 * @param script Runs before the element's.
 */
async function open(
  part: 'repair' | 'special',
  how: 'fails' | 'is late',
  isSpecial = false,
  script = '',
): Promise<Scene> {
  const server = await startServer((app) => {
    app.islet.route('/ws/log', logOf(isSpecial), { shared: true });
    app.get('/', (_, reply) =>
      reply.html(documentWith([serverComponent({ route: '/ws/log' }), unsafeHtml(`<script>${script}</script>`)])),
    );
  });
  const page = await newPage();
  const waiting: Route[] = [];
  await page.route(`**/${part}-*.js`, (route) => (how === 'fails' ? route.abort() : void waiting.push(route)));
  const warnings: string[] = [];
  page.on('console', (message) => warnings.push(message.text()));
  await page.goto(server.url);
  return {
    page,
    warnings,
    async allow() {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      for (const route of waiting) await route.continue();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const isIn = (page: Page, state: string): Promise<void> => page.locator(`server-component:state(${state})`).waitFor();
const log = (page: Page): Promise<string | null> => page.locator('output').textContent();
const content = (page: Page): Promise<string | null> => page.locator('server-component').textContent();

test('what is done until the special script has come is told then, in its order', async () => {
  await using scene = await open('special', 'is late', true);
  const { page } = scene;
  await page.locator('#two').click();
  await page.locator('#typed').fill('abc');
  await page.locator('[name=note]').fill('a note');
  await page.locator('form button').click();
  await page.locator('#one').click();
  expect(await log(page)).toBe('');
  await scene.allow();
  await isIn(page, 'live');
  await expect.poll(() => log(page)).toBe('abc, two, sent a note, one');
  await page.locator('#keys').press('Enter');
  await expect.poll(() => log(page)).toBe('abc, two, sent a note, one, enter');
});

test('a patch that needs the special script waits for it, and those behind it wait too', async () => {
  await using scene = await open('special', 'is late');
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

test.each([
  ['a page that has what only the special script knows', true],
  ['a page that gets it by a patch', false],
])('%s says that it cannot be shown where that cannot be loaded', async (_, isSpecial) => {
  await using scene = await open('special', 'fails', isSpecial);
  const { page, warnings } = scene;
  if (!isSpecial) {
    await isIn(page, 'live');
    await page.locator('#ask').click();
  }
  await isIn(page, 'failed');
  expect(await content(page)).toBe(words);
  expect(warnings.join()).toContain('ISLET_ERR_SCRIPT');
});

test('a page without the script that repairs is made anew where others have changed it, and in the end says that it cannot be shown', async () => {
  await using scene = await open('repair', 'fails');
  const { page } = scene;
  await isIn(page, 'live');
  const shown: (string | null)[] = [];
  for (let count = 1; count <= 4; count++) {
    await page.locator('form').evaluate((form) => form.remove());
    await page.locator('#one').click();
    const isThere = page.locator('form').or(page.getByText(words));
    await isThere.waitFor();
    shown.push((await page.locator('form').count()) > 0 ? await log(page) : await content(page));
  }
  expect(shown).toEqual(['one', 'one, one', 'one, one, one', words]);
  await isIn(page, 'failed');
});

test('without the script that repairs, what was typed before the element ran stays, and is told with its form', async () => {
  const typed = `document.querySelector('[name=note]').value = 'a note'`;
  await using scene = await open('repair', 'fails', false, typed);
  const { page } = scene;
  await isIn(page, 'live');
  await page.locator('#one').click();
  await expect.poll(() => log(page)).toBe('one');
  await page.locator('form button').click();
  await expect.poll(() => log(page)).toBe('one, sent a note');
});
