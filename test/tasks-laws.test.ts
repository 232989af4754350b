// The law of durable tasks: whatever ends in between, and however often, each task that was stored has one result in
// the end, or is dead; its function is called with one key; and what was not stored is not done.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryStore } from '../server/index.ts';
import { type Call, type Errand, keptTasks, type Process, startProcess } from './support/errands.ts';

type Step =
  | { readonly do: 'ask'; readonly throwing: Errand['throwing'] }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'crash' | 'stop' | 'answer' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      throwing: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('update' as const, 'view' as const, 'result' as const, 'run' as const),
        },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 1_000, 40_000) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'answer' as const }) },
  { weight: 2, arbitrary: fc.constantFrom({ do: 'crash' as const }, { do: 'stop' as const }) },
);

test('each task that was stored has one result or is dead, whatever ends in between', {
  timeout: 120_000,
}, async () => {
  let [lives, calls] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 25 }),
      fc.infiniteStream(fc.boolean()),
      async (steps, luck) => {
        const store = memoryStore();
        const all: Call[] = [];
        let waiting: (() => void)[] = [];
        const start = (): Promise<Process> => {
          lives++;
          waiting = [];
          return startProcess(store, {
            task: { maxTries: 4, timeoutMs: 5_000 },
            work(call) {
              all.push(call);
              const isLucky = luck.next().value;
              return new Promise((resolve, reject) => {
                waiting.push(() => (isLucky ? resolve({ did: call.args.id }) : reject(new Error('no luck'))));
              });
            },
          });
        };
        let process = await start();
        let ids = 0;
        for (const each of steps) {
          if (each.do === 'ask') {
            process.ask({ id: ++ids, ...(each.throwing && { throwing: each.throwing }) });
            await process.page.handled();
          } else if (each.do === 'pass') await process.clock.advance(each.ms);
          else if (each.do === 'answer') {
            for (const answer of waiting.splice(0)) answer();
            await process.page.handled();
          } else {
            await (each.do === 'crash' ? process.crash() : process.stop());
            process = await start();
          }
        }
        // in the end all is answered that is asked
        for (let round = 0; round < 40; round++) {
          for (const answer of waiting.splice(0)) answer();
          await process.page.handled();
          await process.clock.advance(20_000);
        }
        await process.page.handled();
        const { results, dead } = process.model;
        await process.stop();
        const ended = [...results.map(([id]) => id), ...dead.map(([id]) => id)];
        expect(new Set(ended).size).toBe(ended.length);
        // what asks for a restart asks for no task
        const called = new Set(all.map(({ args }) => args.id));
        expect(ended.sort(byNumber)).toEqual([...called].sort(byNumber));
        for (const [id, result] of results) expect(result).toEqual({ did: id });
        for (const id of called) {
          const tries = all.filter(({ args }) => args.id === id).map(({ context }) => context);
          expect(new Set(tries.map(({ key }) => key)).size).toBe(1);
          expect(Math.max(...tries.map(({ attempt }) => attempt))).toBeLessThanOrEqual(4);
        }
        const kept = await keptTasks(store);
        expect(kept.every(({ state }) => state === 'dead')).toBe(true);
        expect(kept).toHaveLength(dead.length);
        calls += all.length;
      },
    ),
    { numRuns: 15 },
  );
  expect(lives).toBeGreaterThan(15);
  expect(calls).toBeGreaterThan(15);
});

function byNumber(one: number, other: number): number {
  return one - other;
}
