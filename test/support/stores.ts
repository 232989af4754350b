// What every store promises, as tests to run against each kind: `describeStore(() => () => sqliteSnapshots(file))`.
// Input: a function that makes a place for a store, and gives one that opens the store there again and again.

import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import type { SnapshotStore } from '../../server/index.ts';
import { counter } from './counter.ts';
import { startServer } from './server.ts';

type Opening = () => SnapshotStore | Promise<SnapshotStore>;

export function describeStore(kind: () => Opening | Promise<Opening>): void {
  test('loads what was saved last, under its key alone', async () => {
    const store = await (await kind())();
    expect(await store.load('/a')).toBeUndefined();
    expect(await store.save('/a', '{"count":1}', 1)).toBe(true);
    expect(await store.save('/b', '{"count":5}', 1)).toBe(true);
    expect(await store.save('/a', '{"count":2}', 2)).toBe(true);
    expect(await store.load('/a')).toEqual({ snapshot: '{"count":2}', version: 2 });
    expect(await store.load('/b')).toEqual({ snapshot: '{"count":5}', version: 1 });
    await store.close();
  });

  test('refuses a writer that does not know the newest version, and keeps what is there', async () => {
    const store = await (await kind())();
    await store.save('/a', '"first"', 1);
    await store.save('/a', '"second"', 2);
    for (const version of [0, 1, 2, 4]) expect(await store.save('/a', '"stale"', version)).toBe(false);
    expect(await store.save('/nothing', '"stale"', 2)).toBe(false);
    expect(await store.load('/a')).toEqual({ snapshot: '"second"', version: 2 });
    expect(await store.load('/nothing')).toBeUndefined();
    await store.close();
  });

  test('forgets what is removed, and begins again with version 1', async () => {
    const store = await (await kind())();
    await store.remove('/a');
    await store.save('/a', '"old"', 1);
    await store.remove('/a');
    expect(await store.load('/a')).toBeUndefined();
    expect(await store.save('/a', '"stale"', 2)).toBe(false);
    expect(await store.save('/a', '"new"', 1)).toBe(true);
    await store.close();
  });

  test('removes what is over by a sweep, by its own clock, and nothing that is wanted', async () => {
    const open = await kind();
    const store = await open();
    await store.save('/for-ever', '1', 1);
    await store.save('/over', '2', 1, 20);
    await store.save('/long', '3', 1, 60_000);
    await store.save('/put-off', '4', 1, 20);
    await store.save('/changed', '5', 1, 20);
    await store.save('/unwanted', '6', 1);
    await store.keep('/put-off', 60_000);
    await store.save('/changed', '5', 2, 60_000);
    await store.keep('/unwanted', 20);
    await store.keep('/nothing', 20);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // it is there until it is swept
    expect(await store.load('/over')).toEqual({ snapshot: '2', version: 1 });
    await store.close();
    const again = await open();
    expect(await again.sweep()).toBe(2);
    expect(await again.sweep()).toBe(0);
    for (const key of ['/over', '/unwanted', '/nothing']) expect(await again.load(key)).toBeUndefined();
    for (const key of ['/for-ever', '/long', '/put-off', '/changed']) expect(await again.load(key)).toBeDefined();
    expect(await again.save('/over', '7', 1)).toBe(true);
    await again.save('/long', '3', 2);
    await again.close();
  });

  test('keeps any text under any key', async () => {
    const store = await (await kind())();
    const odd = ['', '\u0000', '🦊', "'); DROP TABLE islet_snapshots; --", '__proto__', 'x'.repeat(100_000)];
    for (const text of odd) expect(await store.save(text, text, 1)).toBe(true);
    for (const text of odd) expect(await store.load(text)).toEqual({ snapshot: text, version: 1 });
    await store.close();
  });

  test('goes on after it was closed and opened again', async () => {
    const open = await kind();
    const store = await open();
    await store.save('/a', '"kept"', 1);
    await store.close();
    const again = await open();
    expect(await again.load('/a')).toEqual({ snapshot: '"kept"', version: 1 });
    expect(await again.save('/a', '"next"', 2)).toBe(true);
    await again.close();
  });

  test('is gone on from by a server that was started again', async () => {
    const open = await kind();
    for (const count of [1, 2, 3]) {
      await using server = await startServer(declare, { store: await open() });
      const page = await server.visit('/ws/rate');
      expect(page.slots()[1]).toBe(count - 1);
      page.click();
      await page.until(() => page.slots()[1] === count);
    }
  });
}

function declare(app: FastifyInstance): void {
  app.islet.route('/ws/rate', counter, { shared: true, persist: true });
}
