// `islet routes` on the reference app: what it answers, each address once, without its listening. (On the starter:
// `starter.test.ts`.)

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from './support/program.ts';

test('pages, API and islands of the anime tracker', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-routes-'));
  await using program = startProgram(['scripts/cli/main.ts', 'routes', 'server/anime/main.ts'], { DATA_DIR: folder });
  const { code, stdout } = await program.ended;
  await rm(folder, { recursive: true, force: true });
  expect(code).toBe(0);
  expect(stdout).not.toContain('http://');
  const [pages = '', api = '', islands = ''] = stdout.split('\n\n');
  expect(pages).toMatch(/^Pages\n( {2}GET {4}\/.*\n?)+$/);
  expect(pages.split('\n')).toContain('  GET    /anime/:id');
  expect(api).toContain('  GET PUT DELETE POST PATCH QUERY TRACE /api/anime/:id/rating');
  expect(islands.trimEnd().split('\n')).toEqual([
    'Islands',
    '  shared /ws/rate  anime-rating',
    '  shared /ws/ratings',
    '  shared /ws/rate/:animeId',
    '  own    /ws/vote/:animeId',
  ]);
  // each address is listed once
  const addresses = stdout.match(/\/\S*$/gm) ?? [];
  expect(addresses).toHaveLength(new Set(addresses).size);
});
