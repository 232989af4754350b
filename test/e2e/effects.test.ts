// Effects that need a whole page: requests as a browser makes them, the clipboard, and a page that may store nothing.

import { EventEmitter, once } from 'node:events';
import Fastify from 'fastify';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';

/** What happens to the requests that get no answer. */
const waiting = new EventEmitter();

const page = (script: string) => `<!doctype html><title>Effects</title><main></main>${script}`;

const site = servePages(
  async () => {
    const app = Fastify({ forceCloseConnections: true });
    app.addContentTypeParser(/^multipart/, { parseAs: 'string' }, (_, body, done) => done(null, body));
    await servePageScript(app, '/page.js', 'test/support/effects-page.ts');
    app.get('/', (_, reply) => reply.type('text/html').send(page('<script type="module" src="/page.js"></script>')));
    // a page of no origin, as in a sandboxed frame; there a module could not be loaded
    app.get('/sandboxed', (_, reply) =>
      reply
        .type('text/html')
        .header('content-security-policy', 'sandbox allow-scripts')
        .send(page('<script defer src="/page.js"></script>')),
    );
    app.get('/api', async () => ['Cowboy Bebop']);
    app.post('/api', async ({ body }) => body);
    app.post('/upload', async ({ body }) => String(body).includes('name="title"'));
    app.get('/never', ({ raw }) => {
      waiting.emit('asked');
      raw.once('close', () => waiting.emit('gone'));
      return new Promise(() => {});
    });
    return app;
  },
  { appFor: 'all tests' },
);

describe('requests', () => {
  test('bring what the server answers', async () => {
    const { press, told } = await open('/');
    await press('Ask');
    await expect.poll(told).toEqual([{ type: 'Returned', value: ['Cowboy Bebop'] }]);
    await press('Send');
    await expect.poll(async () => (await told()).at(-1)).toEqual({ type: 'Returned', value: { score: 7 } });
    await press('Upload');
    await expect.poll(async () => (await told()).at(-1)).toEqual({ type: 'Returned', value: true });
  });

  test('tell that the network is gone', async () => {
    const { page, press, told } = await open('/');
    await page.context().setOffline(true);
    await press('Ask');
    await expect.poll(told).toEqual([{ type: 'Failed', kind: 'offline' }]);
  });

  test('tell that another origin does not let this page ask', async () => {
    const { press, told } = await open('/');
    await press('Ask abroad');
    await expect.poll(told).toEqual([{ type: 'Failed', kind: 'network' }]);
  });

  test('are taken back when the component stops, and tell nothing', async () => {
    const { press, told } = await open('/');
    const asked = once(waiting, 'asked');
    await press('Ask for ever');
    await asked;
    const gone = once(waiting, 'gone');
    await press('Stop');
    await gone;
    expect(await told()).toEqual([]);
  });
});

describe('the clipboard', () => {
  test('gets a text', async () => {
    const { page, press, told } = await open('/');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await press('Copy');
    await expect.poll(told).toEqual([{ type: 'Copied' }]);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Cowboy Bebop');
  });

  test('may be forbidden', async () => {
    const { press, told } = await open('/sandboxed');
    await press('Copy');
    await expect.poll(told).toEqual([{ type: 'Failed', kind: expect.any(String) }]);
  });
});

test('a page that may store nothing hears so', async () => {
  const { press, told } = await open('/sandboxed');
  await press('Write');
  await press('Read');
  const forbidden = { type: 'Failed', kind: 'forbidden' };
  await expect.poll(told).toEqual([forbidden, forbidden]);
});

interface Opened {
  readonly page: Page;
  press(name: string): Promise<void>;
  /** The messages that effects have sent so far. */
  told(): Promise<unknown[]>;
}

async function open(path: string): Promise<Opened> {
  const page = await site.open(path);
  return {
    page,
    press: (name) => page.getByRole('button', { name, exact: true }).click(),
    told: async () => (await page.locator('li').allTextContents()).map((text) => JSON.parse(text)),
  };
}
