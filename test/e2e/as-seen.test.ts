// A click in a real page means what the page showed, also where the network was away or slow meanwhile.

import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { startServer } from '../support/server.ts';

const newPage = openPages();

type Message = { readonly type: 'UserBought'; readonly item: string } | { readonly type: 'UserTurned' };

const items = ['apple', 'car'];
const shop = component<{ readonly at: number; readonly bought: readonly string[] }, Message>({
  init: () => [{ at: 0, bought: [] }, effect.none],
  update(model, message) {
    if (message.type === 'UserTurned') return [{ ...model, at: model.at + 1 }, effect.none];
    return [{ ...model, bought: [...model.bought, message.item] }, effect.none];
  },
  view: ({ at, bought }) => html`
    <button @click=${{ type: 'UserBought', item: items[at] ?? '' }}>Buy ${items[at]}</button>
    <button @click=${{ type: 'UserTurned' }}>Turn</button>
    <p>${bought.join(' ')}</p>
  `,
});

test.each(['away', 'slow'])('what was clicked while the network was %s is what is bought', async (network) => {
  await using server = await startServer((app) => {
    app.islet.route('/ws/shop', shop, { shared: true });
    app.get('/', (_, reply) => reply.html(documentWith(serverComponent({ route: '/ws/shop' }))));
  });
  await using proxy = await startProxy(server.url);
  const [ann, ben] = [await newPage(), await newPage()];
  await ann.goto(proxy.url);
  await ben.goto(server.url);
  for (const page of [ann, ben]) await page.locator('server-component:state(live)').waitFor();
  if (network === 'away') {
    proxy.refuse();
    await ann.locator('server-component:state(offline)').waitFor();
  } else proxy.hold('toServer');
  await ann.getByRole('button', { name: 'Buy apple' }).click();
  await ben.getByRole('button', { name: 'Turn' }).click();
  await ben.getByRole('button', { name: 'Buy car' }).waitFor();
  if (network === 'slow') await ann.getByRole('button', { name: 'Buy car' }).waitFor();
  proxy.accept();
  proxy.release();
  await expect.poll(() => ben.locator('p').textContent()).toBe('apple');
  await ann.getByRole('button', { name: 'Buy car' }).click();
  await expect.poll(() => ben.locator('p').textContent()).toBe('apple car');
});
