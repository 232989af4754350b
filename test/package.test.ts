// The package as its users get it: packed, installed into an empty folder by npm and by pnpm (which lets nobody import
// what was not declared), and the README's example run there as it is printed.

import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClient } from './support/client.ts';
import { freePort } from './support/free-port.ts';
import { bin, createFolder, packPackage, root, run, serve } from './support/installed.ts';

const longMs = 120_000;
const readme = await readFile(join(root, 'README.md'), 'utf8');
const use = readme.slice(readme.indexOf('## Use it'));
const [, commands = ''] = /^```sh\n(.*?)^```$/ms.exec(use) ?? [];
const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(use) ?? [];

/** A script that `--import` runs first: the Node that a program believes to be in. */
const asNode = (version: string): string =>
  `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;

let packed: Awaited<ReturnType<typeof packPackage>>;
/** The tarball, unpacked. */
let folder: string;
const folders: string[] = [];

/** The commands of the README, with the tarball in place of the registry's package. */
const install = (manager: string): string =>
  commands
    .replaceAll('npm', manager)
    .replace(/\bislet\b/, packed.tarball)
    .replace('pnpm@10 init --yes', 'pnpm@10 init');

async function createApp(manager: string): Promise<string> {
  const app = await createFolder(install(manager), { 'server.ts': example });
  folders.push(app);
  return app;
}

beforeAll(async () => {
  packed = await packPackage();
  const parent = await mkdtemp(join(tmpdir(), 'islet-unpacked-'));
  folders.push(parent);
  await run('tar', ['-xzf', packed.tarball, '-C', parent], parent);
  folder = join(parent, 'package');
}, longMs);

afterAll(async () => {
  await packed?.remove();
  for (const each of folders) await rm(each, { recursive: true, force: true });
});

describe('the tarball', () => {
  test('has no fault that publint knows', async () => {
    const { messages } = await publint({ pkgDir: folder, pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  test('has types that TypeScript finds and that are those of its modules', async () => {
    const tarball = new Uint8Array(await readFile(packed.tarball));
    const result = await checkPackage(createPackageFromTarballData(tarball));
    if (result.types === false) throw new Error('no types');
    expect(Object.keys(result.entrypoints)).toEqual([
      '.',
      './server',
      './client',
      './client/element',
      './client/machines',
      './testing',
      './package.json',
    ]);
    // it is of ES modules alone: a resolution that knows no `exports`, and `require` in types of CommonJS, are not for
    // it
    const isOurs = (problem: object): boolean =>
      !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(String(problem.resolutionKind));
    expect(result.problems.filter(isOurs)).toEqual([]);
  });

  test('brings its licence and its pages, and all that they link to', async () => {
    const pages = ['README.md', 'CHANGELOG.md', ...(await readdir(join(folder, 'docs'))).filter(isPage).map(inDocs)];
    expect(pages).toEqual(expect.arrayContaining(['docs/components.md', 'docs/server.md', 'docs/testing.md']));
    expect(existsSync(join(folder, 'LICENSE'))).toBe(true);
    const dead: string[] = [];
    for (const page of pages) {
      const text = (await readFile(join(folder, page), 'utf8')).replace(/^```.*?^```$|`[^`\n]*`/gms, '');
      const links = text.matchAll(/\]\((?!https?:|#)([^)#\s]+)|(?:src|srcset|href)="(?!https?:|#)([^"]+)"/g);
      for (const [, link, picture] of links) {
        const target = String(link ?? picture);
        if (!existsSync(join(folder, dirname(page), target))) dead.push(`${page}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test('runs nothing when it is installed', async () => {
    const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  });
});

describe.each([
  ['npm', 'npm'],
  ['pnpm', 'npx --yes pnpm@10'],
])('installed by %s', (name, manager) => {
  let app: string;
  beforeAll(async () => {
    app = await createApp(manager);
  }, longMs);

  test('shares Fastify, its sockets and XState with the app', async () => {
    const islet = join(app, 'node_modules/islet/dist/server/index.js');
    await writeFile(join(app, 'copies.mjs'), copiesOf(islet));
    expect(JSON.parse(await run(process.execPath, ['copies.mjs'], app))).toEqual([true, true, true]);
  });

  test.each([
    ['node', [] as string[]],
    ['tsx', [join(root, 'node_modules/tsx/dist/cli.mjs')]],
  ])("the README's example counts in %s", { timeout: longMs }, async (_, runner) => {
    const port = await freePort();
    await writeFile(join(app, 'server.ts'), example.replace('3000', String(port)));
    await using program = await serve([...runner, 'server.ts'], app, `http://127.0.0.1:${port}/`);
    await counts(`http://127.0.0.1:${port}`);
    expect(program.output()).toBe('');
  });

  test.each([
    ['nodenext', { module: 'nodenext' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ])('it passes a strict type check by the rules of %s', { timeout: longMs }, async (_, rules) => {
    await copyFile(join(root, 'test/support/installed-imports.ts'), join(app, 'imports.ts'));
    const compilerOptions = {
      ...rules,
      target: 'es2024',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    const config = { compilerOptions, files: ['server.ts', 'imports.ts'] };
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify(config));
    const said = await run(join(bin, 'tsc'), ['-p', '.'], app).catch((error: Error) => error.message);
    // what is wrong in the declarations of others is theirs to mend
    const ours = said
      .split('\n')
      .filter((line) => /error TS/.test(line) && /^(server|imports)\.ts|islet\/dist/.test(line));
    expect(ours).toEqual([]);
  });

  test('bundled into one file, it needs nothing beside it', { timeout: longMs }, async () => {
    const alone = await mkdtemp(join(tmpdir(), 'islet-alone-'));
    folders.push(alone);
    const port = await freePort();
    await writeFile(join(app, 'server.ts'), example.replace('3000', String(port)));
    const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    const out = join(alone, 'server.mjs');
    const options = ['--bundle', '--platform=node', '--format=esm', `--banner:js=${banner}`, `--outfile=${out}`];
    await run(join(bin, 'esbuild'), ['server.ts', '--log-level=error', ...options], app);
    await using _program = await serve([out], alone, `http://127.0.0.1:${port}/`);
    await counts(`http://127.0.0.1:${port}`);
  });

  test('bundled into one file, its SQLite store needs nothing beside it either', { timeout: longMs }, async () => {
    const alone = await mkdtemp(join(tmpdir(), 'islet-alone-'));
    folders.push(alone);
    // what waits for the disk is done by a thread, whose program has to be found
    const program = `
      import { sqliteStore } from 'islet/server';
      const store = sqliteStore('state.db', { durability: 'power' });
      const write = { key: '/a', by: 'one', after: undefined, schema: 0, model: { base: '1' } };
      const kept = await store.commit([write]);
      const again = await store.load('/a');
      console.log(JSON.stringify([kept, again.model, await store.durability()]));
      await store.close();
    `;
    await writeFile(join(app, 'store.ts'), program);
    const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    const out = join(alone, 'store.mjs');
    const options = ['--bundle', '--platform=node', '--format=esm', `--banner:js=${banner}`, `--outfile=${out}`];
    await run(join(bin, 'esbuild'), ['store.ts', '--log-level=error', ...options], app);
    const said = await run(process.execPath, [out], alone);
    expect(JSON.parse(said)).toEqual([[true], { base: '1', patches: [] }, 'power']);
  });

  test('in a Node that is too old, it says which one it needs', async () => {
    const said = await run(
      process.execPath,
      ['--import', asNode('20.11.0'), '--input-type=module', '-e', "import 'islet/server'"],
      app,
    ).catch((error: Error) => error.message);
    expect(said).toContain('islet/server needs Node.js 24 or newer, and this is Node.js 20.11.0.');
    expect(name).not.toBe('');
  });
});

/** Whether a page has its content, its script, and counts a click over a real socket. */
async function counts(address: string): Promise<void> {
  const page = await fetch(address);
  expect(await page.text()).toMatch(/<server-component route="\/ws\/counter".*<button>0.* clicks<\/button>/s);
  for (const encoding of ['br', 'gzip', 'identity']) {
    const script = await fetch(`${address}/islet/element.js`, { headers: { 'accept-encoding': encoding } });
    expect(script.headers.get('content-encoding') ?? 'identity').toBe(encoding);
    expect(await script.text()).toContain('customElements');
  }
  const client = await new TestClient(`${address.replace('http', 'ws')}/islet`).opened();
  await client.hello();
  await client.join('/ws/counter');
  client.click();
  await client.until(() => client.slots()[1] === 1);
  client.socket.terminate();
}

/** A program that says of each peer whether the package and the app have the same copy. */
function copiesOf(islet: string): string {
  return `
    import { createRequire } from 'node:module';
    import { realpathSync } from 'node:fs';
    const own = createRequire(import.meta.url);
    const theirs = createRequire(realpathSync(${JSON.stringify(islet)}));
    const peers = ['fastify', '@fastify/websocket', 'xstate'];
    console.log(JSON.stringify(peers.map((name) => own.resolve(name) === theirs.resolve(name))));
  `;
}

function isPage(file: string): boolean {
  return file.endsWith('.md');
}

function inDocs(file: string): string {
  return `docs/${file}`;
}
