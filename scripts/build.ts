// Builds the browser bundles with esbuild: entries in client-runtime/ go to public/build/, minified, with source maps.
// `npm run build` prints what each bundle weighs, `--watch` builds again on every change, and `--if-installed` does
// nothing where devDependencies are left out. Tests and the dev server call `buildBundles` and `watchBundles`.

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions, OutputFile } from 'esbuild';

/** One built file: where it belongs (relative to the repository), its code, and its weight. */
export interface Bundle {
  path: string;
  code: string;
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
  /** Whether the app says what is wrong with its templates and pages. */
  isDevelopment?: boolean;
}

const root = resolve(import.meta.dirname, '..');

/** Builds every bundle once. Rejects, with esbuild's report, when the code does not compile. */
export async function buildBundles(options: BundleOptions = {}): Promise<Bundle[]> {
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build(esbuildOptions(options));
  return deliver(outputFiles, options);
}

/** Builds every bundle now and after each change, and tells `onBuild`. Resolves to a function that stops it. */
export async function watchBundles(
  onBuild: (bundles: Bundle[]) => void,
  options: BundleOptions = {},
): Promise<() => Promise<void>> {
  const esbuild = await import('esbuild');
  const context = await esbuild.context({
    ...esbuildOptions(options),
    plugins: [
      {
        name: 'deliver',
        setup: (build) => {
          build.onEnd(async ({ errors, outputFiles }) => {
            if (errors.length === 0) onBuild(await deliver(outputFiles ?? [], options));
          });
        },
      },
    ],
  });
  await context.watch();
  return () => context.dispose();
}

/** One line for each bundle, for a person to read. */
export function describeBundles(bundles: Bundle[]): string {
  return bundles
    .map(({ path, minifiedBytes, gzipBytes }) => `${path}: ${minifiedBytes} bytes minified, ${gzipBytes} gzip -9`)
    .join('\n');
}

function esbuildOptions(options: BundleOptions) {
  const entries = options.entries ?? [
    'client-runtime/element.ts',
    'client-runtime/spa.ts',
    options.isDevelopment ? 'client-runtime/app-development.ts' : 'client-runtime/app.ts',
    'client-runtime/early.ts',
  ];
  return {
    absWorkingDir: root,
    entryPoints: entries
      .filter((entry) => existsSync(resolve(root, entry)))
      .map((entry) =>
        options.isDevelopment ? { in: entry, out: basename(entry, '.ts').replace('-development', '') } : entry,
      ),
    outdir: options.outdir ?? 'public/build',
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    minify: true,
    sourcemap: 'external',
    target: 'es2022',
    write: false,
  } satisfies BuildOptions;
}

async function deliver(files: OutputFile[], { write = true }: BundleOptions): Promise<Bundle[]> {
  if (write) {
    for (const file of files) {
      await mkdir(dirname(file.path), { recursive: true });
      await writeFile(file.path, file.contents);
    }
  }
  return files
    .filter((file) => file.path.endsWith('.js'))
    .map((file) => ({
      path: relative(root, file.path),
      code: file.text,
      minifiedBytes: file.contents.length,
      gzipBytes: gzipSync(file.contents, { level: 9 }).length,
    }));
}

function isInstalled(name: string): boolean {
  return existsSync(resolve(root, 'node_modules', name));
}

if (import.meta.main) {
  const print = (bundles: Bundle[]) => console.log(describeBundles(bundles));
  const isSkipped = process.argv.includes('--if-installed') && !isInstalled('esbuild');
  if (process.argv.includes('--watch')) await watchBundles(print);
  else if (!isSkipped) print(await buildBundles());
}
