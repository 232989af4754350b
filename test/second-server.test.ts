// Two servers on one SQLite file: each warns, when that lasts longer than a deploy.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { fileIn } from '../server/anime/data/location.ts';
import { beatMs } from '../server/anime/second-server.ts';
import { ManualClock } from './support/clock.ts';

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

  async start(): Promise<this> {
    const logger = { level: 'warn', stream: { write: (line: string) => void this.lines.push(JSON.parse(line).msg) } };
    this.app = await createApp({ database: await openDatabase(fileIn(folder)), logger, clock: this.clock });
    apps.push(this.app);
    await this.app.ready();
    await this.hasBeaten();
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
