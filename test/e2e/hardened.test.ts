// Pages whose Content-Security-Policy allows as little as can be: no inline script, no inline style, and markup only by
// the policy of our own. Components on the server and in the browser work there, and the browser has nothing to
// complain about.

import { basename } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { clientComponent, islet, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { readBlocks } from '../support/doc-blocks.ts';
import { inBrowser, inShadow, liveForm, onServer } from '../support/hardened.ts';
import { openPages } from '../support/pages.ts';

const apps: FastifyInstance[] = [];
const newPage = openPages({ pictures: true });

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

const [element, ...parts] = await buildBundles({ entries: ['client-runtime/element/element.ts'], write: false });
const [bundle, ...appParts] = await buildBundles({ entries: ['test/support/hardened-entry.ts'], write: false });
const [strict] = await buildBundles({ entries: ['test/support/hardened-entry-development.ts'], write: false });
/** What these load when they need it, by its name. */
const loadedLater = new Map([...parts, ...appParts].map(({ path, code }) => [basename(path), code]));

const policyOf = (types: string, style = "'self'"): string =>
  `default-src 'none'; script-src 'self'; connect-src 'self'; style-src ${style}; ` +
  `require-trusted-types-for 'script'; trusted-types ${types}`;

async function start(policy: string, nonce?: string): Promise<string> {
  const app = Fastify({ forceCloseConnections: true });
  apps.push(app);
  await app.register(islet, { components: [inBrowser, inShadow] });
  app.islet.route('/ws/count', onServer);
  app.get('/element.js', (_, reply) => reply.type('text/javascript').send(element?.code));
  app.get('/app.js', (_, reply) => reply.type('text/javascript').send(bundle?.code));
  app.get('/app-development.js', (_, reply) => reply.type('text/javascript').send(strict?.code));
  for (const [name, code] of loadedLater) app.get(`/${name}`, (_, reply) => reply.type('text/javascript').send(code));
  app.get('/:kind', (request, reply) => {
    const { kind } = request.params as { kind: string };
    const { script = 'app' } = request.query as { script?: string };
    const content = {
      server: serverComponent({ route: '/ws/count' }),
      browser: clientComponent(inBrowser),
      shadow: clientComponent(inShadow),
      both: [serverComponent({ route: '/ws/count' }), clientComponent(inBrowser)],
    }[kind];
    return reply.header('content-security-policy', policy).html(
      html`
        <!doctype html>
        <html lang="en">
          <head>
            <title>Hardened</title>
            ${script === 'none' ? null : [`${script}.js`, 'element.js'].map((name) => html`<script type="module" src="/${name}"></script>`)}
            <meta name="islet" content="/islet">
          </head>
          <body>${content ?? null}</body>
        </html>
      `,
      nonce ? { nonce } : {},
    );
  });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function open(url: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

const colors = (page: Page, place: string) =>
  page.locator(place).evaluate((root) => {
    const inside = root.shadowRoot ?? root;
    return ['p', 'i', 'b', 'em'].map((name) => {
      const found = inside.querySelector(name);
      return found && getComputedStyle(found).color;
    });
  });

const read = (page: Page, place: string) =>
  page.locator(place).evaluate((root) => {
    const inside = root.shadowRoot ?? root;
    return ['p', 'q', 'title', 'em'].map((name) => inside.querySelector(name)?.textContent);
  });

const blue = 'rgb(0, 0, 255)';
const red = 'rgb(255, 0, 0)';
const green = 'rgb(0, 128, 0)';

test.each([
  ['on the server', 'server', 'server-component'],
  ['in the browser', 'browser', 'in-browser'],
])('a component %s loads there what puts it right when somebody has changed it', async (_, kind, place) => {
  const { page, complaints } = await open(`${await start(policyOf('islet'))}/${kind}`);
  await page.locator(kind === 'server' ? `${place}:state(live)` : `${place}:defined`).waitFor();
  const scripts = (): Promise<string[]> =>
    page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap(({ name }) => /repair-.*/.exec(name)?.[0] ?? []),
    );
  expect(await scripts()).toEqual([]);
  await page.locator(place).evaluate((root) => root.querySelector('p')?.remove());
  await expect.poll(scripts).toHaveLength(1);
  await page.getByRole('button').click();
  await expect.poll(async () => (await read(page, place)).slice(0, 2)).toEqual(['1', '1']);
  expect(complaints.filter((text) => !/inline style|inline-speculation|islet:recovered/i.test(text))).toEqual([]);
});

describe.each([
  ['a component on the server', 'server', 'server-component', 'app'],
  ['a component in the browser', 'browser', 'in-browser', 'app'],
  ['a component in the browser, in development', 'browser', 'in-browser', 'app-development'],
  ['a component with a shadow root', 'shadow', 'in-shadow', 'app'],
])('%s', (_, kind, place, script) => {
  test('works, and shows its styles, as it comes from the server and later', async () => {
    const url = await start(policyOf('islet'));
    const { page, complaints } = await open(`${url}/${kind}?script=${script}`);
    await page.locator(kind === 'server' ? `${place}:state(live)` : `${place}:defined`).waitFor();
    await expect.poll(() => colors(page, place)).toEqual([blue, blue, blue, null]);
    await page.getByRole('button').click();
    await expect.poll(() => colors(page, place)).toEqual([red, red, red, green]);
    expect(await read(page, place)).toEqual(['1', '1', '1 circles', 'later']);
    await page.getByRole('button').click();
    await expect.poll(() => read(page, place)).toEqual(['2', '2', '2 circles', 'later']);
    expect(await colors(page, place)).toEqual([blue, blue, blue, green]);
    // the browser says of each style of the server's HTML that it does not apply it; of what a script does, nothing
    expect(complaints.filter((text) => !/inline style|inline-speculation/i.test(text))).toEqual([]);
    if (kind === 'shadow')
      expect(await page.locator('in-shadow p').evaluate((p) => getComputedStyle(p).fontWeight)).toBe('900');
  });
});

test('all bundles of a page share one policy, on a page as strict as the one in docs/templates.md', async () => {
  const documented = readBlocks('docs/templates.md').find(({ info }) => info === 'http')?.code ?? '';
  const [, policy = ''] = /^content-security-policy: (.+)$/.exec(documented.replace(/\s+/g, ' ').trim()) ?? [];
  expect(policy).toContain("require-trusted-types-for 'script'");
  const url = await start(policy);
  const { page, complaints } = await open(`${url}/both`);
  await page.locator('server-component:state(live)').waitFor();
  for (const button of await page.getByRole('button').all()) await button.click();
  await expect.poll(() => page.locator('em').allTextContents()).toEqual(['later', 'later']);
  expect(complaints.filter((text) => !/inline style/i.test(text))).toEqual([]);
});

test('a page that does not allow the name is told so, and its own default policy is asked', async () => {
  const url = await start(policyOf('default'));
  const page = await newPage();
  await page.addInitScript(() => {
    // a page's default policy, as it would make one
    window.trustedTypes?.createPolicy('default', { createHTML: (markup) => markup });
  });
  const complaint = page.waitForEvent('console', (message) => message.text().includes("named 'islet'"));
  await page.goto(`${url}/server`);
  expect((await complaint).text()).toContain('trusted-types default');
  await page.locator('server-component:state(live)').waitFor();
  await page.getByRole('button').click();
  await expect.poll(() => page.locator('em').allTextContents()).toEqual(['later']);
});

test('a nonce lets the styles of a shadow root apply without scripts', async () => {
  const url = await start(policyOf('islet', "'nonce-a1b2'"), 'a1b2');
  const { page } = await open(`${url}/shadow?script=none`);
  const weight = () => page.locator('in-shadow p').evaluate((p) => getComputedStyle(p).fontWeight);
  expect(await weight()).toBe('900');
  const without = await start(policyOf('islet', "'nonce-a1b2'"));
  await page.goto(`${without}/shadow?script=none`);
  expect(await weight()).toBe('400');
});

/** A page on an origin of its own, which allows what the element needs from another one and nothing else. */
async function openElsewhere(route: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const pages = Fastify({ forceCloseConnections: true });
  apps.push(pages);
  let other = '';
  pages.get('/', (_, reply) => {
    const policy = `default-src 'none'; script-src ${other}; style-src 'none'; connect-src ${other} ${other.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types islet`;
    return reply
      .headers({ 'content-security-policy': policy, 'content-type': 'text/html' })
      .send(
        `<!doctype html><title>Elsewhere</title><script type="module" crossorigin src="${other}/islet/element.js"></script><server-component route="${route}"></server-component>`,
      );
  });
  const url = await pages.listen({ host: '127.0.0.1', port: 0 });
  const app = Fastify({ forceCloseConnections: true });
  apps.push(app);
  await app.register(islet, { allowedOrigins: [url] });
  app.islet.route('/ws/count', onServer);
  app.islet.route('/ws/form', liveForm);
  other = await app.listen({ host: '127.0.0.1', port: 0 });
  const opened = await open(url);
  await opened.page.locator('server-component:state(live)').waitFor();
  return opened;
}

test('the element comes from another origin, and finds its socket there', async () => {
  const { page, complaints } = await openElsewhere('/ws/count');
  await page.getByRole('button').click();
  await expect.poll(() => colors(page, 'server-component')).toEqual([red, red, red, green]);
  expect(complaints).toEqual([]);
});

test('a form is live there, and what puts its page right comes from there as well', async () => {
  const { page, complaints } = await openElsewhere('/ws/form');
  const digits = page.locator('[name=digits]');
  await digits.pressSequentially('1a2b');
  await expect.poll(() => digits.inputValue()).toBe('12');
  await page.locator('[name=box]').click();
  const color = (selector: string) => page.locator(selector).evaluate((element) => getComputedStyle(element).color);
  await expect.poll(() => color('button')).toBe(red);
  await page.locator('[name=size]').selectOption('a');
  await page.evaluate(() => document.querySelector('form > button')?.remove());
  await page.locator('button').click();
  await expect.poll(() => page.locator('li').textContent()).toBe('{"digits":"12","box":"on","size":"a"}');
  expect(await color('li')).toBe(green);
  await expect.poll(() => color('button')).toBe(blue);
  expect([await digits.inputValue(), await page.locator('select').inputValue()]).toEqual(['', 'b']);
  expect(complaints.filter((text) => !/islet:recovered/.test(text))).toEqual([]);
});
