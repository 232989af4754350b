/*
 * Bundles what the measurement needs from source that Node or a browser cannot take as it is: the peers' server
 * renderers (JSX; Solid by its own compiler) and the browser pages. Output goes to node_modules/.cache/bench.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, type OutputFile, type Plugin } from 'esbuild';
import { buildBundles, esbuildOptions, minifyAgain } from '../scripts/build.ts';
import { lateScripts } from '../scripts/late-scripts.ts';

export const buildFolder = fileURLToPath(new URL('../node_modules/.cache/bench/', import.meta.url));
const peersFolder = fileURLToPath(new URL('./peers/', import.meta.url));

/** Bundles one server renderer and gives its file. */
export async function buildRenderer(name: string): Promise<string> {
  const source = `${peersFolder}pages/${name}`;
  if (name.endsWith('.ts')) return source;
  const outfile = `${buildFolder}renderer-${basename(name, '.jsx')}.mjs`;
  await mkdir(buildFolder, { recursive: true });
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // CommonJS inside (react-dom) asks for Node's own modules
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: name.startsWith('solid') ? [solid('ssr')] : [],
    logLevel: 'warning',
  });
  return outfile;
}

/** A bundle for the browser, minified. */
export interface BrowserBundle {
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly minifiedBytes: number;
  /** What `gzip -9` makes of it. */
  readonly gzipBytes: number;
  /** Whether it offers a view of the table, to be measured in the page. */
  readonly isTable: boolean;
  /** What it loads later, by name. */
  readonly later: ReadonlyMap<string, string>;
}

const views = [
  'peers/browser/vanilla.ts',
  'peers/browser/uhtml.ts',
  'peers/browser/lit.ts',
  'peers/browser/preact.jsx',
  'browser/islet-app.ts',
];

/**
 * Bundles the element, the table views and the peers' clients. What a view weighs includes the view, some 200 bytes,
 * but not the measurement around it.
 */
export async function buildBrowserBundles(): Promise<BrowserBundle[]> {
  await buildBundles();
  const element = fileURLToPath(new URL('../client-runtime/element/element.ts', import.meta.url));
  const clients = [
    await bundleForBrowser('islet-element', { entryPoints: [element] }),
    await bundleForBrowser('liveview-client', { entryPoints: [`${peersFolder}browser/liveview-client.ts`] }),
    await bundleForBrowser('echo-client', { entryPoints: [`${peersFolder}browser/echo-client.ts`] }),
  ];
  const tables = views.map(async (file) => {
    const name = basename(file).replace(/\.\w+$/, '');
    const entry = fileURLToPath(new URL(file, import.meta.url));
    const { minifiedBytes, gzipBytes } = await bundleForBrowser(`${name}-view`, { entryPoints: [entry] });
    const contents = `import { createView } from './${file}'; import { offer } from './browser/tables.ts'; offer(createView);`;
    const stdin = { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) };
    return { ...(await bundleForBrowser(name, { stdin })), minifiedBytes, gzipBytes, isTable: true };
  });
  return [...clients, ...(await Promise.all(tables))];
}

async function bundleForBrowser(name: string, entry: BuildOptions): Promise<BrowserBundle> {
  const path = `${buildFolder}${name}.js`;
  const scripts: OutputFile[] = [];
  await build({
    ...entry,
    outfile: path,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    // what a page loads later weighs when it is loaded
    plugins: [lateScripts(scripts, esbuildOptions())],
    logLevel: 'warning',
  });
  // as what we ship is made, and the peers alike
  const { code } = await minifyAgain(basename(path), await readFile(path, 'utf8'));
  await writeFile(path, code);
  const minifiedBytes = Buffer.byteLength(code);
  const gzipBytes = gzipSync(code, { level: 9 }).length;
  const later = new Map(scripts.map((script) => [basename(script.path), script.text]));
  return { name, path, code, minifiedBytes, gzipBytes, isTable: false, later };
}

interface Babel {
  transformAsync(code: string, options: object): Promise<{ readonly code: string } | null>;
}

/** Compiles Solid's JSX by its own Babel preset, as its documentation has it. */
function solid(generate: 'ssr' | 'dom'): Plugin {
  const require = createRequire(peersFolder);
  return {
    name: 'solid',
    setup({ onLoad }) {
      onLoad({ filter: /\.jsx$/ }, async ({ path }) => {
        const babel = require('@babel/core') as Babel;
        const presets = [[require('babel-preset-solid'), { generate, hydratable: true }]];
        const result = await babel.transformAsync(await readFile(path, 'utf8'), {
          presets,
          filename: path,
          configFile: false,
        });
        return { contents: result?.code ?? '', loader: 'js' };
      });
    },
  };
}
