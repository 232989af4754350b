// A persisted component that has work done by durable tasks, and processes one after the other that do it. A crash is a
// process whose writes do not arrive any more.

import type { IsletOptions, Store, TaskContext, TaskOptions } from '../../server/index.ts';
import { component, type EventData, effect, html, type TaskDead, type TaskDone, task } from '../../shared/index.ts';
import type { AnyComponent, ComponentDefinition } from '../../shared/language/component.ts';
import type { TaskStep } from '../../shared/runtime/inspect.ts';
import type { TestClient } from './client.ts';
import { ManualClock } from './clock.ts';
import { mortal } from './kept.ts';
import { startServer, type TestServer } from './server.ts';

export interface Errand {
  readonly id: number;
  /** What throws when it is asked for, or told the result; `run`: its actor is started again. */
  readonly throwing?: 'update' | 'view' | 'run' | 'result' | 'result view';
}

export const errand = task<Errand, unknown>('errand');

export interface Model {
  readonly asked: readonly number[];
  readonly results: readonly (readonly [id: number, result: unknown])[];
  readonly dead: readonly (readonly [id: number, error: string])[];
  readonly isBroken: boolean;
}

type Message =
  | { readonly type: 'PersonAsked'; readonly errand: Errand }
  | TaskDone<'ErrandDone', typeof errand>
  | TaskDead<'ErrandDead', typeof errand>;

const first: Model = { asked: [], results: [], dead: [], isBroken: false };

const parts: ComponentDefinition<Model, Message, unknown> = {
  init: () => [first, effect.none],
  update(model, message) {
    if (message.type === 'ErrandDead') {
      return [{ ...model, dead: [...model.dead, [message.args.id, message.error]] }, effect.none];
    }
    if (message.type === 'ErrandDone') {
      if (message.args.throwing === 'result') throw new Error('the result is refused');
      const isBroken = model.isBroken || message.args.throwing === 'result view';
      return [{ ...model, isBroken, results: [...model.results, [message.args.id, message.result]] }, effect.none];
    }
    const { throwing } = message.errand;
    if (throwing === 'update') throw new Error('the asking is refused');
    const isBroken = model.isBroken || throwing === 'view';
    const asked = [...model.asked, message.errand.id];
    if (throwing === 'run') {
      return [{ ...model, asked }, effect.from((_, { fail }) => fail(new Error('the actor is to start again')))];
    }
    return [
      { ...model, isBroken, asked },
      effect.task(errand, message.errand, { onDone: 'ErrandDone', onDead: 'ErrandDead' }),
    ];
  },
  view(model) {
    if (model.isBroken) throw new Error('the view throws');
    return html`<button @click=${toMessage}>${JSON.stringify(model)}</button>`;
  },
};

/** Asks for an errand with each click: hole 0. Its model is in hole 1, as JSON. */
export const errands: AnyComponent = component<Model, Message>(parts);

/** The code of a later deploy: all numbers are ten times as big. */
export const laterErrands: AnyComponent = component<Model, Message>({
  ...parts,
  schema: 1,
  migrate: (old) => ({ ...(old as Model), asked: (old as Model).asked.map((id) => 10 * id) }),
});

function toMessage({ detail }: EventData): Message {
  return { type: 'PersonAsked', errand: detail as unknown as Errand };
}

export interface Call {
  readonly args: Errand;
  readonly context: TaskContext;
}

export type Work = (call: Call) => unknown;

export interface Process extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: ManualClock;
  readonly page: TestClient;
  /** Each call of the function. */
  readonly calls: Call[];
  /** What became of tasks, in order. */
  readonly steps: TaskStep[];
  readonly model: Model;
  ask(errand: Errand): void;
  /** It ends without a word: nothing that it writes from now on arrives. */
  crash(): Promise<void>;
  /** It is told to stop. */
  stop(): Promise<void>;
}

/** A write is sent, or kept, by its number; a task has come to a step; a function is about to answer. */
export type Moment = `write ${number} sent` | `write ${number} kept` | TaskStep | 'answer';

export interface ProcessOptions extends IsletOptions {
  /** Null: its code knows no such task. */
  readonly work?: Work | null;
  readonly task?: TaskOptions;
  readonly code?: AnyComponent;
  /** The moment at which the process ends: nothing that it writes from then on arrives. */
  readonly dieAt?: Moment;
}

export const place = '/ws/errands';

/** Starts a process on a store, with a page that looks. */
export async function startProcess(store: Store, options: ProcessOptions = {}): Promise<Process> {
  const { work = ({ args }) => ({ did: args.id }), task: taskOptions, dieAt, code = errands, ...rest } = options;
  const { store: own, die } = mortal(store);
  const clock = new ManualClock();
  const calls: Call[] = [];
  const steps: TaskStep[] = [];
  const reach = (moment: Moment): void => {
    if (moment === dieAt) die();
  };
  let count = 0;
  const watched: Store = {
    ...own,
    async commit(writes) {
      const number = ++count;
      reach(`write ${number} sent`);
      const kept = await own.commit(writes);
      reach(`write ${number} kept`);
      return kept;
    },
  };
  const server = await startServer(
    (app) => {
      if (work !== null) {
        app.islet.task(
          errand,
          async (args, context) => {
            const call = { args, context };
            calls.push(call);
            const result = await work(call);
            reach('answer');
            return result;
          },
          taskOptions,
        );
      }
      app.islet.inspect(['task'], ({ step }) => {
        steps.push(step);
        reach(step);
      });
      app.islet.route(place, code, { shared: true, persist: true });
    },
    { maxFramesPerSecond: Number.POSITIVE_INFINITY, clock, ...rest, store: watched },
  );
  const page = await server.visit(place);
  let isOver = false;
  const stop = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    let isClosed = false;
    const closed = server[Symbol.asyncDispose]().then(() => {
      isClosed = true;
    });
    // it waits for a store that does not answer any more, but not for ever
    while (!isClosed) await clock.advance(1_000);
    await closed;
  };
  return {
    ...{ server, clock, page, calls, steps, stop },
    get model() {
      return JSON.parse(String(page.slots()[1])) as Model;
    },
    ask: (wanted) => page.click(0, { data: { detail: { ...wanted } } }),
    async crash() {
      die();
      await stop();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** The tasks that are kept. */
export async function keptTasks(
  store: Store,
): Promise<{ readonly name: string; readonly state: string; readonly tries: number; readonly error?: string }[]> {
  const { tasks } = (await store.load(place)) ?? {};
  return tasks === undefined ? [] : JSON.parse(tasks.json).tasks;
}
