// Covers in a browser: each is well-formed XML, and is drawn where a page shows it.

import { expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { readSeed } from '../../server/anime/data/seed.ts';
import { drawCover } from '../../server/anime/pages/cover.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(() => createApp(), { pictures: true });

test('each is well-formed XML', async () => {
  const covers = [...readSeed(), { title: '"/><script>alert(1)</script>' }, { title: '' }].map(drawCover);
  const page = await site.newPage();
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
  const page = await site.open('/healthz');
  const size = await page.evaluate(async () => {
    const image = new Image();
    image.src = '/covers/1.svg';
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
  expect(size).toEqual([200, 300]);
});
