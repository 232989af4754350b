// The rules of supervision, one test each: actors that fail are started again after waits that double, given up for a
// while after too many failures, and stopped from the root down.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, fromCallback, fromPromise, setup } from 'xstate';
import { compile } from '../server/html-parser.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Child } from '../shared/runtime/charges.ts';
import { afterFailure, type Decision } from '../shared/runtime/restart-policy.ts';
import { Runtime } from '../shared/runtime/runtime.ts';
import { createXStateActor, Supervisor } from '../shared/runtime/supervisor.ts';
import { ManualClock, settled } from './support/clock.ts';
import { RecordingPlace, startRuntime } from './support/runtime.ts';

const restart = { maxFailures: 3, windowMs: 10_000, backoffMs: 100 };

/** A child whose actor does nothing but live; it fails when it is told to. */
class TestChild implements Child {
  readonly id: string;
  readonly log: string[] = [];
  readonly decisions: Decision[] = [];
  /** What spawning it does first. */
  onSpawn: () => void = () => {};
  logic = fromCallback(() => () => {
    this.log.push('ended');
  });

  constructor(id: string) {
    this.id = id;
  }

  spawn(parent: AnyActorRef): AnyActorRef {
    this.log.push('spawned');
    this.onSpawn();
    return createActor(this.logic, { parent, id: this.id }).start();
  }

  onFailed(error: unknown, decision: Decision): void {
    this.log.push(`failed: ${(error as Error).message}`);
    this.decisions.push(decision);
  }

  onRestarted(): void {
    this.log.push('restarted');
  }

  onStopped(): void {
    this.log.push('stopped');
  }
}

function createRoot(): { root: ReturnType<typeof Supervisor.createRoot>; clock: ManualClock; faults: unknown[] } {
  const clock = new ManualClock();
  const faults: unknown[] = [];
  const root = Supervisor.createRoot('root', { clock, restart, onFault: (error) => faults.push(error) });
  return { root, clock, faults };
}

const problem = new Error('meant to fail');

describe('a child that fails', () => {
  test('is stopped, and spawned again after a wait', async () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    root.fail(child, problem);
    expect(child.log).toEqual(['spawned', 'ended', 'failed: meant to fail']);
    await clock.advance(99);
    expect(child.log).toHaveLength(3);
    await clock.advance(1);
    expect(child.log.slice(3)).toEqual(['spawned', 'restarted']);
  });

  test('again waits twice as long each time', async () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    const waits: number[][] = [];
    for (const ms of [100, 200, 400]) {
      root.fail(child, problem);
      waits.push(clock.waits);
      await clock.advance(ms);
      expect(child.log.at(-1)).toBe('restarted');
    }
    expect(waits).toEqual([[100], [200], [400]]);
  });

  test('after the window has passed waits as if it had never failed before', async () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    root.fail(child, problem);
    await clock.advance(100);
    root.fail(child, problem);
    expect(clock.waits).toEqual([200]);
    await clock.advance(200 + restart.windowMs);
    root.fail(child, problem);
    expect(clock.waits).toEqual([100]);
  });

  test('more often than the bound is given up: it is not tried until the window has passed, and then comes back', async () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    for (let count = 0; count < restart.maxFailures; count++) {
      root.fail(child, problem);
      await clock.advance(1_000);
    }
    root.fail(child, problem);
    expect(child.decisions.map(({ kind }) => kind)).toEqual(['restart', 'restart', 'restart', 'give up']);
    const { length } = child.log;
    await clock.advance(restart.windowMs - 1);
    expect(child.log).toHaveLength(length);
    await clock.advance(1);
    expect(child.log.slice(length)).toEqual(['spawned', 'restarted']);
    root.fail(child, problem);
    expect(child.decisions.at(-1)?.kind).toBe('restart');
  });

  test('when it is spawned is tried again like any other', async () => {
    let isBroken = true;
    const test = startRuntime(
      component<number, never, undefined>({
        init: () => {
          if (isBroken) throw problem;
          return [7, effect.none];
        },
        update: (model) => [model, effect.none],
        view: (model) => html`<p>${model}</p>`,
      }),
    );
    expect(test.place.failures).toEqual([problem]);
    await test.clock.advance(100);
    expect(test.place.failures).toEqual([problem, problem]);
    expect(test.place.restarts).toBe(0);
    isBroken = false;
    await test.clock.advance(200);
    expect(test.html).toBe('<p>7</p>');
    expect(test.place.restarts).toBe(1);
  });

  test('at once when it is spawned again has not restarted', async () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    root.fail(child, new Error('first'));
    child.logic = fromCallback(() => {
      throw new Error('second');
    });
    await clock.advance(100);
    expect(child.log.slice(3)).toEqual(['spawned', 'failed: second']);
    expect(clock.waits).toEqual([200]);
  });

  test('twice at once has failed once', () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    root.fail(child, problem);
    root.fail(child, problem);
    expect(child.decisions).toHaveLength(1);
    expect(clock.waits).toEqual([100]);
  });

  test('does not touch its siblings', async () => {
    const { root, clock } = createRoot();
    const [child, sibling] = [new TestChild('child'), new TestChild('sibling')];
    root.add(child);
    root.add(sibling);
    root.fail(child, problem);
    await clock.advance(100);
    root.fail(child, problem);
    expect(sibling.log).toEqual(['spawned']);
    root.fail(sibling, problem);
    expect(clock.waits).toEqual([100, 200]);
  });
});

