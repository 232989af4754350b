// Runs the component that the README shows, word for word but for the package's name and the port, as its reader would:
// with nothing but Node. And holds its pictures to those that `npm run screenshots` takes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const url = (path: string): string => new URL(`../${path}`, import.meta.url).href;
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];

test("the README's component takes 20 lines or so", () => {
  const lines = example.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThanOrEqual(20);
});

test("the README's component runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-readme-'));
  const file = join(folder, 'example.ts');
  await writeFile(file, runnable(example));
  const server = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [address] = await once(server.stdout.setEncoding('utf8'), 'data');
    const page = await fetch(String(address).trim());
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toMatch(/<server-component route="\/ws\/counter".*<button>0.* clicks<\/button>/s);
  } finally {
    server.kill();
    await rm(folder, { recursive: true });
  }
});

test("the README's pictures are there, by day and by night, each with words for it, and weigh little", async () => {
  const pictures = [...readme.matchAll(/<picture>.*?<\/picture>/g)].map(([picture]) => picture);
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

function runnable(code: string): string {
  return code
    .replace("'fastify'", `'${import.meta.resolve('fastify')}'`)
    .replace("'islet'", `'${url('shared/index.ts')}'`)
    .replace("'islet/server'", `'${url('server/index.ts')}'`)
    .replace('await app.listen({ port: 3000 })', 'console.log(await app.listen({ port: 0 }))');
}
