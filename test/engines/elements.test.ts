// Client components as custom elements in further engines: attributes, events, forms, pseudo states, shadow roots.

import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rating } from '../../components/rating.ts';
import { clientComponent, islet } from '../../server/index.ts';
import { html, type Template } from '../../shared/index.ts';
import { servePageScript } from '../support/page-script.ts';
import { field } from './field.ts';
import { engineName, isMissing, type Page, usePages } from './page.ts';

const documentOf = (content: Template): Template => html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>Elements</title>
      <style>test-field::part(count) { font-weight: 700 }</style>
      <script src="/watch.js"></script>
      <script type="module" src="/page.js"></script>
    </head>
    <body>${content}</body>
  </html>
`;

/** Notes, before any other script runs, what the server's shadow root held. */
const watchScript = `document.addEventListener('readystatechange', () => {
  window.parsed ??= document.querySelector('test-field')?.shadowRoot.querySelector('output');
});`;

describe.skipIf(isMissing)(engineName, () => {
  const openPage = usePages();
  let app: FastifyInstance;
  let address: string;

  beforeAll(async () => {
    app = Fastify();
    await app.register(islet, { components: [field, rating] });
    await servePageScript(app, '/page.js', 'test/engines/elements-page.ts');
    app.get('/watch.js', (_, reply) => reply.type('text/javascript').send(watchScript));
    app.get('/rating', (_, reply) =>
      reply.html(documentOf(html`${clientComponent(rating, { attributes: { value: '7' } })}<div></div>`)),
    );
    app.get('/form', (_, reply) =>
      reply.html(
        documentOf(html`
          <form action="/sent">
            <fieldset>${clientComponent(field, { attributes: { name: 'answer' } })}</fieldset>
            <button>Send</button>
          </form>
        `),
      ),
    );
    app.get('/sent', (_, reply) => reply.html(documentOf(html`<p>Sent</p>`)));
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });

  afterAll(() => app?.close());

  const open = async (path: string): Promise<Page> => {
    const page = await openPage(address + path);
    await expect.poll(() => page.count('anime-rating:defined, test-field:defined')).toBe(1);
    return page;
  };

  describe('<anime-rating>', () => {
    test('starts from its attribute, counts, and tells what is saved', async () => {
      const page = await open('/rating');
      await page.evaluate(() => {
        const heard: unknown[] = [];
        addEventListener('change', (event) => heard.push((event as CustomEvent).detail));
        Reflect.set(window, 'heard', heard);
      });
      expect(await score(page)).toBe('7');
      await page.click('button', 'Rate higher');
      await expect.poll(() => score(page)).toBe('8');
      await page.click('button', 'Save rating');
      await expect.poll(() => page.evaluate(() => Reflect.get(window, 'heard'))).toEqual([8]);
      expect(await page.text('[role=status]')).toBe('Saved: 8 of 10');
    });

    test('takes a new value by its attribute, as often as one is set', async () => {
      const page = await open('/rating');
      for (const value of ['3', '10', '1']) {
        await page.evaluate((text) => document.querySelector('anime-rating')?.setAttribute('value', text), value);
        await expect.poll(() => score(page)).toBe(value);
      }
    });

    test('keeps what it knows where it is moved', async () => {
      const page = await open('/rating');
      await page.click('button', 'Rate lower');
      await expect.poll(() => score(page)).toBe('6');
      await page.evaluate(() => {
        const element = document.querySelector('anime-rating');
        document.querySelector('div:empty')?.append(element as Element);
      });
      expect(await score(page)).toBe('6');
      await page.click('button', 'Rate lower');
      await expect.poll(() => score(page)).toBe('5');
    });

    test('can be made by a script', async () => {
      const page = await open('/rating');
      await page.evaluate(() => {
        document.body.innerHTML = '<anime-rating value="4"></anime-rating>';
      });
      await page.click('button', 'Rate higher');
      await expect.poll(() => score(page)).toBe('5');
    });
  });

  describe('a control of a form, in a shadow root that the server rendered', () => {
    test('keeps the nodes that are there', async () => {
      const page = await open('/form');
      await write(page, 'typed');
      await expect.poll(() => page.evaluate(outputOf)).toBe('5 characters');
      const isKept = await page.evaluate(() => {
        const output = document.querySelector('test-field')?.shadowRoot?.querySelector('output');
        return output !== undefined && output === Reflect.get(window, 'parsed');
      });
      expect(isKept).toBe(true);
    });

    test('has the styles of its own, once, and parts that the page can style', async () => {
      const page = await open('/form');
      const look = await page.evaluate(() => {
        const root = document.querySelector('test-field')?.shadowRoot;
        const { color, fontWeight } = getComputedStyle(root?.querySelector('output') as Element);
        return { color, fontWeight, styles: root?.querySelectorAll('style').length };
      });
      expect(look).toEqual({ color: 'rgb(1, 2, 3)', fontWeight: '700', styles: 0 });
    });

    test('gives its form the value that is typed, and follows a reset', async () => {
      const page = await open('/form');
      await write(page, 'typed');
      await expect.poll(() => page.evaluate(outputOf)).toBe('5 characters');
      expect(await page.evaluate(sentOf)).toBe('typed');
      await page.evaluate(() => document.forms[0]?.reset());
      await expect.poll(() => page.evaluate(outputOf)).toBe('0 characters');
      expect(await page.evaluate(sentOf)).toBe('');
    });

    test('says its state as a pseudo class', async () => {
      const page = await open('/form');
      expect(await page.count('test-field:state(empty)')).toBe(1);
      await write(page, 'x');
      await expect.poll(() => page.count('test-field:state(filled)')).toBe(1);
      expect(await page.count('test-field:state(empty)')).toBe(0);
    });

    test('belongs to its form, which knows whether it is valid', async () => {
      const page = await open('/form');
      const isValid = () => page.evaluate(() => document.forms[0]?.checkValidity());
      expect(await page.evaluate(() => document.forms[0]?.elements.namedItem('answer')?.toString())).toContain('HTML');
      expect(await isValid()).toBe(true);
      await write(page, 'much more than can be');
      await expect.poll(isValid).toBe(false);
      expect(await page.count('test-field:invalid')).toBe(1);
    });

    test('is disabled with what it stands in', async () => {
      const page = await open('/form');
      const isDisabled = () => page.evaluate(() => document.querySelector('test-field')?.matches(':disabled'));
      const isInputDisabled = () =>
        page.evaluate(() => document.querySelector('test-field')?.shadowRoot?.querySelector('input')?.disabled);
      await page.evaluate(() => document.querySelector('fieldset')?.toggleAttribute('disabled'));
      expect(await isDisabled()).toBe(true);
      await expect.poll(isInputDisabled).toBe(true);
      expect(await page.evaluate(sentOf)).toBe(null);
      await page.evaluate(() => document.querySelector('fieldset')?.toggleAttribute('disabled'));
      await expect.poll(isInputDisabled).toBe(false);
    });

    test('is sent, and has its value again when one comes back', async () => {
      const page = await open('/form');
      await write(page, 'written before');
      await expect.poll(() => page.evaluate(outputOf)).toBe('14 characters');
      await page.click('button', 'Send');
      await expect.poll(() => page.text('p')).toBe('Sent');
      expect(await page.evaluate(() => location.search)).toBe('?answer=written+before');
      await page.evaluate(() => history.back());
      await expect.poll(() => page.evaluate(outputOf)).toBe('14 characters');
    });
  });
});

const score = (page: Page): Promise<string | null> => page.text('anime-rating .rating-score');

/** Types into the control's field; focus is delegated to it. */
async function write(page: Page, text: string): Promise<void> {
  await page.evaluate(() => document.querySelector<HTMLElement>('test-field')?.focus());
  await page.type(text);
}

// what follows runs in pages

const outputOf = (): string | null | undefined =>
  document.querySelector('test-field')?.shadowRoot?.querySelector('output')?.textContent;

const sentOf = (): string | null => new FormData(document.forms[0]).get('answer') as string | null;
