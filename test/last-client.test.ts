// Clients' numbers are known after a crash, whichever of them acted last: by their rows, and by what the rendering says.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClientNumber, LastClient, type LastNumber } from '../server/actors/last-client.ts';
import { rememberMs } from '../shared/wire/remembered.ts';

const names = ['ann', 'ben', 'cat'] as const;
const hourMs = 3_600_000;

type Act =
  | { readonly kind: 'turn'; readonly clients: readonly string[] }
  | { readonly kind: 'leave'; readonly client: string }
  | { readonly kind: 'wait'; readonly hours: number }
  // the machine sleeps: one of its clocks stands still
  | { readonly kind: 'sleep' }
  | { readonly kind: 'set back' }
  | { readonly kind: 'crash' };

/** What happens, where clocks go wrong in one way. */
const acts = (wrong: 'sleep' | 'set back'): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('turn'), clients: fc.subarray([...names], { minLength: 1 }) }),
    },
    // one person at it for a while
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('turn'), clients: fc.constant(['ann']) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), client: fc.constantFrom(...names) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait'), hours: fc.constantFrom(1, 23) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant(wrong) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash') }) },
  );

/** A store, an actor that writes to it, and what must be known. */
class History {
  private readonly rows = new Map<string, { readonly event: number; readonly endsAt: number }>();
  private readonly expected = new Map<string, { readonly event: number; readonly at: number }>();
  private rendering: LastNumber | undefined;
  private actor = new LastClient(undefined);
  /** By the store's clock, and how far those of the actor are behind it. */
  private now = 1_000 * hourMs;
  private sleptMs = 0;
  private setBackMs = 0;
  /** Rows that were written. */
  written = 0;

  do(step: Act): void {
    if (step.kind === 'turn') this.turn(step.clients);
    else if (step.kind === 'wait') this.now += step.hours * hourMs;
    else if (step.kind === 'set back') this.setBackMs += 2 * hourMs;
    else if (step.kind === 'sleep') {
      this.now += 2 * hourMs;
      this.sleptMs += 2 * hourMs;
    } else if (step.kind === 'crash') this.actor = new LastClient(this.isRendered() ? this.rendering : undefined);
    else {
      this.actor.forget(step.client);
      this.rows.delete(step.client);
      this.expected.delete(step.client);
    }
    for (const [name, { event, at }] of this.expected) {
      if (this.now - at < rememberMs) expect([name, this.known(name)]).toEqual([name, event]);
    }
    for (const name of names) if (!this.expected.has(name)) expect([name, this.known(name)]).toEqual([name, undefined]);
  }

  private turn(clients: readonly string[]): void {
    const numbers: ClientNumber[] = clients.map((client) => {
      const event = (this.expected.get(client)?.event ?? 0) + 1;
      this.expected.set(client, { event, at: this.now });
      return { client, event, account: 'all' };
    });
    const rows = this.actor.settle(numbers, {
      now: this.now - this.sleptMs,
      timeOfDay: this.now - this.setBackMs,
    });
    // a statement of PostgreSQL can write a row once
    expect(new Set(rows.map(({ client }) => client)).size).toBe(rows.length);
    for (const { client, event, endsInMs } of rows) this.rows.set(client, { event, endsAt: this.now + endsInMs });
    this.written += rows.length;
    this.rendering = this.actor.number;
  }

  /** As `Keeper` reads it. */
  private known(name: string): number | undefined {
    const row = this.rows.get(name);
    if (row === undefined || row.endsAt <= this.now) return undefined;
    return this.rendering?.[0] === name ? this.rendering[1] : row.event;
  }

  private isRendered(): boolean {
    return this.rendering !== undefined && this.known(this.rendering[0]) !== undefined;
  }
}

test.each([
  ['put to sleep', 'sleep'],
  ['set back', 'set back'],
] as const)(
  'a client’s last event is known for a day, and nothing of one who has left, also after clocks were %s',
  (_, wrong) => {
    fc.assert(
      fc.property(fc.array(acts(wrong), { maxLength: 30, size: 'max' }), (steps) => {
        const history = new History();
        for (const step of steps) history.do(step);
      }),
      { numRuns: 1_000 },
    );
  },
);

test('one person’s events write one row in an hour and a half, and two who take turns one each', () => {
  const alone = new History();
  for (let event = 0; event < 1_000; event++) alone.do({ kind: 'turn', clients: ['ann'] });
  expect(alone.written).toBe(1);
  for (let hours = 0; hours < 6; hours++) {
    alone.do({ kind: 'wait', hours: 1 });
    alone.do({ kind: 'turn', clients: ['ann'] });
  }
  expect(alone.written).toBe(4);
  const both = new History();
  for (let event = 0; event < 100; event++) both.do({ kind: 'turn', clients: [event % 2 === 0 ? 'ann' : 'ben'] });
  expect(both.written).toBe(100);
});
