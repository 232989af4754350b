/*
 * What a test of a page costs: `npm run bench:visits` opens pages by `visit` of `islet/testing`, one after the other, in
 * this process, each with a click and a goodbye, and clicks on one that stays open. Output: how many in a second.
 */

import Fastify from 'fastify';
import { islet, serverComponent } from '../server/index.ts';
import { visit } from '../server/testing/index.ts';
import { component, effect, html } from '../shared/index.ts';

const warmUp = 200;
const visits = 1_000;
const clicks = 3_000;

const counter = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<button @click=${'UserClicked'}>Count</button> <p>${count}</p>`,
});

await using app = Fastify();
// what is measured is the way of a click, and not how often a page may click
await app.register(islet, { limits: { maxEventsPerSecond: 1_000_000 } });
app.islet.route('/ws/count', counter);
app.get('/', (_, reply) =>
  reply.html(html`
    <!doctype html>
    <html lang="en">
      <head><title>Count</title><script type="module" src="/islet/element.js"></script></head>
      <body>${serverComponent({ route: '/ws/count' })}</body>
    </html>
  `),
);

async function open(): Promise<void> {
  await using page = await visit(app, '/');
  await page.click('Count');
}

async function measure(times: number, act: () => Promise<void>): Promise<string> {
  const started = performance.now();
  for (let done = 0; done < times; done++) await act();
  const ms = (performance.now() - started) / times;
  return `${ms.toFixed(2)} ms, ${Math.round(1_000 / ms).toLocaleString('en')} a second`;
}

for (let done = 0; done < warmUp; done++) await open();
console.log(`a visit with a join, a click and a goodbye: ${await measure(visits, open)}`);
await using page = await visit(app, '/');
console.log(`a click on an open page: ${await measure(clicks, () => page.click('Count'))}`);
