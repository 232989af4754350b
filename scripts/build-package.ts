// `npm run build:package` (and so `npm pack`): compiles the faces of the package and what they import to dist/, as
// JavaScript with declarations, because Node strips no types below node_modules. What pages load without a bundler goes
// along as values of a module, so that a bundled server has it too. Fails when package.json names what was not built.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type EmbeddedScript, embeddedScripts } from '../server/embedded-scripts.ts';
import { scriptNames } from '../server/scripts.ts';
import { embeddedProgram } from '../server/store/sqlite/embedded-program.ts';
import { buildBundles } from './build.ts';
import { compress } from './write.ts';

const root = resolve(import.meta.dirname, '..');
const { exports, bin = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const entries = ['element/element', 'spa', 'dom/early', 'development/dev'].map((name) => `client-runtime/${name}.ts`);

await rm(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
await embedScripts();
await embedThreadProgram();

const targets = [...Object.values<string | Record<string, string>>(exports), bin].flatMap((target) =>
  typeof target === 'string' ? target : Object.values<string>(target),
);
const missing = targets.filter((target) => !existsSync(join(root, target)));
if (missing.length > 0) console.error(`package.json names what was not built: ${missing.join(', ')}`);
process.exitCode = status === 0 && missing.length === 0 ? 0 : 1;

/** Writes `server/store/sqlite/embedded-program.ts` anew, as the package has it. */
async function embedThreadProgram(): Promise<void> {
  const folder = 'server/store/sqlite';
  const { outputFiles } = await build({
    entryPoints: [join(root, folder, 'thread-program.ts')],
    ...({ bundle: true, minify: true, write: false, platform: 'node', format: 'cjs', target: 'node24' } as const),
  });
  const name: keyof typeof import('../server/store/sqlite/embedded-program.ts') = 'embeddedProgram';
  if (embeddedProgram !== undefined) throw new Error('the repository holds an embedded program');
  const text = `export const ${name} = ${JSON.stringify(outputFiles[0]?.text)};\n`;
  await writeFile(join(root, 'dist', folder, 'embedded-program.js'), text);
  // nobody starts it from a file
  for (const ending of ['js', 'd.ts']) await rm(join(root, 'dist', folder, `thread-program.${ending}`));
}

/** Writes `server/embedded-scripts.ts` anew, as the package has it. */
async function embedScripts(): Promise<void> {
  const scripts: Record<string, EmbeddedScript> = {};
  for (const { path, code } of await buildBundles({ entries, write: false })) {
    const { br, gz } = await compress(Buffer.from(code));
    scripts[basename(path)] = { br: br.toString('base64'), gz: gz.toString('base64') };
  }
  const absent = scriptNames.filter((name) => !(name in scripts));
  if (absent.length > 0) throw new Error(`these scripts were not built: ${absent.join(', ')}`);
  const name: keyof typeof import('../server/embedded-scripts.ts') = 'embeddedScripts';
  if (embeddedScripts !== undefined) throw new Error('the repository holds embedded scripts');
  const text = `export const ${name} = ${JSON.stringify(scripts)};\n`;
  await writeFile(join(root, 'dist/server/embedded-scripts.js'), text);
}
