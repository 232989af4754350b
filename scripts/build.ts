// Builds the browser bundles: entries in client-runtime/ are bundled by esbuild, minified by it and once more by oxc,
// and go to public/build/. `npm run build` prints what each bundle weighs and makes what production serves
// (`assets.ts`), and `--if-installed` does nothing where devDependencies are left out. Tests and `npm run dev` call
// `buildBundles`.

import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions, OutputFile } from 'esbuild';
import { lateScripts } from './late-scripts.ts';
import { writeCompressed, writePlain } from './write.ts';

/** One built file: where it belongs (relative to the repository), its code, and its weight. */
export interface Bundle {
  path: string;
  code: string;
  /** Its source map, with the sources in it. */
  map: string;
  minifiedBytes: number;
  /** What `gzip -9` makes of it. */
  gzipBytes: number;
}

export interface BundleOptions {
  /** Entry files, relative to the repository. One that does not exist is left out. */
  entries?: string[];
  /** The folder of the bundles, relative to the repository. */
  outdir?: string;
  /** False builds in memory only. */
  write?: boolean;
  /** Whether the app says what is wrong with its templates and pages, and browsers find the source maps. */
  isDevelopment?: boolean;
}

const root = resolve(import.meta.dirname, '..');

/** Builds every bundle once. Rejects, with esbuild's report, when the code does not compile. */
export async function buildBundles(options: BundleOptions = {}): Promise<Bundle[]> {
  const esbuild = await import('esbuild');
  const parts: OutputFile[] = [];
  const { outputFiles } = await esbuild.build({
    ...esbuildOptions(options),
    plugins: [lateScripts(parts, esbuildOptions(options))],
  });
  return deliver([...outputFiles, ...parts], options);
}

/** Builds every bundle, and what production serves: `npm run build`. */
async function buildAll(): Promise<Bundle[]> {
  const { buildAssets } = await import('./assets.ts');
  const bundles = await buildBundles();
  await buildAssets(bundles);
  return bundles;
}

/** One line for each bundle, for a person to read. */
export function describeBundles(bundles: Bundle[]): string {
  return bundles
    .map(({ path, minifiedBytes, gzipBytes }) => `${path}: ${minifiedBytes} bytes minified, ${gzipBytes} gzip -9`)
    .join('\n');
}

/** How bundles are built. */
export function esbuildOptions(options: BundleOptions = {}) {
  const entries = options.entries ?? [
    'client-runtime/element/element.ts',
    'client-runtime/spa.ts',
    options.isDevelopment ? 'client-runtime/anime/app-development.ts' : 'client-runtime/anime/app.ts',
    'client-runtime/dom/early.ts',
    'client-runtime/development/dev.ts',
    'client-runtime/anime/admin.ts',
  ];
  return {
    absWorkingDir: root,
    entryPoints: entries
      .filter((entry) => existsSync(resolve(root, entry)))
      .map((entry) => ({ in: entry, out: basename(entry, '.ts').replace('-development', '') })),
    outdir: options.outdir ?? 'public/build',
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    minify: true,
    sourcemap: options.isDevelopment ? 'linked' : 'external',
    target: 'es2022',
    write: false,
  } satisfies BuildOptions;
}

async function deliver(files: OutputFile[], options: BundleOptions): Promise<Bundle[]> {
  const scripts = files.filter(({ path }) => path.endsWith('.js'));
  const bundles = scripts.map((script) => toBundle(script, files, options));
  if (options.write !== false) await removeOldParts(scripts);
  return Promise.all(bundles.map((bundle) => bundle.then((built) => write(built, options))));
}

/** Parts that were made of other sources are loaded by nobody any more. */
async function removeOldParts(scripts: readonly OutputFile[]): Promise<void> {
  const [folder] = scripts.map(({ path }) => dirname(path));
  const names = scripts.map(({ path }) => basename(path));
  for (const name of folder ? await readdir(folder).catch(() => []) : []) {
    const script = /^.*-[0-9a-f]{10}\.js/.exec(name)?.[0];
    if (script && !names.includes(script)) await rm(join(folder as string, name), { force: true });
  }
}

async function toBundle({ path, text }: OutputFile, files: OutputFile[], options: BundleOptions): Promise<Bundle> {
  const map = files.find((file) => file.path === `${path}.map`)?.text ?? '';
  const small = options.isDevelopment ? { code: text, map } : await minifyAgain(basename(path), text, map);
  return {
    path: relative(root, path),
    ...small,
    minifiedBytes: Buffer.byteLength(small.code),
    gzipBytes: gzipSync(small.code, { level: 9 }).length,
  };
}

/** Another minifier finds another 3 to 5 percent. Vite brings it. @param map The code's source map, if it has one. */
export async function minifyAgain(name: string, code: string, map?: string): Promise<Pick<Bundle, 'code' | 'map'>> {
  const { minify } = await import('vite');
  const options = { module: true, compress: { target: 'es2022' as const } };
  const withMap = map === undefined ? options : { ...options, sourcemap: true, inputMap: JSON.parse(map) };
  const { errors, ...result } = await minify(name, code, withMap);
  if (errors.length > 0) throw new Error(`${name} could not be minified: ${errors.map(({ message }) => message)}`);
  return { code: result.code, map: JSON.stringify(result.map) };
}

async function write(bundle: Bundle, { write: isWritten = true, isDevelopment }: BundleOptions): Promise<Bundle> {
  const path = resolve(root, bundle.path);
  const code = Buffer.from(bundle.code);
  if (isWritten && isDevelopment) {
    await writePlain(`${path}.map`, Buffer.from(bundle.map));
    await writePlain(path, code);
  } else if (isWritten) {
    await rm(`${path}.map`, { force: true });
    await writeCompressed(path, code);
  }
  return bundle;
}

function isInstalled(name: string): boolean {
  return existsSync(resolve(root, 'node_modules', name));
}

if (import.meta.main) {
  const print = (bundles: Bundle[]) => console.log(describeBundles(bundles));
  const isSkipped = process.argv.includes('--if-installed') && !isInstalled('esbuild');
  if (!isSkipped) print(await buildAll());
}
