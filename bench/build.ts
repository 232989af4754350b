/*
 * Bundles what the measurement needs from source that Node or a browser cannot take as it is: the peers' server
 * renderers (JSX; Solid by its own compiler) and the browser pages. Output goes to node_modules/.cache/bench.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

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
