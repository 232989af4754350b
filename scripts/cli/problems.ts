// What keeps code from running, as pages show it: cause, file and line. Input: what esbuild says, and what a server has
// said before it ended. Output: problems.

import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildFailure } from 'esbuild';
import type { Problem } from '../../server/development.ts';

/**
 * Looks whether a server's modules can be read and find each other, which takes some milliseconds: the server that runs
 * goes on until the next one can.
 *
 * @throws what esbuild says.
 */
export async function checkServer(folder: string, server: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: folder,
    entryPoints: [server],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    // what else a module may import is not for us to read
    loader: { '.css': 'empty', '.html': 'empty', '.node': 'empty', '.sql': 'empty', '.txt': 'empty', '.wasm': 'empty' },
  });
}

export function toProblem(error: unknown): Problem {
  const { errors = [] } = error as Partial<BuildFailure>;
  const [first] = errors;
  if (!first) return { title: 'The build has failed', facts: [], text: (error as Error).message };
  const facts = first.location ? [['where', placeOf(first.location)] as const] : [];
  const texts = errors.map(({ text, location }) => {
    if (!location) return text;
    const { lineText, column } = location;
    return `${placeOf(location)}: ${text}\n\n${lineText}\n${' '.repeat(column)}^`;
  });
  return { title: 'The code does not compile', facts, text: texts.join('\n\n') };
}

function placeOf({ file, line, column }: { file: string; line: number; column: number }): string {
  return `${file}:${line}:${column + 1}`;
}

/** Finds the first place in the app's own files that a text names, if it can with its column. */
export function whereIn(text: string, folder: string): Problem['facts'] {
  let found: Problem['facts'] = [];
  for (const [, address = '', place = ''] of text.matchAll(/((?:file:\/\/)?\/[^\s:()]+)((?::\d+){1,2})/g)) {
    const path = address.startsWith('file:') ? fileURLToPath(address) : address;
    const near = relative(folder, path);
    if (isAbsolute(near) || near.startsWith('..') || near.includes(join('node_modules', sep))) continue;
    if (/:.*:/.test(place)) return [['where', near + place]];
    if (found.length === 0) found = [['where', near + place]];
  }
  return found;
}
