// Three servers of one app under faults, with a real PostgreSQL and a real nats-server: what `npm run cluster:faults`
// does with more clients and for longer.

import { expect, test } from 'vitest';
import { runFaults } from './cluster/faults.ts';
import { countOf, isGood, toText } from './cluster/report.ts';
import { natsReason } from './support/nats.ts';
import { ownPostgresReason } from './support/postgres.ts';

test.runIf(ownPostgresReason === undefined && natsReason === undefined)(
  'whatever befalls servers, the database and the bus, each event is applied once, or told as refused, and all see one truth',
  async () => {
    const report = await runFaults({ clients: 8, seconds: 1, atLeast: 5, seed: 1, speed: 2 });
    expect(isGood(report), toText(report)).toBe(true);
    // what is promised to be applied at most once may be dropped, and that is told
    expect(report.sent - report.refused - report.applied).toBeLessThanOrEqual(
      countOf(report.loose.dropped) + countOf(report.own.dropped),
    );
    expect(report.refused).toBeGreaterThan(0);
    expect(report.moves).toBeGreaterThan(0);
    expect(report.faults.size).toBeGreaterThan(2);
  },
  240_000,
);
