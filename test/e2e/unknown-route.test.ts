// A rolling deploy that brings a new route: a page of the new server comes to an old one, which does not know the route,
// and back. What is shown and typed in that island stays; the rest of the page goes on. Real servers, real browser.

import Fastify, { type FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { islet, memoryStore, type Store, serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { counter } from '../support/counter.ts';
import { documentWith } from '../support/document.ts';
import { freePort } from '../support/free-port.ts';
import { openPages } from '../support/pages.ts';

const newPage = openPages();

const note = component<string, { readonly type: 'UserSaved'; readonly text: string }>({
  init: () => ['nothing', effect.none],
  update: (_, { text }) => [text, effect.none],
  view: (text) => html`
    <p>Saved: ${text}</p>
    <form @submit=${({ fields = {} }) => ({ type: 'UserSaved', text: String(fields.text) })}>
      <input name="text"><button>Save</button>
    </form>
  `,
});

async function startServer(port: number, store: Store, knowsNote: boolean): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(islet, { store: { ...store, close: async () => {} } });
  app.islet.route('/ws/count', counter);
  if (knowsNote) app.islet.route('/ws/note', note);
  app.get('/', (_, reply) =>
    reply.html(documentWith([serverComponent({ route: '/ws/count' }), serverComponent({ route: '/ws/note' })])),
  );
  await app.listen({ host: '127.0.0.1', port });
  return app;
}

test('an island whose route an older server does not know keeps what it shows, and comes back', async () => {
  const [port, store] = [await freePort(), memoryStore()];
  const first = await startServer(port, store, true);
  const page = await newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  await expect.poll(() => page.locator('server-component:state(live)').count(), { timeout: 60_000 }).toBe(2);
  await page.locator('input').fill('typed');
  await first.close();

  const old = await startServer(port, store, false);
  const island = page.locator('server-component').nth(1);
  await expect.poll(() => page.locator('server-component:state(live)').count(), { timeout: 60_000 }).toBe(1);
  await expect.poll(() => island.evaluate((element) => element.matches(':state(failed)'))).toBe(true);
  expect(await island.locator('p').textContent()).toBe('Saved: nothing');
  expect(await page.locator('input').inputValue()).toBe('typed');
  // typed meanwhile, and the island beside it goes on
  await page.locator('input').fill('typed more');
  await page.locator('button').first().click();
  await expect.poll(() => page.locator('button').first().textContent()).toBe('1');
  await old.close();

  const next = await startServer(port, store, true);
  await expect.poll(() => page.locator('server-component:state(live)').count(), { timeout: 60_000 }).toBe(2);
  expect(await page.locator('input').inputValue()).toBe('typed more');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => island.locator('p').textContent()).toBe('Saved: typed more');
  await next.close();
});
