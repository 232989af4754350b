// Writes built files, each at once as a whole, because a server may read them meanwhile.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Whoever reads finds the old content or the new, never half of it. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

/** What browsers are sent of a text. */
export async function compress(content: Uint8Array): Promise<{ readonly br: Buffer; readonly gz: Buffer }> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const brotli = promisify(brotliCompress)(content, { params });
  const zipped = promisify(gzip)(content, { level: 9 });
  return { br: await brotli, gz: await zipped };
}

/** Writes a file, and beside it what browsers are sent: `.br` and `.gz`. */
export async function writeCompressed(path: string, content: Uint8Array): Promise<void> {
  const { br, gz } = await compress(content);
  await writeWhole(`${path}.br`, br);
  await writeWhole(`${path}.gz`, gz);
  await writeWhole(path, content);
}

/** Writes a file alone, and removes what an earlier `writeCompressed` left: servers would prefer it. */
export async function writePlain(path: string, content: Uint8Array): Promise<void> {
  await Promise.all([`${path}.br`, `${path}.gz`].map((old) => rm(old, { force: true })));
  await writeWhole(path, content);
}
