// Writes to a SQLite file until it is killed, and says after each write that it was told to be kept: which one of which
// key. Arguments: the file and the durability.

import { type SqliteStoreOptions, sqliteStore, type Write } from '../../server/index.ts';

const [file = '', durability] = process.argv.slice(2);
const store = sqliteStore(file, { durability: durability as NonNullable<SqliteStoreOptions['durability']> });
const last = new Map<string, string>();

for (let round = 1; ; round++) {
  const writes = ['/a', '/b', '/c'].map((key): Write => {
    const after = last.get(key);
    const model = round % 10 === 1 ? { base: String(round) } : { patch: String(round) };
    return {
      key,
      by: `${key}.${round}`,
      after,
      schema: 1,
      model,
      clients: [{ client: 'c', event: round, endsInMs: 1e6 }],
    };
  });
  const kept = await store.commit(writes);
  if (kept.includes(false)) throw new Error('fenced');
  for (const { key, by } of writes) last.set(key, by);
  process.stdout.write(`${round}\n`);
}
