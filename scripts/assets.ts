// The assets that production serves, in build/: each bundle, style sheet and picture under a name with a hash of its
// content, as it is and compressed, and `manifest.json`, which says what is called how. Source maps lie beside them in
// build/maps/, where no server looks. Input: bundles, and public/. `server/anime/assets.ts` reads the output.

import { globSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { transform } from 'esbuild';
import type { Bundle } from './build.ts';
import { hashedName, writeCompressed, writeWhole } from './write.ts';

const root = resolve(import.meta.dirname, '..');

/** Writes the assets to `folder`. Those of the build before stay, for a server that still runs; older ones go. */
export async function buildAssets(bundles: readonly Bundle[], folder = join(root, 'build')): Promise<void> {
  const previous = await readManifest(folder);
  const manifest: Record<string, string> = {};
  const put = async (name: string, content: Buffer, { isPlain = false, map = '' } = {}): Promise<void> => {
    // a part that bundles load by its name has a hash already
    const file = /-[0-9a-f]{10}\./.test(name) ? name : hashedName(name, content);
    manifest[name] = file;
    await writeCompressed(join(folder, 'assets', file), content);
    if (isPlain) await writeCompressed(join(folder, 'assets', name), content);
    if (map !== '') await writeWhole(join(folder, 'maps', `${file}.map`), map);
  };

  const styles = globSync('public/*.css', { cwd: root }).map(async (path) => {
    const { code } = await transform(await readFile(join(root, path), 'utf8'), { loader: 'css', minify: true });
    await put(basename(path), Buffer.from(code));
  });
  // components name pictures, and a component knows no hashes
  const pictures = globSync('public/*.svg', { cwd: root }).map(async (path) =>
    put(basename(path), await readFile(join(root, path)), { isPlain: true }),
  );
  const scripts = bundles.map(({ path, code, map }) => put(basename(path), Buffer.from(code), { map }));
  await Promise.all([...styles, ...pictures, ...scripts]);

  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeWhole(join(folder, 'manifest.json'), `${JSON.stringify(sorted, null, 2)}\n`);
  await removeOthers(folder, [...Object.keys(manifest), ...Object.values(manifest), ...Object.values(previous)]);
}

async function readManifest(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text);
}

async function removeOthers(folder: string, kept: readonly string[]): Promise<void> {
  for (const part of ['assets', 'maps']) {
    for (const file of await readdir(join(folder, part)).catch(() => [])) {
      const isKept = kept.includes(file.replace(/\.(br|gz|map)$/, ''));
      if (!isKept && !file.endsWith('.part')) await rm(join(folder, part, file));
    }
  }
}
