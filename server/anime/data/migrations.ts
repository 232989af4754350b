/*
 * The steps that make the tables, oldest first. A step that was released is never changed: another one follows it.
 * The SQL is what SQLite and PostgreSQL have in common, but for one word.
 */

import { sql, type Transaction } from 'kysely';
import { fold } from '../../../components/fold.ts';
import { addAdmin } from './admin-migration.ts';
import type { Database } from './database.ts';
import { readSeed } from './seed.ts';
import type { Tables } from './tables.ts';

type Migration = (transaction: Transaction<Tables>, kind: Database['kind']) => Promise<void>;

export const migrations: { readonly [name: string]: Migration } = {
  '001-tables': createTables,
  '002-seed': insertSeed,
  '003-snapshots': createSnapshots,
  '004-admin': addAdmin,
  '005-ends-of-snapshots': addEnds,
  '006-no-snapshots': dropSnapshots,
};

async function createTables(transaction: Transaction<Tables>, kind: Database['kind']): Promise<void> {
  // SQLite compares bytes; PostgreSQL does what its locale says unless told otherwise
  const bytes = sql.raw(kind === 'postgres' ? 'TEXT COLLATE "C"' : 'TEXT');
  const statements = [
    sql`CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    sql`CREATE TABLE anime (
      id INTEGER PRIMARY KEY,
      title TEXT NOT NULL,
      episodes INTEGER NOT NULL CHECK (episodes > 0),
      year INTEGER NOT NULL,
      studio TEXT NOT NULL,
      synopsis TEXT NOT NULL,
      sort_title ${bytes} NOT NULL,
      search_text TEXT NOT NULL,
      vote_count INTEGER NOT NULL DEFAULT 0,
      vote_sum INTEGER NOT NULL DEFAULT 0,
      average INTEGER NOT NULL DEFAULT 0,
      revision INTEGER NOT NULL DEFAULT 0
    )`,
    sql`CREATE TABLE anime_genres (
      anime_id INTEGER NOT NULL REFERENCES anime (id) ON DELETE CASCADE,
      genre TEXT NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (anime_id, genre)
    )`,
    sql`CREATE INDEX anime_genres_by_genre ON anime_genres (genre, anime_id)`,
    sql`CREATE TABLE votes (
      anime_id INTEGER NOT NULL REFERENCES anime (id) ON DELETE CASCADE,
      visitor TEXT NOT NULL,
      score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 10),
      voted_at TEXT NOT NULL,
      PRIMARY KEY (anime_id, visitor)
    )`,
    sql`CREATE TABLE users (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      email TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL CHECK (role IN ('member', 'moderator', 'admin')),
      country TEXT NOT NULL,
      joined_on TEXT NOT NULL
    )`,
    sql`CREATE INDEX users_by_name ON users (name, id)`,
    sql`CREATE INDEX users_by_joined_on ON users (joined_on, id)`,
  ];
  for (const statement of statements) await statement.execute(transaction);
}

async function insertSeed(transaction: Transaction<Tables>): Promise<void> {
  const seed = readSeed();
  const rows = seed.map(({ genres: _, ...anime }) => ({
    ...anime,
    sort_title: fold(anime.title),
    search_text: fold(`${anime.title} ${anime.studio}`),
    vote_count: 0,
    vote_sum: 0,
    average: 0,
    revision: 0,
  }));
  const genres = seed.flatMap(({ id, genres }) => genres.map((genre, position) => ({ anime_id: id, genre, position })));
  await transaction.insertInto('anime').values(rows).execute();
  await transaction.insertInto('anime_genres').values(genres).execute();
}

async function createSnapshots(transaction: Transaction<Tables>): Promise<void> {
  await sql`CREATE TABLE snapshots (key TEXT PRIMARY KEY, snapshot TEXT NOT NULL, version INTEGER NOT NULL)`.execute(
    transaction,
  );
}

async function addEnds(transaction: Transaction<Tables>): Promise<void> {
  await sql`ALTER TABLE snapshots ADD COLUMN ends_at BIGINT`.execute(transaction);
  await sql`CREATE INDEX snapshots_by_end ON snapshots (ends_at) WHERE ends_at IS NOT NULL`.execute(transaction);
}

/** States of live actors are in tables of islet's own, which its store makes. */
async function dropSnapshots(transaction: Transaction<Tables>): Promise<void> {
  await sql`DROP TABLE snapshots`.execute(transaction);
}
