// Covers in a browser: each is well-formed XML, and is drawn where a page shows it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../server/app/app.ts';
import { readSeed } from '../../server/app/data/seed.ts';
import { drawCover } from '../../server/app/pages/cover.ts';
import { launchBrowser } from '../support/browser.ts';

const opened: AsyncDisposableStack = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());
let page: Awaited<ReturnType<Awaited<ReturnType<typeof launchBrowser>>['newPage']>>;
let url: string;
beforeAll(async () => {
  const app = await createApp();
  opened.defer(() => app.close());
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  page = await opened.use(await launchBrowser()).newPage();
});

test('each is well-formed XML', async () => {
  const covers = [...readSeed(), { title: '"/><script>alert(1)</script>' }, { title: '' }].map(drawCover);
  const problems = await page.evaluate(
    (texts) =>
      texts.flatMap((text) => {
        const { documentElement } = new DOMParser().parseFromString(text, 'application/xml');
        return documentElement.nodeName === 'svg' ? [] : [documentElement.textContent];
      }),
    covers,
  );
  expect(problems).toEqual([]);
});

test('one is drawn in a page', async () => {
  await page.goto(`${url}/healthz`);
  const size = await page.evaluate(async () => {
    const image = new Image();
    image.src = '/covers/1.svg';
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
  expect(size).toEqual([200, 300]);
});
