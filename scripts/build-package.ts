// `npm run build:package` (and so `npm pack`): compiles the faces of the package and what they import to dist/, as
// JavaScript with declarations, because Node strips no types below node_modules. What pages load without a bundler goes
// with them, at the place the server half finds it by. Fails when package.json exports a face that was not built.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildBundles } from './build.ts';

const root = resolve(import.meta.dirname, '..');
const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

await rm(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
await buildBundles({
  entries: ['client-runtime/element/element.ts', 'client-runtime/spa.ts', 'client-runtime/dom/early.ts'],
  outdir: 'dist/public/build',
});

const targets = Object.values<string | Record<string, string>>(exports).flatMap((target) =>
  typeof target === 'string' ? target : Object.values(target),
);
const missing = targets.filter((target) => !existsSync(join(root, target)));
if (missing.length > 0) console.error(`package.json exports what was not built: ${missing.join(', ')}`);
process.exitCode = status === 0 && missing.length === 0 ? 0 : 1;
