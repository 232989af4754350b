// Databases in memory with 10,000 made-up users: they are made once in a process, and copied for each test.

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../server/anime/data/database.ts';
import { fileIn, inMemory } from '../../server/anime/data/location.ts';
import { generateUsers } from '../../server/anime/data/made-up-users.ts';

let made: Promise<string> | undefined;

/** A new database in memory that has 10,000 users. */
export async function openUsers(): Promise<Database> {
  made ??= makeUsers();
  const database = await openDatabase(inMemory);
  const { tables } = database;
  await sql`attach ${fileIn(await made).name} as made`.execute(tables);
  for (const name of ['users', 'user_words']) {
    await sql`insert into ${sql.table(name)} select * from made.${sql.table(name)}`.execute(tables);
  }
  await sql`detach made`.execute(tables);
  return database;
}

/** @returns The folder of a database. */
async function makeUsers(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-users-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const database = await openDatabase(fileIn(folder));
  await generateUsers(database, 10_000);
  await database.close();
  return folder;
}
