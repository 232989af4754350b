/*
 * Reads `anime.txt`, the anime that a new database begins with.
 */

import { readFileSync } from 'node:fs';

export interface SeedAnime {
  /** Its place in the file, from 1. */
  readonly id: number;
  readonly title: string;
  readonly episodes: number;
  readonly year: number;
  readonly studio: string;
  readonly genres: readonly string[];
  readonly synopsis: string;
}

/** @throws Error where the file is not written as its first lines say. */
export function readSeed(): SeedAnime[] {
  const lines = readFileSync(new URL('anime.txt', import.meta.url), 'utf8').split('\n');
  const filled = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return Array.from({ length: Math.ceil(filled.length / 2) }, (_, at) => {
    const [facts = '', synopsis = ''] = filled.slice(2 * at, 2 * at + 2);
    const [title = '', episodes, year, studio = '', genres = ''] = facts.split(' | ');
    if (!synopsis.startsWith('  ') || genres === '') throw new Error(`anime.txt: cannot read '${facts}'`);
    return {
      id: at + 1,
      title,
      episodes: Number(episodes),
      year: Number(year),
      studio,
      genres: genres.split(', '),
      synopsis: synopsis.trim(),
    };
  });
}
