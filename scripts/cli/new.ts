// `islet new FOLDER`: copies the starter, and gives it the folder's name. From a checkout the app gets this checkout's
// package, packed beside it; else the version of the package that makes it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from './complaint.ts';

export interface StarterOptions {
  /** Only a page, a shared component, and its test. */
  readonly isMinimal: boolean;
}

const isCheckout = extname(fileURLToPath(import.meta.url)) === '.ts';
const root = fileURLToPath(new URL(isCheckout ? '../../' : '../../../', import.meta.url));
const starters = join(root, 'scripts/starter');
/** Names that npm does not pack as they are. */
const renamed: { readonly [name: string]: string } = { gitignore: '.gitignore', dockerignore: '.dockerignore' };

/** @throws Complaint when the folder has something in it already, or its name can be no package's. */
export async function createStarter(target: string, { isMinimal }: StarterOptions): Promise<void> {
  const folder = resolve(target);
  const name = basename(folder).toLowerCase();
  if (!/^[a-z][a-z\d-]*$/.test(name))
    throw new Complaint(`'${name}' is no name for an app: letters, digits and hyphens`);
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new Complaint(`${folder} is not empty: name a folder that is not there yet`);
  await mkdir(folder, { recursive: true });
  await cp(join(starters, isMinimal ? 'minimal' : 'full'), folder, { recursive: true });
  for (const [packed, real] of Object.entries(renamed)) {
    if (existsSync(join(folder, packed))) await rename(join(folder, packed), join(folder, real));
  }
  const islet = isCheckout ? await packCheckout(folder) : `^${(await manifestOf(root)).version}`;
  for (const file of ['package.json', 'fly.toml', 'README.md']) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('starter-name', name).replace('"islet": "*"', `"islet": "${islet}"`));
  }
  console.log(`${name} is in ${folder}. Next:\n\n  cd ${target}\n  npm install\n  npm run dev\n\nand npm test.`);
}

/** Packs this checkout into the app's folder; returns how its package.json names it. */
async function packCheckout(folder: string): Promise<string> {
  const { version } = await manifestOf(root);
  const file = `islet-${version}.tgz`;
  const { status, stderr } = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    await rm(folder, { recursive: true });
    throw new Complaint(`npm pack failed:\n${stderr}`);
  }
  return `file:${file}`;
}

async function manifestOf(folder: string): Promise<{ readonly version: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}
