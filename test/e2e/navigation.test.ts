// Links, back and forward, scroll and hash: an app of several pages in a real browser, on a real server.

import Fastify from 'fastify';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';
import { shows } from '../support/tracker.ts';

const document =
  '<!doctype html><title>App</title><main id="app"></main><script type="module" src="/page.js"></script>';

const site = servePages(
  async () => {
    const app = Fastify();
    await servePageScript(app, '/page.js', 'test/support/navigation-page.ts');
    app.get('/server', (_, reply) =>
      reply.type('text/html').send('<!doctype html><h1>server</h1><a href="/">Home</a>'),
    );
    app.get('/*', (_, reply) => reply.type('text/html').send(document));
    return app;
  },
  { appFor: 'all tests' },
);

describe('a link to a page of the app', () => {
  test('shows it without loading it, under its own URL and title', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'One', exact: true }).click();
    await shows(page, 'one');
    expect(await isSameDocument(page)).toBe(true);
    expect(page.url()).toBe(`${site.address}/page/one?q=x`);
    await expect.poll(() => page.title()).toBe('/page/one?q=x');
  });

  test('is followed also from an element inside it, and from a shadow root', async () => {
    const page = await open('/');
    await page.getByText('Two').click();
    await shows(page, 'two');
    await page.getByText('In a shadow root').click();
    await shows(page, 'shadow');
    expect(await isSameDocument(page)).toBe(true);
  });

  test('is followed by the keyboard', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Two' }).focus();
    await page.keyboard.press('Enter');
    await shows(page, 'two');
    expect(await isSameDocument(page)).toBe(true);
  });

  test('where one is already does not make the way back longer', async () => {
    const page = await open('/');
    const before = await page.evaluate(() => history.length);
    await page.getByRole('link', { name: 'Home' }).click();
    await expect.poll(() => heard(page)).toBe('/');
    expect(await page.evaluate(() => history.length)).toBe(before);
  });
});

describe('left to the browser is a link', () => {
  test('to a page of the server', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Server' }).click();
    await shows(page, 'server');
    expect(page.url()).toBe(`${site.address}/server`);
    await page.goBack();
    await shows(page, 'home');
  });

  test('that says so', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Reload' }).click();
    await shows(page, 'reload');
    expect(await isSameDocument(page)).toBe(false);
  });

  test('to another origin', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Foreign' }).click();
    await page.waitForURL('**/page/foreign');
    expect(new URL(page.url()).hostname).toBe('localhost');
  });

  test('with a target', async () => {
    const page = await open('/');
    const [tab] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'New tab' }).click()]);
    await shows(tab, 'new');
    await shows(page, 'home');
  });

  test('that is clicked with a modifier key', async () => {
    const page = await open('/');
    await page.evaluate(() => {
      // asked when all have heard of it
      addEventListener('click', (event) =>
        setTimeout(() => Object.assign(window, { isTaken: event.defaultPrevented })),
      );
    });
    // whether a tab is opened then is not asked: a busy headless Chromium forgets to, on a page without any script too
    await page.getByRole('link', { name: 'Two' }).click({ modifiers: ['ControlOrMeta'] });
    await expect.poll(() => page.evaluate(() => Reflect.get(window, 'isTaken'))).toBe(false);
    await shows(page, 'home');
  });

  test('that is a download', async () => {
    const page = await open('/');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('File').click()]);
    expect(download.suggestedFilename()).toBe('file.txt');
    await shows(page, 'home');
  });

  test('of another kind than http', async () => {
    const page = await open('/');
    const isLeft = await page.getByRole('link', { name: 'Mail' }).evaluate((link) => {
      const click = new MouseEvent('click', { bubbles: true, cancelable: true, composed: true });
      window.addEventListener('click', (event) => event.preventDefault(), { once: true });
      link.dispatchEvent(click);
      return location.pathname === '/';
    });
    expect(isLeft).toBe(true);
    expect(await heard(page)).toBe('');
  });

  test('that somebody else has handled', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Prevented' }).evaluate((link) => {
      link.addEventListener('click', (event) => event.preventDefault());
    });
    await page.getByRole('link', { name: 'Prevented' }).click();
    expect(await heard(page)).toBe('');
    await shows(page, 'home');
  });
});

