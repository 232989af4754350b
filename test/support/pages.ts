// Pages for the tests of one file, with the hooks that start and end what they need: contexts of the worker's browser, and
// an app that listens on a free port. What a test opens is closed after it:
// `const site = servePages(() => createApp());` and in a test `const page = await site.open('/anime');`

import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Sight, sharedBrowser } from './browser.ts';

type NewPage = (options?: BrowserContextOptions) => Promise<Page>;

export interface Site {
  /** `http://127.0.0.1:port` */
  readonly address: string;
  readonly app: FastifyInstance;
  /** Opens a page of the app, as a visitor of its own, and waits until it has loaded. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** An empty page of a visitor of its own, to be looked at from its beginning. */
  newPage: NewPage;
}

export interface SiteOptions extends Partial<Sight> {
  /** How long an app is kept. Default: a new one for each test. */
  readonly appFor?: 'each test' | 'all tests';
}

/** Declares that the tests of this file open pages of an app. It need not listen yet. */
export function servePages(
  makeApp: () => Promise<FastifyInstance>,
  { appFor = 'each test', pictures = false }: SiteOptions = {},
): Site {
  let app: FastifyInstance;
  let address: string;
  const [before, after] = appFor === 'each test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    app = await makeApp();
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());
  // hooks that end something run in reverse: pages are closed before their app is
  const browser = useBrowser(pictures);

  return {
    get address() {
      return address;
    },
    get app() {
      return app;
    },
    async open(path = '/', options = {}) {
      const page = await newPage(browser(), options);
      await page.goto(address + path);
      return page;
    },
    newPage: (options) => newPage(browser(), options),
  };
}

/** Declares that the tests of this file open pages of servers that they start themselves. */
export function openPages({ pictures = false }: Partial<Sight> = {}): NewPage {
  const browser = useBrowser(pictures);
  return (options) => newPage(browser(), options);
}

/** In a context of its own, in which a test can open further tabs of the same visitor. */
async function newPage(browser: Browser, options?: BrowserContextOptions): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

function useBrowser(pictures: boolean): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser({ pictures });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  return () => browser;
}
