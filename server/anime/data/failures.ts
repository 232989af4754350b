/*
 * What can be wrong with a database, in words and exit codes for whoever runs the server. Input: what a driver threw.
 * Exit codes are those of sysexits.h, so that a service manager can tell what may pass (75) from what will not.
 */

import type { DatabaseLocation } from './location.ts';

const databaseFailures = {
  unwritable: { exitCode: 73, advice: 'Make it writable for the user that runs the server, or name another DATA_DIR.' },
  full: { exitCode: 74, advice: 'Make room on the disk. Nothing that was stored is lost.' },
  unreadable: { exitCode: 74, advice: 'Look at the disk: reading or writing failed. The file was left as it is.' },
  locked: { exitCode: 75, advice: 'Another process holds it for long. Stop that one, or try again.' },
  corrupt: { exitCode: 65, advice: 'The file was left as it is. Put a backup in its place, or name another DATA_DIR.' },
  newer: { exitCode: 65, advice: 'A newer version of this app wrote it. Start that version.' },
  gone: { exitCode: 74, advice: 'Put the file back, or start the server again on the one that is there.' },
  slow: { exitCode: 75, advice: 'It has too much to do, or somebody holds a lock in it. Later requests try again.' },
  unreachable: { exitCode: 69, advice: 'Look whether the server that DATABASE_URL names runs and lets this user in.' },
} as const satisfies Record<string, { exitCode: number; advice: string }>;

export type DatabaseFailure = keyof typeof databaseFailures;

/** A database that cannot be used, and what to do about it. `message` is for a person. */
export class DatabaseError extends Error {
  readonly failure: DatabaseFailure;
  readonly exitCode: number;

  constructor(failure: DatabaseFailure, where: string, detail: string, options?: { cause?: unknown }) {
    const { advice, exitCode } = databaseFailures[failure];
    super(`The database ${where} cannot be used: ${detail}. ${advice}`, options);
    this.name = 'DatabaseError';
    this.failure = failure;
    this.exitCode = exitCode;
  }
}

/** Says what a driver's error means, or gives the error back where the database is not at fault. */
export function explainFailure(error: unknown, location: DatabaseLocation): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error;
  const failure = failureOf(error);
  // node-postgres tries each address of a name: one error of several, without a message of its own
  const detail = error instanceof AggregateError ? String(error.errors[0]?.message) : error.message;
  return failure === undefined ? error : new DatabaseError(failure, location.name, detail, { cause: error });
}

// SQLite's primary result codes; the extended ones have them in their lowest byte
const sqliteFailures: Readonly<Record<number, DatabaseFailure>> = {
  5: 'locked',
  6: 'locked',
  8: 'unwritable',
  10: 'unreadable',
  11: 'corrupt',
  13: 'full',
  14: 'unwritable',
  26: 'corrupt',
};

const codeFailures: Readonly<Record<string, DatabaseFailure>> = {
  EACCES: 'unwritable',
  EBUSY: 'slow',
  EEXIST: 'unwritable',
  ENOTDIR: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  EDQUOT: 'full',
  ENOSPC: 'full',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  ENOENT: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'unreachable',
  // PostgreSQL: no such database, read-only, disk full, lock timeout, deadlock, statement timeout, transaction timeout
  '3D000': 'unreachable',
  '25006': 'unwritable',
  '53100': 'full',
  '55P03': 'locked',
  '40P01': 'locked',
  '57014': 'slow',
  '25P03': 'slow',
  XX001: 'corrupt',
  XX002: 'corrupt',
};

/** What node-postgres says in words alone. */
const clientFailures: readonly (readonly [RegExp, DatabaseFailure])[] = [
  [/^(Connection terminated|timeout expired|Client (has encountered|was closed))/, 'unreachable'],
  // nobody gave a connection back
  [/^timeout exceeded/, 'slow'],
];

function failureOf(
  error: Error & { code?: unknown; errcode?: unknown; syscall?: unknown },
): DatabaseFailure | undefined {
  if (typeof error.errcode === 'number') return sqliteFailures[error.errcode & 0xff];
  if (error.syscall === 'mkdir') return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'full' : 'unwritable';
  const code = String(error.code);
  // PostgreSQL's classes: 08 connection, 28 who may connect, 53 resources, 57P the server stops or starts
  if (/^(08|28|53[023]|57P)/.test(code) && code !== '53100') return 'unreachable';
  if (error.code === undefined) return clientFailures.find(([words]) => words.test(error.message))?.[1];
  return codeFailures[code];
}
