// A law of timers: whatever is kept of a turn has each timer that was asked for, or its message in the model. So a
// process may end behind any commit: nothing that was due is lost, and nothing comes twice.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listTimers, startTimers } from '../server/actors/durable-timers.ts';
import { component, type Effect, effect, html } from '../shared/index.ts';
import type { Gate } from '../shared/runtime/place.ts';
import { ManualClock } from './support/clock.ts';
import { startRuntime } from './support/runtime.ts';

interface Timer {
  readonly id: number;
  readonly kind: 'after' | 'every';
  readonly ms: number;
  readonly name: string | undefined;
}

type Message =
  | { readonly type: 'Asked'; readonly timer: Timer; readonly throwing: 'update' | 'view' | undefined }
  | { readonly type: 'Cancelled'; readonly name: string; readonly throwing: 'update' | 'view' | undefined }
  | { readonly type: 'Told'; readonly timer: Timer };

interface Model {
  /** What was asked for, has not come (for good), and was not replaced. */
  readonly open: readonly Timer[];
  /** What came though it was not awaited. */
  readonly doubled: readonly number[];
  readonly isBroken: boolean;
}

const names = ['a', 'b'];

const keeper = component<Model, Message>({
  init: () => [{ open: [], doubled: [], isBroken: false }, effect.none],
  update({ open, doubled, isBroken }, message): [Model, Effect<Message>] {
    if (message.type === 'Told') {
      const { timer } = message;
      const isOpen = open.some(({ id }) => id === timer.id);
      const rest = timer.kind === 'after' ? open.filter(({ id }) => id !== timer.id) : open;
      return [{ open: rest, doubled: isOpen ? doubled : [...doubled, timer.id], isBroken }, effect.none];
    }
    if (message.throwing === 'update') throw new Error('update');
    const broken = isBroken || message.throwing === 'view';
    const name = message.type === 'Asked' ? message.timer.name : message.name;
    const others = open.filter((timer) => name === undefined || timer.name !== name);
    if (message.type === 'Cancelled') return [{ open: others, doubled, isBroken: broken }, effect.cancel(message.name)];
    const { timer } = message;
    const wanted: Effect<Message> = effect[timer.kind](timer.ms, { type: 'Told', timer });
    return [
      { open: [...others, timer], doubled, isBroken: broken },
      name === undefined ? wanted : effect.latest(name, wanted),
    ];
  },
  view({ open, doubled, isBroken }) {
    if (isBroken) throw new Error('view');
    return html`<p title=${open.map(({ id }) => id).join(' ')}>${doubled.length}</p>`;
  },
});

type Step =
  | { readonly do: 'ask'; readonly timer: Omit<Timer, 'id'>; readonly throwing: 'update' | 'view' | undefined }
  | { readonly do: 'cancel'; readonly name: string; readonly throwing: 'update' | 'view' | undefined }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'end turn' | 'commit' | 'fail' };

const throwing = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('update' as const, 'view' as const) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      timer: fc.record({
        kind: fc.constantFrom('after' as const, 'after' as const, 'every' as const),
        ms: fc.constantFrom(5, 10, 20, 40),
        name: fc.constantFrom(undefined, ...names),
      }),
      throwing,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), name: fc.constantFrom(...names), throwing }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5, 10, 30) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'end turn' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'fail' as const }) },
);

/** Keeps turns as a server does, and compares the timers of each with the model that is kept with them. */
class LawfulGate implements Gate {
  readonly isRestored = false;
  private readonly clock: ManualClock;
  private names: Parameters<Gate['begin']>[0] | undefined;
  private held: (() => void) | undefined;
  modelOf: () => Model = () => ({ open: [], doubled: [], isBroken: false });
  kept = 0;

  explain(error: unknown): unknown {
    return error;
  }

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  begin(used: Parameters<Gate['begin']>[0]): void {
    this.names = used;
  }

  keep(turn: Parameters<Gate['keep']>[0], onKept: () => void): boolean {
    if (!this.names) return false;
    startTimers(this.names, turn);
    const listed = listTimers(this.names.timers, this.clock.now()).map(
      ({ output }) => (output.message as Message & { readonly timer: Timer }).timer.id,
    );
    const { open, doubled } = this.modelOf();
    expect(listed.sort(byNumber)).toEqual(open.map(({ id }) => id).sort(byNumber));
    expect(doubled).toEqual([]);
    this.kept++;
    this.held = onKept;
    return true;
  }

  commit(): void {
    const { held } = this;
    this.held = undefined;
    held?.();
  }
}

test('whatever is kept of a turn has each timer, or its message in the model', async () => {
  let commits = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const clock = new ManualClock();
      const gate = new LawfulGate(clock);
      const { runtime, place, faults } = startRuntime(keeper, { clock, gate });
      gate.modelOf = () => runtime.logic.modelOf(runtime.snapshot) as Model;
      gate.commit();
      // turns end when a step says so: what comes in between meets what was asked for and has not begun
      place.wait = 1_000_000;
      let ids = 0;
      for (const each of steps) {
        if (each.do === 'ask') {
          const timer = { ...each.timer, id: ++ids };
          runtime.dispatch({ type: 'Asked', timer, throwing: each.throwing } as Message);
        } else if (each.do === 'cancel') {
          runtime.dispatch({ type: 'Cancelled', name: each.name, throwing: each.throwing } as Message);
        } else if (each.do === 'pass') await clock.advance(each.ms);
        else if (each.do === 'end turn') runtime.flush();
        else if (each.do === 'commit') gate.commit();
        else if (runtime.isRunning) runtime.fail(new Error('asked for'));
      }
      for (let turn = 0; turn < 20; turn++) {
        await clock.advance(5_000);
        runtime.flush();
        gate.commit();
      }
      expect(faults).toEqual([]);
      expect(runtime.isRunning).toBe(true);
      // in the end all that comes once has come
      expect((runtime.logic.modelOf(runtime.snapshot) as Model).open.filter(({ kind }) => kind === 'after')).toEqual(
        [],
      );
      commits += gate.kept;
      runtime.stop();
    }),
    {
      numRuns: 60,
      examples: [
        // a run under a name starts late, since a message that is refused later has asked for the same name
        [[ask('b'), { do: 'end turn' }, ask('b', 'view'), { do: 'end turn' }]],
        // a timer is due before the turn that started it is kept
        [[ask('b')]],
      ],
    },
  );
  expect(commits).toBeGreaterThan(60);
});

function ask(name: string, throwing?: 'view'): Step {
  return { do: 'ask', timer: { kind: 'after', ms: 5, name }, throwing };
}

function byNumber(one: number, other: number): number {
  return one - other;
}