describe('a child that was released', () => {
  test('is stopped, and does not start again, whether it runs or waits for its restart', async () => {
    const { root, clock } = createRoot();
    const [running, waiting] = [new TestChild('running'), new TestChild('waiting')];
    root.add(running);
    root.add(waiting);
    root.fail(waiting, problem);
    root.release(running);
    root.release(waiting);
    expect(clock.waits).toEqual([]);
    root.fail(running, problem);
    await clock.advance(restart.windowMs);
    expect(running.log).toEqual(['spawned', 'ended']);
    expect(waiting.log).toEqual(['spawned', 'ended', 'failed: meant to fail']);
  });

  test('and is added again has failed never before', () => {
    const { root, clock } = createRoot();
    const child = new TestChild('child');
    root.add(child);
    root.fail(child, problem);
    root.release(child);
    root.add(child);
    root.fail(child, problem);
    expect(clock.waits).toEqual([100]);
  });

  test('while another of its name has taken its place leaves that alone', async () => {
    const { root, clock } = createRoot();
    const [old, young] = [new TestChild('child'), new TestChild('child')];
    root.add(old);
    root.add(young);
    root.release(old);
    root.fail(old, problem);
    expect(old.log).toEqual(['spawned', 'ended']);
    root.fail(young, problem);
    await clock.advance(100);
    expect(young.log.at(-1)).toBe('restarted');
  });
});

describe('what XState reports', () => {
  const machine = (load: () => Promise<string>) =>
    setup({
      actors: { load: fromPromise(load) },
      actions: {
        break: () => {
          throw problem;
        },
      },
    }).createMachine({
      initial: 'idle',
      on: { Broke: { actions: 'break' } },
      states: { idle: { on: { Loaded: 'loading' } }, loading: { invoke: { src: 'load', onDone: 'idle' } } },
    });
  const shown = (load: () => Promise<string>): unknown =>
    component({ machine: machine(load), view: ({ value }) => html`<p>${value as string}</p>` });

  test('an error within a transition is a failure, and the actor is started again', async () => {
    const { runtime, place, clock, next } = startRuntime(shown(async () => 'data'));
    runtime.dispatch({ type: 'Broke' });
    next();
    expect(place.failures).toEqual([problem]);
    expect(clock.waits).toEqual([100]);
    await clock.advance(100);
    expect([place.restarts, runtime.isRunning]).toEqual([1, true]);
  });

  test('an error of an actor that a machine invokes is a failure, and the machine is started again', async () => {
    const load = Promise.withResolvers<string>();
    const { runtime, place, clock, next } = startRuntime(shown(() => load.promise));
    runtime.dispatch({ type: 'Loaded' });
    next();
    load.reject(problem);
    await settled();
    expect(place.failures).toEqual([problem]);
    expect(place.decisions).toMatchObject([{ kind: 'restart', waitMs: 100 }]);
    await clock.advance(100);
    expect(place.restarts).toBe(1);
  });
});

