// Two servers on one SQLite file, or on one PostgreSQL without a bus: each warns, when that lasts longer than a deploy.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { type DatabaseLocation, fileIn, postgresAt } from '../server/anime/data/location.ts';
import { beatMs } from '../server/anime/second-server.ts';
import { createMemoryHub } from '../server/cluster/memory.ts';
import type { Bus } from '../server/index.ts';
import { ManualClock } from './support/clock.ts';
import { postgresReason, startPostgres } from './support/postgres.ts';

let folder: string;
let apps: FastifyInstance[];

beforeEach(async () => {
  apps = [];
  folder = await mkdtemp(join(tmpdir(), 'islet-second-'));
});

afterEach(async () => {
  for (const app of apps) await app.close();
  await rm(folder, { recursive: true, force: true });
});

class Server {
  readonly clock = new ManualClock();
  readonly lines: string[] = [];
  app!: FastifyInstance;

  async start(location: DatabaseLocation = fileIn(folder), bus?: Bus): Promise<this> {
    const logger = { level: 'warn', stream: { write: (line: string) => void this.lines.push(JSON.parse(line).msg) } };
    const database = await openDatabase(location);
    this.app = await createApp({ database, logger, clock: this.clock, ...(bus && { islet: { bus } }) });
    apps.push(this.app);
    await this.app.ready();
    if (bus === undefined) await this.hasBeaten();
    return this;
  }

  /** Looks once more, as it does after some time. */
  async beat(): Promise<void> {
    await this.clock.advance(beatMs);
    await this.hasBeaten();
  }

  private async hasBeaten(): Promise<void> {
    await expect.poll(() => this.clock.waits).toEqual([beatMs]);
  }
}

const warning = expect.stringContaining('Another server runs on the same SQLite file');

test('is said once by each, when the other is still there after half a minute', async () => {
  const [first, second] = [await new Server().start(), await new Server().start()];
  for (let beats = 1; beats <= 2; beats++) for (const server of [first, second]) await server.beat();
  expect([...first.lines, ...second.lines]).toEqual([]);
  for (let beats = 1; beats <= 5; beats++) for (const server of [first, second]) await server.beat();
  expect([first.lines, second.lines]).toEqual([[warning], [warning]]);
});

test('is not said of one that follows another, nor of one alone, and leaves nothing behind', async () => {
  const first = await new Server().start();
  for (let beats = 1; beats <= 5; beats++) await first.beat();
  const second = await new Server().start();
  await first.beat();
  await second.beat();
  await first.app.close();
  for (let beats = 1; beats <= 5; beats++) await second.beat();
  await second.app.close();
  expect([...first.lines, ...second.lines]).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.endsWith('.server'))).toEqual([]);
});

test('is not said after a server was killed: its name stays, and is the first thing that is overwritten', async () => {
  await writeFile(`${fileIn(folder).name}.server`, 'a server that was killed');
  const next = await new Server().start();
  for (let beats = 1; beats <= 5; beats++) await next.beat();
  expect(next.lines).toEqual([]);
});

if (postgresReason !== undefined) console.warn(`PostgreSQL is not tested: ${postgresReason}`);
describe.runIf(postgresReason === undefined)('on one PostgreSQL', () => {
  test('is said where there is no bus, and not where there is one', { timeout: 60_000 }, async () => {
    await using postgres = await startPostgres();
    const location = postgresAt(await postgres.createDatabase());
    const alone = [await new Server().start(location), await new Server().start(location)];
    for (let beats = 1; beats <= 5; beats++) for (const server of alone) await server.beat();
    const text = expect.stringContaining('there is no bus between them');
    expect(alone.map(({ lines }) => lines)).toEqual([[text], [text]]);
    for (const { app } of alone) await app.close();

    const hub = createMemoryHub();
    const together = [
      await new Server().start(location, hub.connect()),
      await new Server().start(location, hub.connect()),
    ];
    for (let beats = 1; beats <= 5; beats++) for (const { clock } of together) await clock.advance(beatMs);
    expect(together.map(({ lines }) => lines)).toEqual([[], []]);
    for (const { app } of [...together]) await app.close();
    apps.length = 0;
  });
});
