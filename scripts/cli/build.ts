// `islet build`: bundles what browsers load of an app. Input: each module in `client/`, which exports components that
// have a name, or nothing (then it is a script of pages), and the style sheets and pictures in `public/`. Output: `build/assets/`, files named by their content,
// as they are and compressed, and `build/manifest.json`, by which the plugin's option `assets` finds them.

import { existsSync, globSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import type { Manifest } from '../../server/assets.ts';
import { hashedName, writeCompressed, writeWhole } from '../write.ts';
import { Complaint } from './complaint.ts';

export interface BuildClientOptions {
  /** Whether errors are explained and source maps are linked. */
  readonly isDevelopment: boolean;
  /** Pages that are open may yet load what an earlier build has made. Default false: it is removed. */
  readonly keepsOld?: boolean;
}

/** Where the package's own modules are: `.ts` in a checkout, `.js` where it is installed. */
const extension = extname(fileURLToPath(import.meta.url));
const client = (name: string): string =>
  fileURLToPath(new URL(`../../client-runtime/${name}${extension}`, import.meta.url));
const elementEntry = 'islet:element';
const compressible = /\.(js|css|svg|json|txt|webmanifest)$/;

/** Builds everything once; resolves to a line for each file. @throws what esbuild says, where code does not compile; Complaint. */
export async function buildClient(folder: string, options: BuildClientOptions): Promise<string[]> {
  if (!['package.json', 'client', 'public'].some((name) => existsSync(join(folder, name))))
    throw new Complaint(
      `${folder} is no app's folder: go to one that has client/ or public/, or make one: npx islet new FOLDER`,
    );
  const esbuild = await importEsbuild();
  const modules = globSync('client/*.{ts,tsx,js}', { cwd: folder }).sort();
  const { metafile, outputFiles } = await esbuild.build({ ...optionsFor(folder, modules, options), metafile: true });
  const manifest: Manifest = { element: '', later: '', scripts: [], components: {}, files: {} };
  const assets = join(folder, 'build/assets');
  const kept = new Set<string>();
  const lines: string[] = [];
  const put = async (name: string, content: Uint8Array): Promise<void> => {
    for (const each of [name, `${name}.br`, `${name}.gz`]) kept.add(each);
    const path = join(assets, name);
    if (options.isDevelopment || !compressible.test(name)) return writeWhole(path, content);
    const { gz } = await writeCompressed(path, content);
    lines.push(`${name}: ${content.length} bytes, ${gz.length} gzip -9`);
  };
  for (const { path, contents } of outputFiles ?? []) await put(basename(path), contents);
  for (const path of globSync('public/**/*', { cwd: folder, withFileTypes: true }).filter((each) => each.isFile())) {
    const file = join(path.parentPath, path.name);
    const name = file.slice(join(folder, 'public').length + 1);
    const content = await minified(esbuild, name, await readFile(file));
    const hashed = hashedName(basename(name), content);
    manifest.files[name] = hashed;
    await put(hashed, content);
  }
  await nameEntries(folder, metafile as Metafile, manifest);
  const later = await buildLater(folder, { ...manifest.components, 'server-component': manifest.element }, options);
  manifest.later = hashedName('later.js', later);
  await put(manifest.later, later);
  if (!options.keepsOld) for (const file of await readdir(assets)) if (!kept.has(file)) await rm(join(assets, file));
  await writeWhole(join(folder, 'build/manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return lines;
}

/** @throws Complaint that says what to install. */
async function importEsbuild(): Promise<typeof import('esbuild')> {
  try {
    return await import('esbuild');
  } catch (cause) {
    throw new Complaint('islet build needs esbuild. Install it: npm install --save-dev esbuild', { cause });
  }
}

/** The script that loads components, and the element of the server's, which a page shows only later. */
async function buildLater(
  folder: string,
  components: Manifest['components'],
  { isDevelopment }: BuildClientOptions,
): Promise<Uint8Array> {
  const esbuild = await importEsbuild();
  const files = Object.fromEntries(Object.entries(components).map(([name, file]) => [name, `./${file}`]));
  const contents = `import { loadComponents } from ${JSON.stringify(client('element/components'))};
loadComponents(${JSON.stringify(files)}, (file) => import(file));`;
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: !isDevelopment,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

function optionsFor(folder: string, modules: readonly string[], { isDevelopment }: BuildClientOptions): BuildOptions {
  return {
    absWorkingDir: folder,
    entryPoints: [elementEntry, ...modules.map((path) => `islet:${path}`)].map((entry) => ({
      in: entry,
      out: basename(entry.replace('islet:', ''), extname(entry)),
    })),
    outdir: join(folder, 'build/assets'),
    entryNames: '[name]-[hash]',
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: !isDevelopment,
    sourcemap: isDevelopment ? 'linked' : false,
    // an empty list would leave out `module`
    conditions: isDevelopment ? ['development', 'module'] : ['module'],
    define: { 'process.env.NODE_ENV': isDevelopment ? '"development"' : '"production"' },
    logLevel: 'silent',
    write: false,
    plugins: [entries(folder, isDevelopment)],
  };
}

/** The entries: the element, and for each module of `client/` one that registers the components that it exports. */
function entries(folder: string, isDevelopment: boolean): Plugin {
  const element = `element/element${isDevelopment ? '-development' : ''}`;
  return {
    name: 'islet',
    setup(build) {
      build.onResolve({ filter: /^islet:/ }, ({ path }) => ({ path: path.slice('islet:'.length), namespace: 'islet' }));
      build.onLoad({ filter: /.*/, namespace: 'islet' }, async ({ path }) => {
        if (path === 'element') return { contents: `import ${JSON.stringify(client(element))};`, resolveDir: folder };
        if (await isPageScript(join(folder, path)))
          return { contents: `import ${JSON.stringify(`./${path}`)};`, resolveDir: folder };
        const contents = `import { register } from 'islet/client';${(await hasMachine(join(folder, path))) ? `\nimport 'islet/client/machines';` : ''}
import * as all from ${JSON.stringify(`./${path}`)};
for (const each of Object.values(all)) if (each && typeof each === 'object' && each.name && each.view) register(each);`;
        return { contents, resolveDir: folder };
      });
      // a checkout has no `islet` to import by its name
      if (extension === '.ts') {
        const face = isDevelopment ? 'index-development' : 'index';
        const faces = {
          islet: '../../shared/index.ts',
          'islet/client': `../../client-runtime/${face}.ts`,
          'islet/client/element': `../../client-runtime/${element}.ts`,
          'islet/client/machines': '../../client-runtime/machines.ts',
        };
        for (const [name, file] of Object.entries(faces)) {
          const path = fileURLToPath(new URL(file, import.meta.url));
          build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path }));
        }
      }
    },
  };
}

/** Says in the manifest which file has which component: the module is asked for the names. */
async function nameEntries(folder: string, { outputs }: Metafile, manifest: Manifest): Promise<void> {
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    // what is loaded later is an entry for esbuild, too
    if (!entryPoint?.startsWith('islet:')) continue;
    const path = entryPoint.replace(/^islet:/, '');
    if (path === 'element') manifest.element = basename(file);
    else if (await isPageScript(join(folder, path))) manifest.scripts.push(basename(file));
    else {
      for (const name of await namesIn(join(folder, path))) {
        const other = manifest.components[name];
        if (other !== undefined) throw new Error(`Two modules of client/ have a component named ${name}.`);
        manifest.components[name] = basename(file);
      }
    }
  }
}

