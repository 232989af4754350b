// Ends servers in every way while clients send to what they keep, starts others in their place, and compares at the end
// what was sent with what is stored. `const report = await runKill({ rounds: 10, seed: 1, store: file })`

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readSaved } from '../../server/actors/saved-state.ts';
import { postgresStore, sqliteStore } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { keepActing, until } from '../chaos/acting.ts';
import { Client } from '../chaos/client.ts';
import { randomOf } from '../chaos/random.ts';
import { freePort } from '../support/free-port.ts';
import { type Board, variants } from './board.ts';
import { countOf, type KillReport } from './report.ts';
import { routes, type Step, steps } from './routes.ts';
import { type Code, callsIn, type KilledServer, runsIn, startServer } from './server-process.ts';

export interface KillOptions {
  /** How many servers are ended before clients may settle. */
  readonly rounds: number;
  readonly seed: number;
  readonly clients?: number;
  /** A PostgreSQL's address; default: an SQLite file of its own. */
  readonly postgres?: string | undefined;
  /** Whether code changes between servers. Default true. */
  readonly changes?: boolean;
  onProgress?(round: number, end: string): void;
}

type End = Step | 'SIGKILL' | 'SIGTERM' | 'SIGTERM twice';
const endings: readonly End[] = [...steps, 'SIGTERM', 'SIGKILL', 'SIGTERM twice'];

const settleMs = 30_000;
/** Tries that were lost with their processes are made again later and later. */
const tasksMs = 90_000;

export async function runKill(options: KillOptions): Promise<KillReport> {
  const { rounds, seed, clients: count = 8, postgres, changes = true, onProgress } = options;
  const startedAt = performance.now();
  const random = randomOf(seed);
  const folder = mkdtempSync(join(tmpdir(), 'islet-kill-'));
  const runs = runsIn(folder);
  const calls = callsIn(folder);
  for (const file of [runs, calls]) writeFileSync(file, '');
  const location = postgres ?? join(folder, 'state.db');
  const port = await freePort();
  const errors: string[] = [];
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true }));

  const place: KilledServer = { port, store: location, folder };
  const clients: Client[] = [];
  for (let index = 0; index < count; index++) {
    const url = `ws://127.0.0.1:${port}/islet`;
    const client = new Client({ name: `c${index}`, random: randomOf(seed + 1, index), url, routes, keepsPlace: true });
    client.patienceMs = 3_000;
    clients.push(client);
    stack.defer(() => client.end());
    client.start();
  }
  const acting = stack.adopt(new AbortController(), (controller) => controller.abort());
  const actors = clients.map((client, index) => keepActing(client, randomOf(seed + 2 + index), acting.signal, 60));

  const ends: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    const end = endings[round % endings.length] as End;
    const isStep = (steps as readonly string[]).includes(end);
    // the shape of the model changes once: code never goes back behind that
    const code: Code = changes
      ? { variant: random.oneOf(variants), schema: round > rounds / 2 ? 1 : 0 }
      : { variant: 'first', schema: 0 };
    const after = random.between(1, 40);
    const program = await startServer(place, code, isStep ? { at: end as Step, after } : undefined);
    if (!isStep) {
      await pause(random.between(100, 600));
      program.process.kill(end === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM');
      if (end === 'SIGTERM twice') program.process.kill('SIGTERM');
    }
    const { code: exit, signal, stdout, stderr } = await program.ended;
    const name = `${code.variant} ${code.schema}: ${end}`;
    if (isStep || end === 'SIGKILL' ? signal !== 'SIGKILL' : exit !== 0 && exit !== 143) {
      errors.push(`${name} ended with ${exit ?? signal}: ${stderr.slice(-500)}`);
    }
    for (const line of stdout.split('\n')) if (line.startsWith('{')) errors.push(`${name}: ${line.slice(0, 500)}`);
    ends[end] = (ends[end] ?? 0) + 1;
    onProgress?.(round + 1, name);
  }
  const program = await startServer(place, { variant: 'first', schema: changes ? 1 : 0 });
  acting.abort();
  await Promise.all(actors);
  if (!(await until(() => clients.every(({ isQuiet }) => isQuiet), settleMs))) {
    errors.push('not everybody has heard what became of its events');
  }
  await pause(300);
  // a try whose process was killed counts as lost when its time is over
  for (let wait = 0; wait < tasksMs && (await tasksIn(location, postgres !== undefined)) > 0; wait += 250) {
    await pause(250);
  }
  let trees = 0;
  const differing: string[] = [];
  for (const client of clients) {
    for (const island of client.islands) {
      if (await client.isTrue(island)) continue;
      trees++;
      differing.push(`differs: ${island.sender}`);
    }
  }
  const texts = new Set(clients.map(({ islands: [{ tree }] }) => tree.toText()));
  if (texts.size > 1) {
    trees += texts.size - 1;
    differing.push(`differs: ${texts.size} trees of one island`);
  }
  for (const client of clients) await client.end();
  program.process.kill('SIGTERM');
  const { stdout } = await program.ended;
  for (const line of stdout.split('\n')) if (line.startsWith('{')) errors.push(line.slice(0, 500));
  errors.push(...clients.flatMap(({ faults }) => faults));

  const boards = await boardsIn(location, postgres !== undefined);
  const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const counts = countOf({ clients, boards, runs: linesOf(runs), calls: linesOf(calls) });
  return {
    ...counts,
    ends,
    trees,
    errors: errors.length,
    details: [...counts.details, ...differing, ...errors.map((error) => `error: ${error}`)],
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

/** How many tasks have yet to be done. */
async function tasksIn(location: string, isPostgres: boolean): Promise<number> {
  const boards = await boardsIn(location, isPostgres);
  return boards.reduce((sum, { tasks }) => sum + Object.keys(tasks).length, 0);
}

/** What is kept of all islands, as code of the newest schema reads it. */
async function boardsIn(location: string, isPostgres: boolean): Promise<Board[]> {
  const reader = component({
    init: () => [0, effect.none],
    update: () => [0, effect.none],
    view: () => html``,
    schema: 1,
    migrate: (old) => old as never,
  });
  const store = isPostgres ? await postgresStore(location) : sqliteStore(location);
  const boards: Board[] = [];
  for (const { key } of await store.list(0, 1_000)) {
    const saved = await store.load(key);
    if (!saved) continue;
    const { snapshot } = readSaved(key, saved, reader, Date.now());
    boards.push((snapshot as unknown as { readonly context: Board }).context);
  }
  await store.close();
  return boards;
}
