// The stream of what happens: what is told, in which order, and that it costs nothing where nobody listens.

import { describe, expect, test } from 'vitest';
import { component, type Effect, effect, html } from '../shared/index.ts';
import { type Happening, Inspector, type Kind } from '../shared/runtime/inspect.ts';
import { ManualClock } from './support/clock.ts';
import { startRuntime } from './support/runtime.ts';

const kinds: readonly Kind[] = [
  'started',
  'message',
  'rendered',
  'patch',
  'refused',
  'failure',
  'run failed',
  'slow',
  'joined',
  'left',
  'closed',
  'stopped',
];

interface Told {
  readonly type: string;
  readonly asks?: Effect<Told>;
}

const problem = new Error('meant to fail');

/** Counts what it is told; an update takes as many milliseconds as the clock is moved by. */
function counter(clock = new ManualClock()) {
  return component<number, Told, undefined>({
    name: 'test-counter',
    init: () => [0, effect.none],
    update(count, { type, asks = effect.none }) {
      if (type === 'Broke') throw problem;
      if (type === 'Dawdled') clock.pass(40);
      return [type === 'Kept' ? count : count + 1, asks];
    },
    view: (count) => html`<p @click=${() => Promise.reject(problem) as never}>${count}</p>`,
  });
}

const failing = effect.from<Told>(() => {
  throw problem;
});
const asking = effect.from<Told>((_, { fail }) => fail(problem));

/** An inspector that counts the events that were made for it. */
class CountingInspector extends Inspector {
  count = 0;

  override tell(happening: Happening): void {
    this.count++;
    super.tell(happening);
  }
}

function watch(heard: readonly Kind[]): { inspector: CountingInspector; told: Happening[]; end: () => void } {
  const inspector = new CountingInspector();
  const told: Happening[] = [];
  return { inspector, told, end: inspector.on(heard, (happening) => void told.push(happening)) };
}

describe('the stream', () => {
  test('tells what happens to an actor, in order', async () => {
    const { inspector, told } = watch(kinds);
    const clock = new ManualClock();
    const { runtime, next } = startRuntime(counter(clock), { inspector, clock, slowTurnMs: 30 });
    const actor = 'actor';
    const name = 'test-counter';
    expect(told.splice(0)).toEqual([
      { kind: 'started', actor, isRestart: false },
      { kind: 'rendered', actor, messages: 0, ms: 0 },
    ]);

    const messages: Told[] = [{ type: 'Counted' }, { type: 'Broke' }, { type: 'Failed', asks: failing }];
    for (const message of messages) runtime.dispatch(message);
    next();
    const [counted, broke, failed] = messages;
    expect(told.splice(0)).toEqual([
      { kind: 'message', actor, message: counted },
      { kind: 'message', actor, message: broke },
      { kind: 'message', actor, message: failed },
      { kind: 'refused', actor, code: 'ISLET_ERR_MESSAGE_REFUSED', message: broke, error: problem },
      { kind: 'rendered', actor, messages: 3, ms: 0 },
      { kind: 'run failed', actor, error: problem, isStray: false },
    ]);

    runtime.dispatch({ type: 'Dawdled' });
    next();
    expect(told.splice(0)).toEqual([
      { kind: 'message', actor, message: { type: 'Dawdled' } },
      { kind: 'slow', actor, component: name, message: 'Dawdled', ms: 40 },
      { kind: 'rendered', actor, messages: 1, ms: 0 },
    ]);

    const asks: Told = { type: 'Kept', asks: asking };
    runtime.dispatch(asks);
    next();
    const decision = { kind: 'restart', waitMs: 100, failures: [clock.now()] };
    expect(told.splice(0)).toEqual([
      { kind: 'message', actor, message: asks },
      { kind: 'failure', actor, component: name, error: problem, decision },
    ]);

    await clock.advance(100);
    runtime.stop();
    runtime.stop();
    expect(told).toEqual([
      { kind: 'started', actor, isRestart: true },
      { kind: 'rendered', actor, messages: 0, ms: 0 },
      { kind: 'stopped', actor },
    ]);
  });

  test('tells of an event that was refused, which has no message', () => {
    const { inspector, told } = watch(['refused']);
    const { runtime } = startRuntime(counter(), { inspector });
    runtime.handleEvent(9, 9, {}, { id: 'c', user: null, newId: () => 'new', now: () => 0 });
    const code = 'ISLET_ERR_EVENT_UNKNOWN_TARGET';
    expect(told).toEqual([{ kind: 'refused', actor: 'actor', code, message: undefined, error: undefined }]);
  });

  test('tells that a view took long, where no message is to blame', () => {
    const { inspector, told } = watch(['slow', 'rendered']);
    const clock = new ManualClock();
    const slow = component<number, Told, undefined>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view(count) {
        clock.pass(50);
        return html`<p>${count}</p>`;
      },
    });
    startRuntime(slow, { inspector, clock, slowTurnMs: 50 });
    expect(told).toEqual([
      { kind: 'rendered', actor: 'actor', messages: 0, ms: 50 },
      { kind: 'slow', actor: 'actor', component: undefined, message: undefined, ms: 50 },
    ]);
  });

  test('tells of a rendering only where a view was evaluated', () => {
    const { inspector, told } = watch(['rendered']);
    const { runtime, next } = startRuntime(counter(), { inspector });
    runtime.dispatch({ type: 'Kept' });
    next();
    expect(told).toHaveLength(1);
  });

  test('of what a run throws after its actor has stopped says so', async () => {
    const { inspector, told } = watch(['run failed']);
    const { runtime, next } = startRuntime(counter(), { inspector });
    const late = Promise.withResolvers<void>();
    const waiting: Told = { type: 'Kept', asks: effect.from<Told>(() => late.promise) };
    runtime.dispatch(waiting);
    next();
    runtime.stop();
    late.reject(problem);
    await expect.poll(() => told).toEqual([{ kind: 'run failed', actor: 'actor', error: problem, isStray: true }]);
  });
});

