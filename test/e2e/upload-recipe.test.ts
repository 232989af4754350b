// The upload of docs/recipes.md in a real browser: a person chooses a file, sees how far it is, and all who look are
// told. Both parts are taken from the page as they are printed there.

import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { islet, serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { moduleOf, readBlocks } from '../support/doc-blocks.ts';
import { openPages } from '../support/pages.ts';

const root = resolve(import.meta.dirname, '../..');
const newPage = openPages();
let folder: string;
let app: FastifyInstance;
let url: string;

const names = component<readonly string[], { type: 'FileCame'; name: string }>({
  init: () => [[], effect.none],
  update: (all, { name }) => [[...all, name], effect.none],
  view: (all) => html`<p id="names">Here: ${all.join(', ')}</p>`,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-upload-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const block of readBlocks('docs/recipes.md')) {
    const name = moduleOf(block);
    if (name === 'file-upload.ts' || name === 'files.ts') await writeFile(join(folder, name), block.code);
  }
  const { outputFiles } = await build({
    stdin: {
      contents: `import { register } from 'islet/client'; import { fileUpload } from './file-upload.ts'; register(fileUpload);`,
      resolveDir: folder,
    },
    bundle: true,
    format: 'esm',
    write: false,
    alias: { islet: join(root, 'shared/index.ts'), 'islet/client': join(root, 'client-runtime/index.ts') },
  });
  const {
    addFiles,
  }: { addFiles(app: FastifyInstance, folder: string, onFile: (name: string) => Promise<void>): void } = await import(
    join(folder, 'files.ts')
  );

  app = Fastify();
  await app.register(islet);
  const shown = app.islet.route('/ws/names', names, { shared: true });
  addFiles(app, folder, (name) => app.islet.send(shown, {}, { type: 'FileCame', name }));
  app.get('/upload.js', (_, reply) => reply.type('text/javascript').send(outputFiles[0]?.text));
  app.get('/', (_, reply) =>
    reply.html(html`
      <!doctype html>
      <html lang="en">
        <head>
          <title>Upload</title>
          <script type="module" src="/islet/element.js"></script>
          <script type="module" src="/upload.js"></script>
        </head>
        <body><file-upload></file-upload>${serverComponent({ route: '/ws/names' })}</body>
      </html>
    `),
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

test('a file is sent with progress, kept as it is, and told to everybody; the same name again is refused', {
  timeout: 60_000,
}, async () => {
  const [page, other] = [await newPage(), await newPage()];
  for (const each of [page, other]) {
    await each.goto(url);
    await each.locator('server-component:state(live)').waitFor();
  }
  await page.getByLabel('File').waitFor();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    const look = (): void => {
      const bar = document.querySelector('progress');
      if (bar && seen.at(-1) !== bar.value) seen.push(bar.value);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
  });
  // a line on which it takes a while
  const network = await page.context().newCDPSession(page);
  const line = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 };
  await network.send('Network.emulateNetworkConditions', line);
  const content = Buffer.alloc(2_000_000, 'islet ');
  await page
    .getByLabel('File')
    .setInputFiles({ name: 'a file.bin', mimeType: 'application/octet-stream', buffer: content });
  await page.getByRole('status').getByText('Sent').waitFor();
  await page.locator('progress').waitFor({ state: 'detached' });
  const seen = await page.evaluate(() => (window as unknown as { seen: number[] }).seen);
  expect(seen).toEqual(seen.toSorted((one, two) => one - two));
  expect(seen.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(0);
  for (const each of [page, other])
    await expect.poll(() => each.locator('#names').textContent()).toBe('Here: a file.bin');
  expect(content.equals(await readFile(join(folder, 'a file.bin')))).toBe(true);

  await page
    .getByLabel('File')
    .setInputFiles({ name: 'a file.bin', mimeType: 'text/plain', buffer: Buffer.from('other') });
  await page.getByRole('status').getByText('This could not be sent').waitFor();
  expect(content.equals(await readFile(join(folder, 'a file.bin')))).toBe(true);
  expect(await other.locator('#names').textContent()).toBe('Here: a file.bin');
});
