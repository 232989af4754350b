// A server whose app answers when a test says so, at each step from a request to the release of an actor, and what is
// left of it afterwards. Input: the step that is held up. Output: the server, its clock, and `nothingIsLeft`.

import { expect } from 'vitest';
import { memoryStore, type Store, serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { ManualClock } from './clock.ts';
import { startServer, type TestServer } from './server.ts';

/** What the app is asked. */
export type Step = 'authenticate' | 'authorize' | 'own props' | 'shared props' | 'load' | 'authorizeEvent' | 'save';

export const answerMs = 10_000;
export const sessionMs = 60_000;
export const idleMs = 300_000;

export interface WaitingServer extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: ManualClock;
  /** Which actors have been started, by route, in order. */
  readonly started: readonly string[];
  /** How many actors run effects now. */
  readonly running: number;
  /** Keeps the answers of a step back from now on. */
  hold(step: Step): void;
  /** Resolves when the app has been asked so often while the step was held. */
  asked(step: Step, times?: number): Promise<void>;
  /** Gives what was kept back: the answer, or a failure. */
  answer(step: Step, failure?: Error): Promise<void>;
  /** Ends what is still waited for, lets all times pass, and finds nothing of it. */
  nothingIsLeft(): Promise<void>;
  /** Stops the server, while all that is kept back stays back. */
  stop(): Promise<void>;
}

/** A clock on which the looks into the store, which are there for as long as the server, wait apart and never come. */
class ClockBesideSweeps extends ManualClock {
  readonly sweeps = new ManualClock();
  /** Nothing waits of a server that has just begun but the first sweep, and the first look for what is due. */
  isBeginning = true;

  override setTimeout(callback: () => void, ms: number): unknown {
    return this.isBeginning ? this.sweeps.setTimeout(callback, ms) : super.setTimeout(callback, ms);
  }

  override clearTimeout(timer: unknown): void {
    super.clearTimeout(timer);
    this.sweeps.clearTimeout(timer);
  }
}

export async function startWaitingServer(): Promise<WaitingServer> {
  const clock = new ClockBesideSweeps();
  const listenersBefore = process.listenerCount('uncaughtException');
  const held = new Map<Step, PromiseWithResolvers<void>[]>();
  const started: string[] = [];
  let running = 0;

  const later = <Value>(step: Step, value: Value): Value | Promise<Value> => {
    const waiting = held.get(step);
    if (!waiting) return value;
    const gate = Promise.withResolvers<void>();
    waiting.push(gate);
    return gate.promise.then(() => value);
  };
  const counterOf = (route: string) =>
    component<number, { readonly type: 'UserClicked' }, object>({
      init: () => [
        0,
        effect.from((_, { signal }) => {
          started.push(route);
          running++;
          signal.addEventListener('abort', () => running--);
        }),
      ],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
    });
  const memory = memoryStore();
  const store: Store = {
    ...memory,
    async load(key) {
      await later('load', undefined);
      return memory.load(key);
    },
    async commit(writes) {
      await later('save', undefined);
      return memory.commit(writes);
    },
  };
  const server = await startServer(
    (app) => {
      app.islet.route('/ws/own', counterOf('/ws/own'), { props: () => later('own props', {}) });
      const props = () => later('shared props', {});
      app.islet.route('/ws/shared', counterOf('/ws/shared'), { shared: true, persist: true, props });
      for (const name of ['own', 'shared']) {
        app.get(`/${name}`, (_, reply) => reply.html(html`<p>${serverComponent({ route: `/ws/${name}` })}</p>`));
      }
    },
    {
      clock,
      store,
      answerMs,
      sessionMs,
      idleMs,
      maxFramesPerSecond: Number.POSITIVE_INFINITY,
      authenticate: ({ headers }) => later('authenticate', headers.cookie ?? null),
      authorize: () => later('authorize', true),
      authorizeEvent: () => later('authorizeEvent', true),
    },
  );
  clock.isBeginning = false;
  expect(clock.sweeps.waits).toHaveLength(2);
  let closing: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    closing ??= server.app.close();
    let isClosed = false;
    void closing.then(() => {
      isClosed = true;
    });
    // what it waits for does not come: it goes on when the time for that is over
    await expect.poll(() => clock.advance(answerMs).then(() => isClosed), { timeout: 30_000 }).toBe(true);
  };
  return {
    server,
    clock,
    started,
    get running() {
      return running;
    },
    hold: (step) => void held.set(step, []),
    asked: (step, times = 1) => expect.poll(() => held.get(step)?.length).toBe(times),
    async answer(step, failure) {
      const waiting = held.get(step) ?? [];
      held.delete(step);
      for (const { resolve, reject } of waiting) {
        if (failure) reject(failure);
        else resolve();
      }
      await clock.advance(0);
    },
    stop,
    async nothingIsLeft() {
      await expect.poll(() => server.app.islet.size.connections).toBe(0);
      await clock.advance(sessionMs + 2 * idleMs);
      // what is released is saved first
      await expect.poll(() => server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
      expect(running).toBe(0);
      expect(clock.waits).toEqual([]);
      await stop();
      expect(clock.waits).toEqual([]);
      expect(clock.sweeps.waits).toEqual([]);
      expect(process.listenerCount('uncaughtException')).toBe(listenersBefore);
    },
    async [Symbol.asyncDispose]() {
      for (const waiting of held.values()) for (const { resolve } of waiting) resolve();
      await server[Symbol.asyncDispose]();
    },
  };
}
