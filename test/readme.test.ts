// Runs the component that the README shows, word for word but for the package's name and the port, as its reader would:
// with nothing but Node.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

function runnable(code: string): string {
  return code
    .replace("'fastify'", `'${import.meta.resolve('fastify')}'`)
    .replace("'islet'", `'${url('shared/index.ts')}'`)
    .replace("'islet/server'", `'${url('server/index.ts')}'`)
    .replace('await app.listen({ port: 3000 })', 'console.log(await app.listen({ port: 0 }))');
}
