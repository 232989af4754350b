// Who is asked when whether they are there: all within a while, and never many at once.

import { expect, test } from 'vitest';
import { Connections, turnCount } from '../server/transport/connections.ts';

test('each of many connections has one turn to be asked, and few have the same', () => {
  const connections = new Connections<{ readonly address: string }>();
  const all = Array.from({ length: 19_000 }, () => ({ address: '127.0.0.1' }));
  for (const connection of all) connections.add(connection);
  const asked = Array.from({ length: 2 * turnCount }, () => connections.takeTurn());
  for (const due of asked) expect(due.length).toBeLessThanOrEqual(Math.ceil(19_000 / turnCount));
  // in the same order again, whoever has come or gone: as much time for an answer each time
  for (let turn = 0; turn < turnCount; turn++) expect(asked[turn + turnCount]).toEqual(asked[turn]);
  expect(new Set(asked.flat())).toEqual(new Set(all));
  expect(asked.flat()).toHaveLength(2 * all.length);
});
