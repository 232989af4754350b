// The same component means the same in both places: what test/rating.test.ts says of the rating's values, a person sees
// in a page, once with the component in the browser as `<anime-rating>`, once on the server in a `<server-component>`.

import Fastify from 'fastify';
import type { Locator, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { rating } from '../../components/rating.ts';
import { islet, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(
  async () => {
    const app = Fastify();
    await app.register(islet);
    app.islet.route('/ws/rating', rating);
    await servePageScript(app, '/rating.js', 'test/support/register-rating.ts');
    app.get<{ Querystring: { value?: string } }>('/browser', ({ query }, reply) =>
      reply.html(page('/rating.js', html`<anime-rating value=${query.value}></anime-rating>`)),
    );
    app.get<{ Querystring: { value?: string } }>('/server', ({ query: { value } }, reply) =>
      reply.html(
        page('/islet/element.js', serverComponent({ route: '/ws/rating', attributes: value ? { value } : {} })),
      ),
    );
    return app;
  },
  { appFor: 'all tests' },
);

const page = (script: string, content: object) => html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>Rating</title>
      <script type="module" src=${script}></script>
    </head>
    <body>${content}</body>
  </html>
`;

describe.each([
  { place: 'the browser', path: '/browser', element: 'anime-rating' },
  { place: 'the server', path: '/server', element: 'server-component:state(live)' },
])('a rating in $place', ({ path, element }) => {
  async function open(query = ''): Promise<Rating> {
    const opened = await site.open(path + query);
    await opened.locator(element).locator('.rating').waitFor();
    return new Rating(opened, opened.locator(element));
  }

  describe('the score', () => {
    test('starts at 5 and is not saved', async () => {
      const { score, page } = await open();
      expect(await score.textContent()).toBe('Score 5 of 10');
      expect(await page.locator('.rating-note').textContent()).toBe('Not saved yet');
    });

    test('goes up and down by one', async () => {
      const { up, down, score } = await open();
      await up.click();
      await up.click();
      await down.click();
      await expect.poll(() => score.textContent()).toBe('Score 6 of 10');
    });

    test.each([
      { end: 10, step: '+', disabled: ['false', 'true'] },
      { end: 1, step: '-', disabled: ['true', 'false'] },
    ])('stays at $end, where the button says that it does nothing and renders nothing', async (expected) => {
      const { score, up, down, save, page } = await open(`?value=${expected.end}`);
      await expect.poll(() => score.textContent()).toBe(`Score ${expected.end} of 10`);
      const disabled = () => Promise.all([down, up].map((button) => button.getAttribute('aria-disabled')));
      expect(await disabled()).toEqual(expected.disabled);
      await page.evaluate(recordChanges);
      // by keyboard: a click by Playwright waits for a button that is not disabled
      for (let presses = 0; presses < 3; presses++) await (expected.step === '+' ? up : down).press('Enter');
      await save.click();
      await expect.poll(() => page.locator('.rating-note').textContent()).toBe(`Saved: ${expected.end} of 10`);
      expect(await page.evaluate(() => globalThis.changed)).toEqual(['SPAN', 'SPAN']);
      expect(await score.textContent()).toBe(`Score ${expected.end} of 10`);
    });
  });

  describe('the value attribute', () => {
    test.each([
      ['8', 8],
      [' 10 ', 10],
    ])('%j sets the score, in the page and later', async (text, value) => {
      const { host, score } = await open(`?value=${encodeURIComponent(text)}`);
      await expect.poll(() => score.textContent()).toBe(`Score ${value} of 10`);
      await setValue(host, '3');
      await expect.poll(() => score.textContent()).toBe('Score 3 of 10');
      await setValue(host, text);
      await expect.poll(() => score.textContent()).toBe(`Score ${value} of 10`);
    });

    test('is ignored when it is no score', async () => {
      const { host, score, up, down } = await open('?value=4');
      for (const text of [null, '', '0', '11', '-3', '7.5', '1e1', '0x7', 'seven', '999999']) {
        await setValue(host, text);
        await up.click();
        await expect.poll(() => score.textContent(), { message: `value=${text}` }).toBe('Score 5 of 10');
        await down.click();
        await expect.poll(() => score.textContent()).toBe('Score 4 of 10');
      }
    });
  });

  describe('saving', () => {
    test('fires change with the score each time, and is the only thing that does', async () => {
      const { host, up, save, page } = await open();
      await page.evaluate(recordEvents);
      await up.click();
      await up.click();
      await save.click();
      await save.click();
      await setValue(host, '2');
      await save.click();
      await expect.poll(() => page.evaluate(() => globalThis.fired)).toHaveLength(3);
      expect(await page.evaluate(() => globalThis.fired)).toEqual([
        [7, true, true],
        [7, true, true],
        [2, true, true],
      ]);
    });

    test('is confirmed until the score is another one', async () => {
      const { up, down, save, page } = await open();
      const note = () => page.locator('.rating-note').textContent();
      await up.click();
      await save.click();
      await expect.poll(note).toBe('Saved: 6 of 10');
      await up.click();
      await expect.poll(note).toBe('Last saved: 6 of 10');
      await down.click();
      await expect.poll(note).toBe('Saved: 6 of 10');
    });
  });
});

class Rating {
  readonly page: Page;
  readonly host: Locator;
  readonly score: Locator;
  readonly up: Locator;
  readonly down: Locator;
  readonly save: Locator;

  constructor(opened: Page, host: Locator) {
    this.page = opened;
    this.host = host;
    this.score = host.getByRole('status').first();
    this.up = host.getByRole('button', { name: 'Rate higher' });
    this.down = host.getByRole('button', { name: 'Rate lower' });
    this.save = host.getByRole('button', { name: 'Save rating' });
  }
}

declare global {
  var changed: string[];
  var fired: unknown[];
}

function recordChanges(): void {
  globalThis.changed = [];
  new MutationObserver((records) => {
    for (const { target, attributeName } of records) {
      // while an answer is under way its button says so
      // marks of the element's own change nothing of what is shown
      if (!/^data-(pending|outgrown)$/.test(attributeName ?? '')) globalThis.changed.push(target.nodeName);
    }
  }).observe(document.body, { childList: true, characterData: true, attributes: true, subtree: true });
}

function recordEvents(): void {
  globalThis.fired = [];
  addEventListener('change', (event) => {
    globalThis.fired.push([(event as CustomEvent).detail, event.bubbles, event.composed]);
  });
}

function setValue(host: Locator, text: string | null): Promise<void> {
  return host.evaluate((element, value) => {
    if (value === null) element.removeAttribute('value');
    else element.setAttribute('value', value);
  }, text);
}
