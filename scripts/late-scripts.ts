// Makes the scripts that a bundle loads when it needs them (`import()`), the same ones for all bundles. Each module is
// once in a page: what a late script shares with the bundle that loads it, that bundle gives to it, and no copy of it
// is in there. Input: the module that is imported. Output: a script beside the bundle, named by its content, so that a
// page which was loaded before a deploy never gets the script of another version.

import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { BuildOptions, Metafile, OutputFile, Plugin, PluginBuild } from 'esbuild';
import { hashOf } from './write.ts';

const root = resolve(import.meta.dirname, '..');
const client = (name: string): string => resolve(root, 'client-runtime', name);

/** Whatever else a bundle has, it has the modules that this one has. */
const main = client('element/element.ts');
/** In the source it is empty: there, modules are shared by importing them. */
const givenModule = client('dom/given.ts');
/** The scripts that are given something. */
const takers = [client('dom/repair.ts'), client('dom/special.ts')];

interface Late {
  /** What it is given, as `module#name`, and its code with these as imports. */
  readonly wanted: readonly string[];
  readonly code: string;
  readonly modules: readonly string[];
}

interface Script {
  readonly name: string;
  readonly watchFiles: readonly string[];
}

/**
 * @param scripts Gets what was made.
 * @param options Those of the bundles.
 */
export function lateScripts(scripts: OutputFile[], options: BuildOptions): Plugin {
  return {
    name: 'late-scripts',
    setup(build) {
      let lates: Promise<Map<string, Late>> | undefined;
      const made = new Map<string, Promise<Script>>();
      const takersNow = (): Promise<Map<string, Late>> => {
        lates ??= compileTakers(build, options);
        return lates;
      };
      build.onStart(() => {
        scripts.length = 0;
        made.clear();
        lates = undefined;
      });
      build.onResolve({ filter: /^\..*\.ts$/ }, async ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = resolve(resolveDir, path);
        const script =
          made.get(source) ?? takersNow().then((lates) => makeScript(source, lates, build, options, scripts));
        made.set(source, script);
        const { name, watchFiles } = await script;
        return { path: `./${name}`, external: true, watchFiles: [...watchFiles] };
      });
      build.onLoad({ filter: /dom\/given\.ts$/ }, async () => {
        const all = allWanted(await takersNow());
        const imports = all.map((each, index) => {
          const [module = '', name] = each.split('#');
          const path = relative(dirname(givenModule), resolve(root, module)).split(sep).join('/');
          return `import { ${name} as _${index} } from ${JSON.stringify(`./${path}`)};`;
        });
        const names = all.map((_, index) => `_${index}`);
        return {
          contents: `${imports.join('\n')}\nexport const given = [${names}];`,
          resolveDir: dirname(givenModule),
        };
      });
    },
  };
}

/** All that is given, in the order in which it is. */
function allWanted(lates: ReadonlyMap<string, Late>): string[] {
  return [...new Set([...lates.values()].flatMap(({ wanted }) => wanted))].sort();
}

async function compileTakers(build: PluginBuild, options: BuildOptions): Promise<Map<string, Late>> {
  const exportsOf = await sharedModules(build, options);
  const lates = new Map<string, Late>();
  for (const source of takers) {
    const { outputFiles = [], metafile } = await build.esbuild.build({
      ...options,
      entryPoints: [source],
      minify: false,
      minifySyntax: true,
      sourcemap: 'inline',
      metafile: true,
      plugins: [keepOut(exportsOf)],
    });
    // of TypeScript, imports that nobody uses are left out
    const { code } = await build.esbuild.transform(outputFiles[0]?.text ?? '', { loader: 'ts', sourcemap: 'inline' });
    const wanted = [...code.matchAll(importStatement)].flatMap(([, names = '', module]) =>
      names.split(',').map((name) => `${module}#${(/[\w$]+/.exec(name) as RegExpExecArray)[0]}`),
    );
    lates.set(source, { wanted, code, modules: Object.keys((metafile as Metafile).inputs) });
  }
  return lates;
}

const importStatement = /^import \{([^}]*)\} from "given:(.*)";$/gm;

