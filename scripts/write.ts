// Writes built files, each at once as a whole, because a server may read them meanwhile; and names them by their
// content, so that browsers may keep them for ever.

import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Whoever reads finds the old content or the new, never half of it. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

/** `app.css` with this content is `app-0123456789.css`. */
export function hashedName(name: string, content: Uint8Array): string {
  const extension = extname(name);
  return `${basename(name, extension)}-${hashOf(content)}${extension}`;
}

export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 10);
}

/** What browsers are sent of a text. */
export interface Compressed {
  readonly br: Buffer;
  readonly gz: Buffer;
}

export async function compress(content: Uint8Array): Promise<Compressed> {
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
export async function writeCompressed(path: string, content: Uint8Array): Promise<Compressed> {
  const compressed = await compress(content);
  await writeWhole(`${path}.br`, compressed.br);
  await writeWhole(`${path}.gz`, compressed.gz);
  await writeWhole(path, content);
  return compressed;
}

/** Writes a file alone, and removes what an earlier `writeCompressed` left: servers would prefer it. */
export async function writePlain(path: string, content: Uint8Array): Promise<void> {
  await Promise.all([`${path}.br`, `${path}.gz`].map((old) => rm(old, { force: true })));
  await writeWhole(path, content);
}