/** Whether a module exports nothing: it is a script of pages, which may need a browser, and is not evaluated here. */
async function isPageScript(path: string): Promise<boolean> {
  const esbuild = await importEsbuild();
  const loader = extname(path).slice(1) as 'ts' | 'tsx' | 'js';
  // what does not compile is reported by the build
  const made = await esbuild.transform(await readFile(path, 'utf8'), { loader }).catch(() => undefined);
  return made !== undefined && !/^export\b(?! \{\};)/m.test(made.code);
}

/** Another address each time: Node keeps modules, and one may have changed. */
async function exportsOf(path: string): Promise<unknown[]> {
  const module: Record<string, unknown> = await import(`${pathToFileURL(path).href}?${Date.now()}`);
  return Object.values(module);
}

/** Whether a module exports a component that is a state machine. Of one that cannot be read esbuild says why. */
async function hasMachine(path: string): Promise<boolean> {
  const all = await exportsOf(path).catch(() => []);
  return all.some((each) => typeof each === 'object' && each !== null && 'view' in each && 'machine' in each);
}

/** @throws Error for a module that exports no component with a name. */
async function namesIn(path: string): Promise<string[]> {
  const names = (await exportsOf(path)).flatMap((each) => {
    const isNamed = typeof each === 'object' && each !== null && 'view' in each && 'name' in each;
    return isNamed && typeof each.name === 'string' ? [each.name] : [];
  });
  if (names.length > 0) return names;
  throw new Error(`${path} exports no component with a name. Give it one: component({ name: 'my-button', ... }).`);
}

async function minified(esbuild: typeof import('esbuild'), name: string, content: Buffer): Promise<Uint8Array> {
  if (!name.endsWith('.css')) return content;
  const { code } = await esbuild.transform(content.toString(), { loader: 'css', minify: true });
  return Buffer.from(code);
}
