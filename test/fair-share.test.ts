// A client that keeps the server busy is read less, for as long as others are there: as values, and over real sockets
// from two addresses, where time passes only while the server works.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairShare } from '../server/limits/fair-share.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer } from './support/server.ts';

describe('of the server’s time', () => {
  const work = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 50, maxLength: 300 });

  test('a client takes a quarter while another is there, besides a quarter of a second at once', () => {
    fc.assert(
      fc.property(work, (frames) => {
        const clock = new ManualClock();
        const shares = new FairShare(clock);
        let taken = 0;
        for (const ms of frames) {
          shares.note('honest', 0);
          clock.pass(ms);
          taken += ms;
          clock.pass(shares.note('busy', ms));
        }
        const elapsed = clock.now() - 1_000;
        expect(taken).toBeLessThanOrEqual(250 + elapsed / 4 + 40);
        // and it is held no longer than that takes
        expect(elapsed).toBeLessThanOrEqual(Math.max(taken, 4 * taken));
      }),
    );
  });

  test('a client that is alone takes all', () => {
    fc.assert(
      fc.property(work, (frames) => {
        const clock = new ManualClock();
        const shares = new FairShare(clock);
        for (const ms of frames) {
          clock.pass(ms);
          expect(shares.note('busy', ms)).toBe(0);
        }
      }),
    );
  });

  test('who takes little is never held for what another takes', () => {
    const clock = new ManualClock();
    const shares = new FairShare(clock);
    for (let round = 0; round < 1_000; round++) {
      clock.pass(50);
      shares.note('busy', 45);
      expect(shares.note('honest', 5)).toBe(0);
    }
  });

  test('who has paid is as any other, and forgotten', () => {
    const clock = new ManualClock();
    const shares = new FairShare(clock);
    for (let client = 0; client < 50_000; client++) {
      clock.pass(1);
      shares.note(`client ${client}`, 1);
    }
    expect(shares.size).toBeLessThanOrEqual(2_000);
  });
});

test('a client whose frames keep the server busy waits, and its neighbour is answered; then it is answered too', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const authorize = (_: unknown, route: string): boolean => {
    if (route === '/ws/busy') {
      asked++;
      clock.pass(100);
    }
    return true;
  };
  await using server = await startServer(
    (app) => {
      app.islet.route('/ws/busy', counter);
      app.islet.route('/ws/own', counter);
    },
    { clock, authorize },
  );
  const from = async (localAddress: string) => {
    const page = await server.open('/islet', { localAddress }).opened();
    await page.hello();
    return page;
  };
  const [busy, honest] = [await from('127.0.0.1'), await from('127.0.0.2')];
  await honest.join('/ws/own');
  const join = (channel: number) =>
    ({ kind: 'join', channel, route: '/ws/busy', attributes: {}, settled: 0, have: undefined }) as const;
  // what has come already is handled, so they come one by one
  for (let channel = 1; channel <= 4; channel++) {
    busy.send(join(channel));
    await busy.next('mount', channel);
  }
  for (let channel = 5; channel <= 7; channel++) busy.send(join(channel));
  for (let clicks = 0; clicks < 20; clicks++) {
    honest.click();
    await honest.until(() => honest.slots()[1] === clicks + 1);
  }
  expect(asked).toBe(4);
  expect(clock.waits).toContain(300);
  for (let channel = 5; channel <= 7; channel++) {
    await clock.advance(2_000);
    await busy.next('mount', channel);
  }
  expect(asked).toBe(7);
});
