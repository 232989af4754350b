// What production serves to browsers, as `npm run build` makes it: addresses that change with the content, files that
// are kept for ever and come compressed, nothing of the sources, and an answer for pages from before a deploy.

import { globSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAssets } from '../scripts/assets.ts';
import { type Bundle, buildBundles } from '../scripts/build.ts';
import { createApp } from '../server/anime/app.ts';
import { builtAssets, type Manifest, plainAssets } from '../server/anime/assets.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;
let bundles: Bundle[];
let manifest: Manifest;
let app: Awaited<ReturnType<typeof createApp>>;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-assets-'));
  bundles = await buildBundles({ write: false });
  await buildAssets(bundles, folder);
  manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  app = await createApp({ assets: builtAssets(folder) });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

test('every bundle, style sheet and picture is there, and nothing else', async () => {
  const sources = [...bundles.map(({ path }) => path), ...globSync('public/*.{css,svg}', { cwd: root })];
  expect(sources.length).toBeGreaterThan(5);
  expect(Object.keys(manifest).sort()).toEqual(sources.map((path) => basename(path)).sort());
  for (const [name, file] of Object.entries(manifest)) {
    // a part that bundles load by its name has the hash in it already
    const [stem, extension] = name.replace(/-[\da-f]{10}\./, '.').split('.');
    expect(file).toMatch(new RegExp(`^${stem}-[\\da-f]{10}\\.${extension}$`));
  }
});

test('whatever a page loads comes compressed, is kept for ever, and says what it is', async () => {
  const page = (await get('/anime', 'br')).text;
  const addresses = [...page.matchAll(/(?:src|href)="?(\/assets\/[^" >]+)/g)].map(([, address]) => String(address));
  expect(addresses.map((address) => address.replace(/-[\da-f]{10}/, '')).sort()).toEqual(
    expect.arrayContaining(['/assets/app.css', '/assets/app.js', '/assets/early.js']),
  );
  expect(page).not.toContain('/islet/');
  const types: Record<string, RegExp> = { js: /javascript; charset=utf-8$/, css: /^text\/css; /, svg: /^image\/svg/ };
  for (const address of addresses) {
    const plain = await get(address, 'identity');
    for (const encoding of ['br', 'gzip']) {
      const answer = await get(address, encoding);
      expect(answer).toMatchObject({ status: 200, encoding, vary: 'accept-encoding', text: plain.text });
      expect(answer.bytes).toBeLessThan(plain.bytes);
      expect(answer.type).toMatch(types[address.split('.').pop() ?? ''] ?? /nothing else/);
      const isHashed = Object.values(manifest).includes(address.slice('/assets/'.length));
      expect(answer.cache).toBe(isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
    }
  }
});

test('pages come compressed too, and are asked for again each time', async () => {
  const plain = await get('/anime', 'identity');
  const answer = await get('/anime', 'br, gzip');
  expect(answer).toMatchObject({ status: 200, encoding: 'br', vary: 'accept-encoding', cache: 'private, no-cache' });
  expect(answer.bytes).toBeLessThan(plain.bytes / 3);
});

test.each(['/nothing', '/anime/nothing'])('the page that says that %s is not there, too', async (path) => {
  const plain = await get(path, 'identity', 'text/html');
  expect(plain).toMatchObject({ status: 404, encoding: undefined, vary: 'accept-encoding' });
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', /br|gzip/],
    ['br;q=0, gzip;q=0.5', /gzip/],
  ] as const) {
    const answer = await get(path, accepted, 'text/html');
    expect(answer).toMatchObject({ status: 404, encoding: expect.stringMatching(encoding), vary: 'accept-encoding' });
    expect(answer.bytes).toBeLessThan(plain.bytes / 1.5);
    expect(answer.text).toMatch(/There is no such (page|anime)/);
  }
  expect((await get(path, 'br;q=0, gzip; q=0.0', 'text/html')).encoding).toBeUndefined();
});

describe('a page from before a deploy, or with a plain name, gets the file of today:', () => {
  test.each(['app.css', 'app-0123456789.css', 'app.js', 'element-abcdef0123.js'])('%s', async (file) => {
    const { status, location, cache } = await get(`/assets/${file}`, 'br');
    expect([status, location, cache]).toEqual([302, `/assets/${manifest[withoutHash(file)]}`, 'no-cache']);
  });
});

test.each([
  'nothing.js',
  'nothing-0123456789.js',
  'manifest.json',
  'app.js.map',
  'app-0123456789.js.br',
  '%2e%2e/manifest.json',
])('%s is not there', async (file) => {
  expect((await get(`/assets/${file}`, 'identity')).status).toBe(404);
});