/** What each module exports that is in the main bundle. */
async function sharedModules(build: PluginBuild, options: BuildOptions): Promise<Map<string, readonly string[]>> {
  const { metafile } = await build.esbuild.build({
    ...options,
    entryPoints: [main],
    metafile: true,
    sourcemap: false,
    plugins: [
      {
        name: 'without-late-scripts',
        setup: ({ onResolve }) =>
          onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          ),
      },
    ],
  });
  const [output] = Object.values(metafile.outputs);
  // of a module that has constants alone nothing is left that could be there twice
  const modules = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 && resolve(root, path) !== givenModule ? [path] : [],
  );
  const each = await build.esbuild.build({
    ...options,
    entryPoints: modules,
    outdir: 'out',
    outbase: root,
    bundle: false,
    metafile: true,
    sourcemap: false,
  });
  return new Map(
    Object.values(each.metafile.outputs).map(({ entryPoint = '', exports }) => [resolve(root, entryPoint), exports]),
  );
}

/** Leaves modules out of a script: it imports what it uses of them. */
function keepOut(exportsOf: ReadonlyMap<string, readonly string[]>): Plugin {
  return {
    name: 'keep-out',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, resolveDir, namespace }) => {
        const source = resolve(resolveDir, path);
        const isGiven = namespace !== 'given' && exportsOf.has(source);
        return isGiven ? { path: relative(root, source), namespace: 'given' } : undefined;
      });
      build.onResolve({ filter: /^given:/ }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /./, namespace: 'given' }, ({ path }) => ({
        contents: `export { ${exportsOf.get(resolve(root, path))} } from ${JSON.stringify(`given:${path}`)};`,
      }));
    },
  };
}

async function makeScript(
  source: string,
  lates: ReadonlyMap<string, Late>,
  build: PluginBuild,
  options: BuildOptions,
  scripts: OutputFile[],
): Promise<Script> {
  const late = lates.get(source);
  const plain = basename(source, '.ts');
  const input: BuildOptions = late
    ? { stdin: { contents: toFactory(late, allWanted(lates)), resolveDir: dirname(source), sourcefile: `${plain}.js` } }
    : { entryPoints: [source] };
  const { entryPoints: _, ...rest } = options;
  const { outputFiles, metafile } = await build.esbuild.build({
    ...rest,
    ...input,
    ...(late && { outdir: undefined as never, outfile: join(`${options.outdir}`, `${plain}.js`) }),
    metafile: true,
    write: false,
  });
  const code = outputFiles.find((file) => file.path.endsWith('.js')) as OutputFile;
  const hash = hashOf(code.contents);
  for (const file of outputFiles) {
    const path = join(dirname(file.path), basename(file.path).replace(plain, `${plain}-${hash}`));
    const text = file.text.replace(`sourceMappingURL=${plain}.`, `sourceMappingURL=${plain}-${hash}.`);
    scripts.push({ ...file, path, text, contents: Buffer.from(text) });
  }
  const modules = late?.modules.filter((path) => !path.startsWith('given:')) ?? Object.keys(metafile.inputs);
  return { name: `${plain}-${hash}.js`, watchFiles: modules.map((each) => resolve(root, each)) };
}

/** A function that makes of what it is given what the module exports as `part`. */
function toFactory({ code, wanted }: Late, all: readonly string[]): string {
  const localOf = new Map<string, string>();
  const body = code
    .replace(importStatement, (statement, names: string, module: string) => {
      for (const name of names.split(',')) {
        const [exported = '', local = exported] = name.trim().split(' as ');
        localOf.set(`${module}#${exported}`, local);
      }
      return statement.replace(/[^\n]/g, ''); // the lines stay: the source map goes by them
    })
    .replace(/^export \{\n {2}part\n\};$/m, '\n\nreturn part;');
  if (!body.includes('return part;')) throw new Error('a script that is given something exports `part` and no more');
  const parameters = all.map((each) => (wanted.includes(each) ? localOf.get(each) : ''));
  const [first = '', ...lines] = body.split('\n');
  // the source map stands behind it
  const map = lines.findLastIndex((line) => line.startsWith('//# sourceMappingURL='));
  const end = map < 0 ? lines.length : map;
  return [`export const make = ([${parameters}]) => { ${first}`, ...lines.slice(0, end), '}', ...lines.slice(end)].join(
    '\n',
  );
}
