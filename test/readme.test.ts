// Holds the README's example to the length of a screen (test/package.test.ts runs it), and the pictures of the pages to
// those that `npm run screenshots` takes.

import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];

test("the README's component takes 20 lines or so", () => {
  const lines = example.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThanOrEqual(20);
});

test('the pictures are there, by day and by night, each with words for it, and weigh little', async () => {
  const read = (page: string) => readFile(new URL(`../docs/${page}`, import.meta.url), 'utf8');
  const galleries = (await read('reference-app.md')) + (await read('development.md'));
  const pages = readme + galleries.replaceAll('"images/', '"docs/images/');
  const pictures = [...pages.matchAll(/<picture>.*?<\/picture>/g)].map(([picture]) => picture);
  const named = pictures.flatMap((picture) => {
    const [, name] = /srcset="docs\/images\/([\w-]+)-dark\.png"/.exec(picture) ?? [];
    expect(picture).toMatch(new RegExp(`<img src="docs/images/${name}-light.png" .*alt="[^"]{15,}"`));
    return [`${name}-dark.png`, `${name}-light.png`];
  });
  const files = await readdir(new URL('../docs/images', import.meta.url));
  expect(named.sort()).toEqual(files.sort());
  const sizes = await Promise.all(files.map((file) => stat(new URL(`../docs/images/${file}`, import.meta.url))));
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(1_500_000);
});
