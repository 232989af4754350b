// What fails in the page and not on the server, on the server and not in the page, or in both: nothing is lost that the
// server did, nobody waits for good, and what the page shows is what the server has.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { openPages } from '../support/pages.ts';
import { untilPredicted } from '../support/predicted-page.ts';
import { throwing } from '../support/predicted-throwing.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer } from '../support/server.ts';

const newPage = openPages();

async function open(development = false) {
  const [script] = await buildBundles({ entries: ['test/support/predicted-throwing-entry.ts'], write: false });
  const server = await startServer(
    (app) => {
      app.islet.route('/ws/throwing', throwing, { shared: true, predict: true, keeps: [] });
      app.islet.route('/ws/plain/:id', throwing, { shared: true });
      app.get('/script.js', (_, reply) => reply.type('text/javascript').send(script?.code));
      app.get('/', (_, reply) =>
        reply.html(html`
        <!doctype html>
        <title>Throwing</title>
        <script type="module" src="/islet/element.js"></script>
        <script type="module" src="/script.js"></script>
        ${serverComponent({ route: '/ws/throwing' })}
      `),
      );
    },
    { development },
  );
  const proxy = await startProxy(server.url);
  const page = await newPage();
  const warned: string[] = [];
  page.on('console', (message) => warned.push(message.text()));
  const predicted = untilPredicted(page);
  await page.goto(proxy.url);
  await predicted;
  const refused = await page.evaluateHandle(() => {
    const codes: string[] = [];
    addEventListener('islet:refused', (event) => codes.push((event as CustomEvent).detail.code));
    return codes;
  });
  const unpredicted = await page.evaluateHandle(() => {
    const told: string[] = [];
    addEventListener('islet:unpredicted', (event) => {
      const { why, error } = (event as CustomEvent).detail;
      told.push(`${(event.target as Element).getAttribute('route')} ${why}: ${error.message}`);
    });
    return told;
  });
  return {
    page,
    proxy,
    warned,
    refused: () => refused.jsonValue(),
    unpredicted: () => unpredicted.jsonValue(),
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const count = async (page: Page): Promise<number> => Number(await page.locator('output').innerText());
const settled = (page: Page): Promise<void> =>
  expect.poll(() => page.locator('[data-pending], server-component:state(pending)').count()).toBe(0);

test.each([
  ['handler', 'handler'],
  ['there', 'update'],
])(
  'what fails in the page alone (%s) is shown when the server has done it, and the page is told; what follows is shown at once',
  async (id, why) => {
    await using scene = await open();
    const { page, proxy, refused, unpredicted, warned } = scene;
    proxy.hold('toServer');
    await page.locator(`#${id}`).click();
    expect(await count(page)).toBe(0);
    await page.locator('#add').click();
    expect(await count(page)).toBe(1);
    expect(await page.locator('[data-pending]').count()).toBe(2);
    proxy.release();
    await settled(page);
    expect(await count(page)).toBe(2);
    expect(await refused()).toEqual([]);
    expect(await unpredicted()).toEqual([`/ws/throwing ${why}: it was to fail here`]);
    // nobody who visits wants to know
    expect(warned.join('\n')).not.toContain('it was to fail here');
  },
);

test('in development the console says what threw in the page, and which paths no route has or may be predicted, once each', async () => {
  await using scene = await open(true);
  const { page, warned } = scene;
  const about = (text: string): string[] => warned.filter((line) => line.includes(text));
  await expect.poll(() => about("predict('/ws/thorwing') has no effect: the server has no such route").length).toBe(1);
  await expect.poll(() => about("predict('/ws/plain/:name') has no effect: write predict: true").length).toBe(1);
  for (const id of ['handler', 'handler', 'there', 'there']) await page.locator(`#${id}`).click();
  await expect.poll(() => count(page)).toBe(4);
  for (const what of ['a handler', 'update'])
    expect(about(`since ${what} throws in the page: Error: it was to fail here`).length).toBe(1);
  expect(about("predict('/ws/throwing')")).toEqual([]);
});

test.each([
  ['here', 2, 'ISLET_ERR_MESSAGE_REFUSED'],
  ['nowhere', 1, 'ISLET_ERR_MESSAGE_REFUSED'],
  ['handler-both', 1, 'ISLET_ERR_MESSAGE_REFUSED'],
])('what fails on the server (%s) is told, and what was done since stays', async (id, shown, code) => {
  await using scene = await open();
  const { page, proxy, refused } = scene;
  proxy.hold('toServer');
  await page.locator(`#${id}`).click();
  await page.locator('#add').click();
  expect(await count(page)).toBe(shown);
  proxy.release();
  await settled(page);
  expect(await count(page)).toBe(1);
  expect(await refused()).toEqual([code]);
});

test('a view that fails in the page shows what the server has; when that is what fails, the island goes on as the server draws it, and says so', async () => {
  await using scene = await open();
  const { page, proxy, warned, refused, unpredicted } = scene;
  proxy.hold('toServer');
  await page.locator('#add').click();
  await page.locator('#odd').click();
  await page.locator('#add').click();
  expect(await count(page)).toBe(0);
  proxy.release();
  await settled(page);
  await expect.poll(() => count(page)).toBe(2);
  expect(warned.join('\n')).toContain('no longer predicted');
  expect(await unpredicted()).toEqual([
    '/ws/throwing view: it was to fail here',
    '/ws/throwing other: it was to fail here',
  ]);
  await page.locator('#add').click();
  await expect.poll(() => count(page)).toBe(3);
  await settled(page);
  expect(await refused()).toEqual([]);
});
