// What /healthz promises those who watch a server: 200 while it can do its work, 503 when it cannot, and either soon.

import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { fileIn, inMemory, postgresAt } from '../server/anime/data/location.ts';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { ManualClock } from './support/clock.ts';
import { describeDatabases } from './support/databases.ts';
import { postgresReason, startPostgres } from './support/postgres.ts';

describeDatabases((place) => {
  test('a server whose database answers is well', async () => {
    await using app = await createApp({ database: await place.open() });
    const { statusCode, headers, body } = await app.inject('/healthz');
    expect([statusCode, JSON.parse(body)]).toEqual([200, { status: 'ok' }]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('a server whose database is gone is not', async () => {
    const database = await place.open();
    await using app = await createApp({ database });
    await app.ready();
    await database.close();
    const answers = await Promise.all(['/healthz', '/healthz'].map((url) => app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503]);
    expect(answers[0]?.json()).toEqual({ status: 'the database does not answer' });
  });
});

test('a server whose file was removed, or replaced by another, says so, and acknowledges no vote until it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-health-'));
  const location = fileIn(folder);
  const lines: string[] = [];
  const logger = { level: 'error', stream: { write: (line: string) => lines.push(line) } };
  await using app = await createApp({ database: await openDatabase(location), logger });
  const vote = () => app.inject({ method: 'PUT', url: '/api/anime/1/rating', payload: { score: 7 } });
  const statuses = async () => [(await app.inject('/healthz')).statusCode, (await vote()).statusCode];
  expect(await statuses()).toEqual([200, 200]);

  const elsewhere = join(folder, 'elsewhere.db');
  await rename(location.name, elsewhere);
  expect(await statuses()).toEqual([503, 503]);
  expect((await app.inject('/healthz')).json()).toEqual({ status: 'the file of the database was removed or replaced' });
  expect(lines.join('')).toContain('the file was removed');

  await copyFile(elsewhere, location.name);
  expect(await statuses()).toEqual([503, 503]);
  expect(lines.join('')).toContain('another file has its name');

  await rename(elsewhere, location.name);
  await expect.poll(statuses).toEqual([200, 200]);
  await rm(folder, { recursive: true });
});

test.runIf(postgresReason === undefined)('a server whose database does not come to answer, says so', async () => {
  await using postgres = await startPostgres();
  const location = postgresAt(await postgres.createDatabase());
  await using app = await createApp({ database: await openDatabase(location) });
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  const other = await openDatabase(location);
  const transaction = await other.tables.startTransaction().execute();
  await sql`lock table settings in access exclusive mode`.execute(transaction);
  const answers = await Promise.all(['/healthz', '/healthz', '/healthz'].map((url) => app.inject(url)));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
  await transaction.rollback().execute();
  await other.close();
  await expect.poll(async () => (await app.inject('/healthz')).statusCode).toBe(200);
});

test('a server that is cut off from the others for two seconds is well, and not ready for people until it is back', async () => {
  const clock = new ManualClock();
  const bus = createMemoryHub().connect();
  await using app = await createApp({ islet: { bus, clock } });
  const statuses = async () => {
    const answers = await Promise.all([app.inject('/healthz'), app.inject('/readyz')]);
    return answers.map(({ statusCode }) => statusCode);
  };
  expect(await statuses()).toEqual([200, 200]);
  bus.cut();
  await clock.advance(1_999);
  expect(await statuses()).toEqual([200, 200]);
  await clock.advance(1);
  expect(await statuses()).toEqual([200, 503]);
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'cut off from the other servers' });
  bus.restore();
  expect(await statuses()).toEqual([200, 200]);
});

test('a server whose database is gone is not ready for people either', async () => {
  const database = await openDatabase(inMemory);
  await using app = await createApp({ database });
  await app.ready();
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  await database.close();
  expect((await app.inject('/readyz')).statusCode).toBe(503);
});
