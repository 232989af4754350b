// Starts the server that is to be killed, and waits until it listens or has ended.

import { once } from 'node:events';
import { join } from 'node:path';
import { type Program, startProgram } from '../support/program.ts';
import type { Variant } from './board.ts';
import type { Step } from './routes.ts';

/** Which code a server has. */
export interface Code {
  readonly variant: Variant;
  readonly schema: number;
}

export interface KilledServer {
  readonly port: number;
  /** A PostgreSQL's address, or an SQLite file. */
  readonly store: string;
  /** Where runs leave a line each. */
  readonly folder: string;
}

/** Where runs leave their lines. */
export function runsIn(folder: string): string {
  return join(folder, 'runs.txt');
}

/** Where the functions of tasks leave theirs. */
export function callsIn(folder: string): string {
  return join(folder, 'calls.txt');
}

/** @param end The step at which it ends by itself, and how often it passes that. */
export async function startServer(
  { port, store, folder }: KilledServer,
  code: Code,
  end?: { readonly at: Step; readonly after: number },
): Promise<Program> {
  const program = startProgram(['test/kill/server.ts'], {
    KILL_PORT: String(port),
    KILL_STORE: store,
    KILL_VARIANT: code.variant,
    KILL_SCHEMA: String(code.schema),
    KILL_RUNS: runsIn(folder),
    KILL_CALLS: callsIn(folder),
    KILL_AT: end?.at ?? '',
    KILL_AFTER: String(end?.after ?? 0),
  });
  await Promise.race([once(program.process.stdout as NodeJS.ReadableStream, 'data'), program.ended]);
  return program;
}