describe('a stop', () => {
  test('goes down the tree: supervisors, their actors, and what these run and wait for', async () => {
    const { root, clock, faults } = createRoot();
    const signals: AbortSignal[] = [];
    const definition = component<number, { type: 'Asked' }, undefined>({
      init: () => [
        0,
        effect.batch<{ type: 'Asked' }>([
          effect.from((_, { signal }) => void signals.push(signal as AbortSignal)),
          effect.from(() => {}),
          effect.every(50, { type: 'Asked' }),
        ]),
      ],
      update: (model) => [model, effect.from((_, context) => context.fail(problem))],
      view: (model) => html`<p>${model}</p>`,
    });
    const supervisors = ['/a', '/b'].map((path) => new Supervisor(path, { clock, restart, onFault: fail }));
    const runtimes = supervisors.flatMap((supervisor) => {
      root.add(supervisor);
      return ['one', 'two'].map((id) => {
        const place: RecordingPlace = new RecordingPlace(() => runtime.rendering);
        const runtime: Runtime = new Runtime({
          id,
          component: definition as unknown as AnyComponent,
          props: undefined,
          compile,
          place,
          supervisor,
          createActor: createXStateActor,
          clock,
        });
        runtime.start();
        runtime.flush();
        return runtime;
      });
    });
    runtimes[0]?.dispatch({ type: 'Asked' });
    runtimes[0]?.flush();
    // three wait for their timers, one for its timer and its restart
    expect(clock.waits).toEqual([50, 50, 50, 50, 100]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false, false]);
    root.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, true]);
    expect(runtimes.map(({ status }) => status)).toEqual(Array(4).fill('stopped'));
    expect(clock.waits).toEqual([]);
    await clock.advance(restart.windowMs);
    expect(signals).toHaveLength(4);
    expect(faults).toEqual([]);
  });

  test('of one supervisor leaves the others', () => {
    const { root, clock } = createRoot();
    const [one, other] = ['/a', '/b'].map((path) => new Supervisor(path, { clock, restart, onFault: fail }));
    const [child, stranger] = [new TestChild('child'), new TestChild('stranger')];
    root.add(one as Supervisor);
    root.add(other as Supervisor);
    one?.add(child);
    other?.add(stranger);
    root.release(one as Supervisor);
    expect(child.log).toEqual(['spawned', 'ended', 'stopped']);
    expect(stranger.log).toEqual(['spawned']);
  });
});

describe('a function of an owner that throws', () => {
  test.each(['onSpawn', 'onFailed', 'onRestarted', 'onStopped'] as const)(
    '(%s) is a fault that is told, and the supervisor goes on',
    async (name) => {
      const { root, clock, faults } = createRoot();
      const [child, sibling] = [new TestChild('child'), new TestChild('sibling')];
      child[name] = () => {
        throw problem;
      };
      root.add(child);
      root.add(sibling);
      root.fail(child, new Error('failed'));
      root.fail(sibling, new Error('failed'));
      await clock.advance(100);
      expect(sibling.log.at(-1)).toBe('restarted');
      root.stop();
      expect(sibling.log.at(-1)).toBe('stopped');
      expect(faults).toContain(problem);
    },
  );
});

test('the policy is a pure function of the times of failures', () => {
  const options = { maxFailures: 2, windowMs: 100, backoffMs: 10 };
  expect(afterFailure([], 0, options)).toEqual({ kind: 'restart', waitMs: 10, failures: [0] });
  expect(afterFailure([0], 99, options)).toEqual({ kind: 'restart', waitMs: 20, failures: [0, 99] });
  expect(afterFailure([0], 100, options)).toEqual({ kind: 'restart', waitMs: 10, failures: [100] });
  expect(afterFailure([0, 1], 2, options)).toEqual({ kind: 'give up', waitMs: 100, failures: [0, 1, 2] });
});

function fail(error: unknown): never {
  throw error;
}