test('back and forward show the pages again', async () => {
  const page = await open('/');
  await page.getByRole('link', { name: 'One', exact: true }).click();
  await shows(page, 'one');
  await page.getByRole('link', { name: 'Two' }).click();
  await shows(page, 'two');
  await page.goBack();
  await shows(page, 'one');
  expect(page.url()).toBe(`${site.address}/page/one?q=x`);
  await page.goBack();
  await shows(page, 'home');
  await page.goForward();
  await shows(page, 'one');
  expect(await isSameDocument(page)).toBe(true);
});

describe('the place on the page', () => {
  test('is the top of a new page, and where one was after going back and forward', async () => {
    const page = await open('/');
    await page.evaluate(() => scrollTo(0, 1_500));
    await page.getByRole('link', { name: 'Two' }).evaluate((link: HTMLElement) => link.click());
    await shows(page, 'two');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
    await page.evaluate(() => scrollTo(0, 700));
    await page.goBack();
    await shows(page, 'home');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(1_500);
    await page.goForward();
    await shows(page, 'two');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(700);
  });

  test('is where one was also after going back before the new page was painted', async () => {
    const page = await open('/');
    await page.evaluate(() => {
      scrollTo(0, 1_500);
      const late: FrameRequestCallback[] = [];
      Object.assign(window, { late, requestAnimationFrame: (callback: FrameRequestCallback) => late.push(callback) });
    });
    await page.getByRole('link', { name: 'Two' }).evaluate((link: HTMLElement) => link.click());
    await shows(page, 'two');
    await page.goBack();
    await shows(page, 'home');
    await page.evaluate(() => {
      for (const callback of Reflect.get(window, 'late') as FrameRequestCallback[]) callback(0);
    });
    expect(await page.evaluate(() => scrollY)).toBe(1_500);
  });

  test('is the part that the link names, on another page and on the same', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'One, its end' }).click();
    await shows(page, 'one');
    await expect.poll(() => isAtEnd(page)).toBe(true);
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('link', { name: 'End', exact: true }).click();
    await expect.poll(() => isAtEnd(page)).toBe(true);
    expect(await isSameDocument(page)).toBe(true);
  });

  test('of a part of the same page is told to the app', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'End', exact: true }).click();
    await expect.poll(() => heard(page)).toBe('/#end');
    await page.goBack();
    await expect.poll(() => heard(page)).toBe('/#end /');
  });

  test('is kept over a reload', async () => {
    const page = await open('/page/one');
    await page.evaluate(() => scrollTo(0, 900));
    await page.reload();
    await shows(page, 'one');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(900);
  });
});

describe('as effects', () => {
  test('a page is pushed, replaced and left', async () => {
    const page = await open('/');
    await page.getByRole('button', { name: 'Push' }).click();
    await shows(page, 'pushed');
    expect(page.url()).toBe(`${site.address}/page/pushed?q=by+effect`);
    await page.getByRole('button', { name: 'Replace' }).click();
    await shows(page, 'replaced');
    await page.getByRole('button', { name: 'Back' }).click();
    await shows(page, 'home');
    expect(await heard(page)).toBe('/page/pushed?q=by+effect /page/replaced /');
  });
});

test('an app that has stopped leaves links to the browser', async () => {
  const page = await open('/');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('link', { name: 'Two' }).click();
  await shows(page, 'two');
  expect(await isSameDocument(page)).toBe(false);
});

async function open(path: string): Promise<Page> {
  const page = await site.open(path, { acceptDownloads: true });
  await page.locator('h1').waitFor();
  await page.evaluate(() => Object.assign(window, { isFirst: true }));
  return page;
}

/** Whether the page was not loaded anew since it was opened. */
const isSameDocument = (page: Page): Promise<boolean> => page.evaluate(() => 'isFirst' in window);

const heard = (page: Page): Promise<string | null> => page.locator('output').textContent();

const isAtEnd = (page: Page): Promise<boolean> =>
  page.locator('#end').evaluate((element) => Math.abs(element.getBoundingClientRect().top) < 2);
