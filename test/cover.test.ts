// Covers: what is drawn, and how a browser gets it. Whether a browser can show them is in test/e2e/covers.test.ts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { readSeed } from '../server/anime/data/seed.ts';
import { drawCover } from '../server/anime/pages/cover.ts';

const seed = readSeed();

describe('a cover', () => {
  test('is the same each time', () => {
    for (const anime of seed) expect(drawCover({ ...anime })).toBe(drawCover(anime));
  });

  test('is like no other of the list', () => {
    expect(new Set(seed.map(drawCover)).size).toBe(seed.length);
  });

  test('is another one for a title that differs by a letter', () => {
    expect(drawCover({ title: 'Monster' })).not.toBe(drawCover({ title: 'Monsters' }));
  });

  test('is small', () => {
    const sizes = seed.map((anime) => Buffer.byteLength(drawCover(anime)));
    expect(Math.max(...sizes)).toBeLessThan(3_000);
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(2_000);
  });

  test('holds nothing of what the anime is called, and nothing that acts or loads', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('"/><script>alert(1)</script>'));
    fc.assert(
      fc.property(text, fc.array(text), (title, genres) => {
        const known =
          /^(?:\s|<\/?(?:svg|defs|g|use|linearGradient|stop|circle|ellipse|path|rect)\b|\/?>|[\w-]+="[\w#%.,() :/-]*")*$/;
        const cover = drawCover({ title, genres });
        expect(
          cover
            .replaceAll('><', '>\n<')
            .split('\n')
            .filter((element) => !known.test(element)),
        ).toEqual([]);
        expect(cover.match(/\b(?:on\w+|style)=|href="(?!#\w+")|url\((?!#\w\))|NaN|undefined|Infinity/)).toBeNull();
      }),
    );
  });
});

describe('GET /covers/:id.svg', () => {
  test('gives the cover of an anime, which may be kept, and which can do nothing when opened by itself', async () => {
    const app = await createApp();
    const { statusCode, headers, body } = await app.inject('/covers/1.svg');
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'public, max-age=604800',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    expect(body).toBe(drawCover(seed[0] ?? { title: '' }));
    await app.close();
  });

  test('is sent once, and compressed', async () => {
    const app = await createApp();
    const first = await app.inject({ url: '/covers/2.svg', headers: { 'accept-encoding': 'gzip' } });
    expect(first.headers['content-encoding']).toBe('gzip');
    const { etag } = first.headers;
    const second = await app.inject({ url: '/covers/2.svg', headers: { 'if-none-match': String(etag) } });
    expect(second).toMatchObject({ statusCode: 304, body: '' });
    expect(second.headers.etag).toBe(etag);
    const head = await app.inject({ method: 'HEAD', url: '/covers/2.svg' });
    expect(head).toMatchObject({ statusCode: 200, body: '' });
    await app.close();
  });

  test.each([
    '/covers/0.svg',
    '/covers/9999.svg',
    '/covers/9999999999.svg',
    '/covers/01.svg',
    '/covers/-1.svg',
    '/covers/x.svg',
    '/covers/1.png',
    '/covers/1',
    '/covers/',
  ])('%s is not there', async (url) => {
    const app = await createApp();
    expect((await app.inject(url)).statusCode).toBe(404);
    await app.close();
  });
});
