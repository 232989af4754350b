// Follows docs/predicted.md: its modules are the app, run as they stand there.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { moduleOf, readBlocks } from '../support/doc-blocks.ts';
import { openPages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';

const root = resolve(import.meta.dirname, '../..');
const newPage = openPages();
const faces = {
  islet: join(root, 'shared/index.ts'),
  'islet/client': join(root, 'client-runtime/index.ts'),
  'islet/server': join(root, 'server/index.ts'),
};

test('the board of docs/predicted.md answers at once, and shows what the server makes of it', {
  timeout: 180_000,
}, async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'docs-predicted-'));
  try {
    for (const block of readBlocks('docs/predicted.md')) {
      const name = moduleOf(block);
      if (name !== undefined) await writeFile(join(folder, name), block.code);
    }
    const paths = Object.fromEntries(Object.entries(faces).map(([name, path]) => [name, [path]]));
    const compilerOptions = { paths, lib: ['es2024', 'dom', 'dom.iterable'], types: ['node'] };
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
    );
    const check = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
    const { stdout }: { stdout: string } = await check.catch((failed) => failed);
    expect(stdout.split('\n').filter((line) => line.includes('docs-predicted-'))).toEqual([]);

    const bundle = async (name: string, options: BuildOptions): Promise<string> => {
      const outfile = join(folder, name.replace('.ts', '.mjs'));
      await build({
        entryPoints: [join(folder, name)],
        outfile,
        bundle: true,
        format: 'esm',
        alias: faces,
        ...options,
      });
      return outfile;
    };
    const script = await bundle('board-page.ts', { platform: 'browser' });
    const server = await bundle('board-server.ts', { platform: 'node', packages: 'external' });
    const { app }: { app: FastifyInstance } = await import(server);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    await using proxy = await startProxy(address);
    const page = await newPage();
    await page.route('**/board-page.js', (route) => route.fulfill({ contentType: 'text/javascript', path: script }));
    // a server that is bundled from sources has no scripts beside it
    await page.route('**/islet/*.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        path: join(root, 'public/build', basename(new URL(route.request().url()).pathname)),
      }),
    );
    const heard: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))));
    await page.goto(proxy.url);
    await expect.poll(() => heard.join()).toContain('["you",');

    const add = async (text: string): Promise<void> => {
      await page.locator('[name=text]').fill(text);
      await page.getByRole('button', { name: 'Add' }).click();
    };
    const notes = (): Promise<string[]> => page.locator('li').allInnerTexts();
    proxy.hold('toServer');
    await add('Milk');
    await add('open sesame');
    expect(await notes()).toEqual(['Milk Remove', 'open sesame Remove']);
    proxy.release();
    await expect.poll(notes).toEqual(['Milk Remove']);
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(notes).toEqual([]);
    expect(heard.join()).not.toContain('blocked');
    await app.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
