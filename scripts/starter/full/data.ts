// What is kept, in one SQLite file by Node's own driver: cards, users, sessions. Components get what they need of it.

import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Card {
  readonly id: number;
  readonly title: string;
  readonly author: string;
}

export interface Data {
  cards(): readonly Card[];
  addCard(title: string, author: string): void;
  removeCard(id: number): void;
  /** Calls the listener after each change of the cards, until the signal fires. */
  onCards(listener: () => void, signal: AbortSignal): void;
  /** Whether the password is the user's. Whoever comes first with a name gets it. */
  logIn(name: string, password: string): boolean;
  userOf(session: string): string | undefined;
  addSession(session: string, name: string): void;
  removeSession(session: string): void;
  /** Signs what pages send back. */
  readonly secret: string;
  close(): void;
}

/** Opens (or makes) the file; `:memory:` keeps everything in memory. */
export function openData(path: string): Data {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS cards (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, salt TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS secrets (secret TEXT PRIMARY KEY) STRICT;
  `);
  const news = new EventEmitter().setMaxListeners(0);
  const cards = database.prepare('SELECT id, title, author FROM cards ORDER BY id');
  const addCard = database.prepare('INSERT INTO cards (title, author) VALUES (?, ?)');
  const removeCard = database.prepare('DELETE FROM cards WHERE id = ?');
  const user = database.prepare('SELECT salt, hash FROM users WHERE name = ?');
  const addUser = database.prepare('INSERT INTO users VALUES (?, ?, ?)');
  const session = database.prepare('SELECT name FROM sessions WHERE id = ?');
  const addSession = database.prepare('INSERT INTO sessions VALUES (?, ?)');
  const removeSession = database.prepare('DELETE FROM sessions WHERE id = ?');
  return {
    cards: () => cards.all() as unknown as readonly Card[],
    addCard(title, author) {
      addCard.run(title, author);
      news.emit('cards');
    },
    removeCard(id) {
      removeCard.run(id);
      news.emit('cards');
    },
    onCards(listener, signal) {
      news.on('cards', listener);
      signal.addEventListener('abort', () => news.off('cards', listener));
    },
    logIn(name, password) {
      const known = user.get(name) as { salt: string; hash: string } | undefined;
      if (known) return timingSafeEqual(hashOf(password, known.salt), Buffer.from(known.hash, 'hex'));
      const salt = randomBytes(16).toString('hex');
      addUser.run(name, salt, hashOf(password, salt).toString('hex'));
      return true;
    },
    userOf: (id) => (session.get(id) as { name: string } | undefined)?.name,
    addSession: (id, name) => void addSession.run(id, name),
    removeSession: (id) => void removeSession.run(id),
    secret: secretIn(database),
    close: () => database.close(),
  };
}

function hashOf(password: string, salt: string): Buffer {
  return scryptSync(password, salt, 32);
}

/** Made once, and kept: a restart logs nobody out. */
function secretIn(database: DatabaseSync): string {
  const kept = database.prepare('SELECT secret FROM secrets').get() as { secret: string } | undefined;
  if (kept) return kept.secret;
  const secret = randomBytes(32).toString('hex');
  database.prepare('INSERT INTO secrets VALUES (?)').run(secret);
  return secret;
}