describe('nobody who listens', () => {
  const live = async (inspector: Inspector): Promise<void> => {
    const clock = new ManualClock();
    const { runtime, next } = startRuntime(counter(clock), { inspector, clock, slowTurnMs: 30 });
    for (const type of ['Counted', 'Broke', 'Dawdled']) runtime.dispatch({ type });
    runtime.handleEvent(9, 9, {}, { id: 'c', user: null, newId: () => 'new', now: () => 0 });
    next();
    const ends: Told = { type: 'Kept', asks: effect.batch([failing, asking]) };
    runtime.dispatch(ends);
    next();
    await clock.advance(100);
    runtime.stop();
  };

  test('costs nothing: no event is made', async () => {
    const inspector = new CountingInspector();
    await live(inspector);
    expect(inspector.count).toBe(0);
    const { inspector: ended, end } = watch(kinds);
    end();
    await live(ended);
    expect(ended.count).toBe(0);
  });

  test.each(['started', 'message', 'rendered', 'refused', 'failure', 'run failed', 'slow', 'stopped'] as const)(
    'to anything but "%s" has only these made',
    async (kind) => {
      const { inspector, told } = watch([kind]);
      await live(inspector);
      expect(inspector.count).toBeGreaterThan(0);
      expect(inspector.count).toBe(told.length);
      expect(new Set(told.map((happening) => happening.kind))).toEqual(new Set([kind]));
    },
  );
});

describe('a listener', () => {
  test('that throws harms neither the actor nor who else listens', () => {
    const { inspector, told } = watch(kinds);
    inspector.on(kinds, () => {
      throw problem;
    });
    const also: Kind[] = [];
    inspector.on(['message', 'rendered'], ({ kind }) => also.push(kind));
    const { runtime, place, next } = startRuntime(counter(), { inspector });
    runtime.dispatch({ type: 'Counted' });
    expect(next()).toEqual([[1, 1, 1]]);
    expect(place.failures).toEqual([]);
    expect(told.map(({ kind }) => kind)).toEqual(['started', 'rendered', 'message', 'rendered']);
    expect(also).toEqual(['rendered', 'message', 'rendered']);
  });

  test('that ends hears no more; others of its kind do', () => {
    const { inspector, told, end } = watch(['message']);
    const others: Happening[] = [];
    inspector.on(['message'], (happening) => void others.push(happening));
    const { runtime } = startRuntime(counter(), { inspector });
    runtime.dispatch({ type: 'Counted' });
    end();
    end();
    runtime.dispatch({ type: 'Counted' });
    expect([told.length, others.length]).toEqual([1, 2]);
    expect(inspector.hears('message')).toBe(true);
  });
});