describe('source maps', () => {
  test('are made, and lead from a script to the line that it came from', async () => {
    const map = new SourceMap(
      JSON.parse(await readFile(join(folder, 'maps', `${manifest['element.js']}.map`), 'utf8')),
    );
    const { code = '' } = bundles.find(({ path }) => path.endsWith('/element.js')) ?? {};
    const lines = code.split('\n');
    const line = lines.findIndex((text) => text.includes('.attachInternals('));
    const entry = map.findEntry(line, lines[line]?.indexOf('.attachInternals(') ?? -1);
    if (!('originalSource' in entry)) throw new Error('the map does not know the place');
    expect(entry.originalSource).toMatch(/client-runtime\/element\/element\.ts$/);
    const source = await readFile(join(root, 'client-runtime/element/element.ts'), 'utf8');
    expect(source.split('\n')[entry.originalLine]).toContain('attachInternals()');
  });

  test('are nowhere that a browser gets at, and no script names one', async () => {
    const maps = await readdir(join(folder, 'maps'));
    expect(maps).toHaveLength(bundles.length);
    for (const name of [...maps, ...maps.map(withoutHash)]) {
      for (const place of ['assets', 'assets/maps', 'islet', 'maps']) {
        expect((await get(`/${place}/${name}`, 'identity')).status).toBe(404);
      }
    }
    for (const { code } of bundles) expect(code).not.toContain('sourceMappingURL');
  });
});

test('the next build keeps the files of this one, for a server that still runs, and no older ones', async () => {
  const other = await mkdtemp(join(tmpdir(), 'islet-assets-'));
  const change = (note: string) => bundles.map((bundle) => ({ ...bundle, code: `${bundle.code}//${note}` }));
  const filesOf = async () => (await readdir(join(other, 'assets'))).filter((file) => file.startsWith('app-'));
  await buildAssets(bundles, other);
  const first = await filesOf();
  await writeFile(join(other, 'assets', 'app-0000000000.js'), 'older');
  await buildAssets(change('2'), other);
  const second = await filesOf();
  expect(second).toEqual(expect.arrayContaining(first));
  // scripts: plain, br and gz of two builds; the style sheet has not changed
  expect([first.length, second.length]).toEqual([6, 9]);
  await buildAssets(change('3'), other);
  expect(await filesOf()).toHaveLength(9);
  await rm(other, { recursive: true });
});

test('the same sources give the same files', async () => {
  const other = await mkdtemp(join(tmpdir(), 'islet-assets-'));
  await buildAssets(await buildBundles({ write: false }), other);
  expect((await readdir(join(other, 'assets'))).sort()).toEqual((await readdir(join(folder, 'assets'))).sort());
  await rm(other, { recursive: true });
});

test('without a build there is a message that says what to do', () => {
  expect(() => builtAssets(join(folder, 'nowhere'))).toThrow(/not in .*nowhere\. Make them first: npm run build$/);
});

test('what was not built has no address', () => {
  expect(() => builtAssets(folder).url('other.js')).toThrow(/'other.js' is not among the built assets/);
});

test('in development files have their own names, and are asked for each time', async () => {
  await using plain = await createApp({ assets: plainAssets });
  const page = await plain.inject('/anime');
  expect(page.body).toContain('src="/assets/build/app.js"');
  for (const address of ['/assets/app.css', '/assets/build/app.js']) {
    const { statusCode, headers } = await plain.inject(address);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=0']);
    const again = await plain.inject({ url: address, headers: { 'if-none-match': String(headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  }
});

test('the element comes compressed to everybody who uses the platform', async () => {
  const { code = '' } = bundles.find(({ path }) => path.endsWith('/element.js')) ?? {};
  const answer = await get('/islet/element.js', 'br');
  expect(answer).toMatchObject({ encoding: 'br', vary: 'accept-encoding', text: code });
});

interface Answer {
  readonly status: number | undefined;
  readonly type: string;
  readonly encoding: string | undefined;
  readonly vary: string | undefined;
  readonly cache: string | undefined;
  readonly location: string | undefined;
  /** On the wire, and what they say. */
  readonly bytes: number;
  readonly text: string;
}

/** Asks by hand, since `fetch` decompresses by itself and follows to other addresses. */
async function get(path: string, encoding: string, accept = '*/*'): Promise<Answer> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Answer>();
  const asked = request(url + path, { headers: { 'accept-encoding': encoding, accept } }, async (response) => {
    const { headers, statusCode: status } = response;
    const body = await buffer(response);
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[headers['content-encoding'] ?? ''];
    settle({
      status,
      type: headers['content-type'] ?? '',
      encoding: headers['content-encoding'],
      vary: headers.vary,
      cache: headers['cache-control'],
      location: headers.location,
      bytes: body.length,
      text: (decode?.(body) ?? body).toString(),
    });
  });
  asked.on('error', reject).end();
  return promise;
}

function withoutHash(file: string): string {
  return file.replace(/-[\da-f]{10}/, '');
}
