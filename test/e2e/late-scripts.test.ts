// What scripts that are loaded later share with the bundle that loads them, in pages as they are built: what the repair
// makes and moves is what the other scripts know of. A page has two bundles here, the element and an app, which load the
// same scripts. Browsers are as WebKit is, which has no `moveBefore`.

import { basename } from 'node:path';
import Fastify from 'fastify';
import type { Locator, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { clientApp, islet, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import type { Told } from '../support/field-components.ts';
import { late } from '../support/late-component.ts';
import { servePages } from '../support/pages.ts';

const entries = ['client-runtime/element/element.ts', 'test/support/start-late.ts'];

const site = servePages(
  async () => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(islet);
    app.islet.route('/ws/late', late);
    for (const { path, code } of await buildBundles({ entries, write: false }))
      app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(code));
    app.get('/', (_, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head>
            <title>Late scripts</title>
            <meta name="islet" content="/islet">
            <script type="module" src="/element.js"></script>
            <script type="module" src="/start-late.js"></script>
          </head>
          <body>${serverComponent({ route: '/ws/late' })}${clientApp(late, {})}</body>
        </html>
      `),
    );
    return app;
  },
  { appFor: 'all tests' },
);

/** Opens a page in which both islands run. */
async function open(): Promise<Page> {
  const page = await site.newPage();
  await page.addInitScript(() => {
    for (const { prototype } of [Element, Document, DocumentFragment]) Reflect.deleteProperty(prototype, 'moveBefore');
  });
  await page.goto(site.address);
  await page.locator('server-component:state(live)').waitFor();
  await page.locator('#app:not(:has(> script))').waitFor();
  return page;
}

const told = async (island: Locator): Promise<Told[]> =>
  JSON.parse((await island.locator('output').textContent()) ?? '');
/** Resolves when somebody's act has been noticed, and put right. */
const isRepaired = (there: Locator): Promise<void> => expect.poll(() => there.count()).toBeGreaterThan(0);

async function moveFocusedRow(page: Page, island: Locator): Promise<void> {
  await island.locator('[name=b]').fill('some text');
  await island.locator('[name=b]').evaluate((field) => (field as HTMLInputElement).setSelectionRange(2, 6, 'backward'));
  await island.locator('ul').evaluate((list) => {
    const [first, second, third] = list.children;
    second?.after(first as Element);
    second?.before(third as Element);
  });
  // the row that has the focus is the one that has to be moved
  await island.locator('[name="nothing"]').evaluate((each) => (each as HTMLElement).click());
  await expect
    .poll(() =>
      island.locator('li input').evaluateAll((all) => all.map((each) => (each as HTMLInputElement).name).join('')),
    )
    .toBe('abc');
  const focused = await page.evaluate(() => {
    const { name, selectionStart, selectionEnd, selectionDirection } = document.activeElement as HTMLInputElement;
    return [name, selectionStart, selectionEnd, selectionDirection];
  });
  expect(focused).toEqual(['b', 2, 6, 'backward']);
}

describe.each(['server-component', '#app'])('in %s', (selector) => {
  test('a row that the repair moves keeps its focus and its selection', async () => {
    const page = await open();
    await moveFocusedRow(page, page.locator(selector));
  });

  test('radio buttons that the repair makes anew are one control, and what was chosen is told with their form', async () => {
    const page = await open();
    const island = page.locator(selector);
    const chosen = () =>
      island.locator(':checked').evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value).join(''));
    await island.locator('[value=b]').check();
    await island.locator('fieldset i').evaluate((each) => each.remove());
    await isRepaired(island.locator('fieldset i'));
    expect(await chosen()).toBe('b');
    await island.locator('form button').click();
    await expect.poll(async () => (await told(island)).at(-1)?.data.fields).toEqual({ r: 'b' });
    // it was told, so it is the model's again
    await expect.poll(chosen).toBe('a');
    await island.locator('[name="choose c"]').click();
    await expect.poll(chosen).toBe('c');
  });

  test('the caret stays where it is in an edited text that the repair makes anew', async () => {
    const page = await open();
    const island = page.locator(selector);
    await island.locator('p').evaluate((edited) => {
      (edited as HTMLElement).focus();
      getSelection()?.setPosition(edited.firstChild, 3);
    });
    await island.locator('section b').evaluate((each) => each.remove());
    await isRepaired(island.locator('section b'));
    await page.keyboard.type(', then');
    await expect.poll(async () => (await told(island)).at(-1)?.data.value).toBe('one, then two');
    expect(await island.locator('p').textContent()).toBe('one, then two');
  });
});

test('both bundles of a page have the same scripts repair what is theirs', async () => {
  const page = await open();
  for (const selector of ['server-component', '#app', 'server-component'])
    await moveFocusedRow(page, page.locator(selector));
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  expect(loaded.filter((name) => name.includes('/repair-'))).toHaveLength(1);
});
