// How much memory an actor takes is known where its content had to be written anyway: nothing is written to find it out.

import { expect, test } from 'vitest';
import { serverComponent } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import { islandsOf } from './support/adoption.ts';
import { startServer } from './support/server.ts';

const long = component<string[], never>({
  name: 'long-page',
  init: () => [Array.from({ length: 5_000 }, (_, index) => `row ${index}`), effect.none],
  update: (rows) => [rows, effect.none],
  view: (rows) => html`<ul>${rows.map((row) => html`<li>${row}</li>`)}</ul>`,
});

/** Counts the characters of JSON that are written until something has ended. */
async function countWritten(act: () => Promise<unknown>): Promise<number> {
  const { stringify } = JSON;
  let written = 0;
  JSON.stringify = (value: unknown, ...rest: []): string => {
    const text = stringify(value, ...rest);
    // of what is no data there is no text
    written += (text as string | undefined)?.length ?? 0;
    return text;
  };
  try {
    await act();
  } finally {
    JSON.stringify = stringify;
  }
  return written;
}

test('an island that its page has adopted is not written anew when the page goes', async () => {
  // room for no actor without a page: it ends once its size is known
  const limits = { maxBytesPerClient: 1 };
  await using server = await startServer(
    (app) => {
      app.islet.route('/ws/long', long);
      app.get('/', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/long' })}`));
    },
    { limits },
  );
  const response = await fetch(server.url);
  const [island] = islandsOf(await response.text());
  const page = await server.connect();
  await page.join('/ws/long', { have: island?.have });
  expect(page.frames.at(-1)?.kind).toBe('live');
  expect(server.app.islet.size.actors).toBe(1);
  const written = await countWritten(async () => {
    await page.close();
    while (server.app.islet.size.actors > 0) await new Promise((resolve) => setImmediate(resolve));
  });
  expect(written).toBeLessThan(5_000);
}, 60_000);
