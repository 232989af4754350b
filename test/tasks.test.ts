// Durable tasks (`effect.task`): what was asked for is done, and its result is handled once, whatever ends in between.
// Laws of any sequence of crashes are in tasks-laws.test.ts.

import { describe, expect, test, vi } from 'vitest';
import { maxTasks } from '../server/actors/actor-tasks.ts';
import { type KeptTask, writeTasks } from '../server/actors/kept-tasks.ts';
import { maxRunning, retryDelayMs } from '../server/actors/tasks.ts';
import { memoryStore, type Store, StoreError } from '../server/index.ts';
import { run as runCommand } from '../server/upkeep/run.ts';
import { component, effect, html, type TaskDone, task } from '../shared/index.ts';
import {
  errand,
  errands,
  keptTasks,
  laterErrands,
  type Model,
  type Moment,
  type Process,
  place,
  startProcess,
} from './support/errands.ts';
import { fragileStore, keep } from './support/kept.ts';
import { refusalOf } from './support/outcomes.ts';
import { startServer } from './support/server.ts';

vi.setConfig({ testTimeout: 60_000 });

const never = (): Promise<never> => new Promise(() => {});

function until(process: Process, isSo: (model: Model) => boolean): Promise<void> {
  return process.page.until(() => isSo(process.model));
}

/** Lets time pass until something is so. */
async function whileTimePasses(process: Process, isSo: () => boolean, ms = 1_000): Promise<void> {
  await expect.poll(() => process.clock.advance(ms).then(isSo), { timeout: 30_000 }).toBe(true);
}

describe('a task', () => {
  test('is done once its asking is kept, and its result is a message', async () => {
    const store = memoryStore();
    await using process = await startProcess(store);
    process.ask({ id: 7 });
    await until(process, ({ results }) => results.length > 0);
    expect(process.model).toMatchObject({ asked: [7], results: [[7, { did: 7 }]], dead: [] });
    expect(process.calls).toMatchObject([{ args: { id: 7 }, context: { attempt: 1, key: expect.any(String) } }]);
    expect(process.steps).toEqual(['asked', 'started', 'done']);
    expect(await keptTasks(store)).toEqual([]);
    expect(await store.due(1e9, 10)).toEqual([]);
  });

  test('is kept in the very write that has the model which asks for it, and leaves with its result', async () => {
    const store = memoryStore();
    const writes: [asked: number, tasks: number | undefined, results: number][] = [];
    const watched: Store = {
      ...store,
      async commit(all) {
        const kept = await store.commit(all);
        const { model, tasks } = (await store.load(place)) ?? {};
        const { asked, results } = JSON.parse(model?.base ?? '{}').context as Model;
        writes.push([asked.length, tasks && JSON.parse(tasks.json).tasks.length, results.length]);
        return kept;
      },
    };
    await using process = await startProcess(watched);
    process.ask({ id: 1 });
    await until(process, ({ results }) => results.length > 0);
    expect(writes).toEqual([
      [1, 1, 0],
      [1, 0, 1],
    ]);
  });

  test.each(['update', 'view'] as const)('of a message that is refused by its %s is not there', async (throwing) => {
    const store = memoryStore();
    await using process = await startProcess(store);
    process.ask({ id: 1, throwing });
    process.ask({ id: 2 });
    expect(await refusalOf(process.page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    await until(process, ({ results }) => results.length > 0);
    expect(process.calls.map(({ args }) => args.id)).toEqual([2]);
    expect(process.model).toMatchObject({ asked: [2], results: [[2, { did: 2 }]] });
  });

  test('gets arguments of its own: what its function does to them does nothing to the model', async () => {
    await using process = await startProcess(memoryStore(), {
      work({ args }) {
        Object.assign(args, { id: 99 });
        return args;
      },
    });
    process.ask({ id: 1 });
    await until(process, ({ results }) => results.length > 0);
    expect(process.model.results).toEqual([[1, { id: 99 }]]);
  });

  test('of a child may have its messages mapped by the parent', async () => {
    const greet = task<{ readonly name: string }, string>('greet');
    type Child = TaskDone<'Greeted', typeof greet>;
    type Parent =
      | { readonly type: 'PersonClicked' }
      | { readonly type: 'ChildSaid'; readonly id: number; readonly said: readonly [Child] };
    const parent = component<string, Parent>({
      init: () => ['', effect.none],
      update(text, message) {
        if (message.type === 'ChildSaid') return [`${message.id} ${message.said[0].result}`, effect.none];
        const inner = effect.task(greet, { name: 'Ann' }, { onDone: 'Greeted' });
        return [text, effect.map(inner, (said) => ({ type: 'ChildSaid', id: said.args.name.length, said: [said] }))];
      },
      view: (text) => html`<button @click=${{ type: 'PersonClicked' }}>${text}</button>`,
    });
    await using server = await startServer((app) => {
      app.islet.task(greet, async ({ name }) => `hello ${name}`);
      app.islet.route('/ws/x', parent, { shared: true, persist: true });
    });
    const page = await server.visit('/ws/x');
    page.click();
    await page.until(() => page.slots()[1] === '3 hello Ann');
  });

  test('of init is asked for once, however often the actor starts', async () => {
    const store = memoryStore();
    const calls: string[] = [];
    const what = component<number, TaskDone<'Done', typeof errand>>({
      init: () => [0, effect.task(errand, { id: 1 }, { onDone: 'Done' })],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count}</p>`,
    });
    for (let start = 0; start < 3; start++) {
      await using server = await startServer(
        (app) => {
          app.islet.task(errand, (_, { key }) => calls.push(key));
          app.islet.route('/ws/x', what, { shared: true, persist: true });
        },
        { store: { ...store, close: async () => {} } },
      );
      const page = await server.visit('/ws/x');
      await page.until(() => page.slots()[0] === 1);
    }
    expect(calls).toHaveLength(1);
  });
});

describe('a try that fails', () => {
  test.each<[string, (attempt: number) => unknown]>([
    [
      'since its function throws at once',
      () => {
        throw new Error('not now');
      },
    ],
    ['since its function rejects', () => Promise.reject(new Error('not now'))],
    ['since what it has begun throws later', () => new Promise(() => setTimeout(() => lateError()))],
  ])('%s is followed by another one, with the same key', async (_, fail) => {
    const store = memoryStore();
    await using process = await startProcess(store, {
      work: ({ context: { attempt } }) => (attempt < 3 ? fail(attempt) : 'at last'),
    });
    process.ask({ id: 1 });
    await expect.poll(() => process.steps).toEqual(['asked', 'started', 'failed']);
    await expect.poll(() => keptTasks(store)).toMatchObject([{ state: 'waiting', tries: 1, error: 'Error: not now' }]);
    await whileTimePasses(process, () => process.model.results.length > 0, 500);
    expect(process.model.results).toEqual([[1, 'at last']]);
    expect(process.calls.map(({ context }) => context.attempt)).toEqual([1, 2, 3]);
    expect(new Set(process.calls.map(({ context }) => context.key)).size).toBe(1);
    expect(process.server.errors).toEqual([]);
  });

  test('since its function never answers has its signal fired, and is ignored from then on', async () => {
    const answers: ((value: unknown) => void)[] = [];
    await using process = await startProcess(memoryStore(), {
      task: { timeoutMs: 2_000 },
      work: ({ context: { attempt } }) => (attempt === 1 ? new Promise((resolve) => answers.push(resolve)) : 'second'),
    });
    process.ask({ id: 1 });
    await expect.poll(() => process.calls.length).toBe(1);
    await process.clock.advance(1_900);
    expect(process.calls[0]?.context.signal.aborted).toBe(false);
    await process.clock.advance(200);
    expect(process.calls[0]?.context.signal.aborted).toBe(true);
    answers[0]?.('too late');
    await whileTimePasses(process, () => process.model.results.length > 0, 500);
    expect(process.model.results).toEqual([[1, 'second']]);
  });

  test('waits for longer each time, up to an hour, and never as long as the others', () => {
    const delays = Array.from({ length: 20 }, (_, index) => retryDelayMs(index + 1, 'key'));
    for (const [index, delay] of delays.entries()) {
      const longest = Math.min(3_600_000, 1_000 * 2 ** index);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
    }
    const others = Array.from({ length: 100 }, (_, index) => retryDelayMs(12, `key ${index}`));
    expect(new Set(others).size).toBeGreaterThan(50);
  });

  test('too often is dead: the component is told, it is listed, and nobody tries it any more', async () => {
    const store = memoryStore();
    {
      await using process = await startProcess(store, {
        task: { maxTries: 3 },
        work: () => Promise.reject(new Error('no such address')),
      });
      process.ask({ id: 1 });
      await expect.poll(() => process.calls.length).toBe(1);
      await whileTimePasses(process, () => process.model.dead.length > 0);
      expect(process.model).toMatchObject({ results: [], dead: [[1, 'Error: no such address']] });
      expect(process.calls).toHaveLength(3);
      expect(process.steps.at(-1)).toBe('dead');
      expect(process.server.errors).toMatchObject([{ task: 'errand', reason: 'Error: no such address' }]);
      expect(await store.list(0, 1)).toMatchObject([{ deadTasks: 1, dueInMs: undefined }]);
    }
    await using next = await startProcess(store);
    await next.clock.advance(10_000_000);
    expect([next.calls, next.model.dead.length]).toEqual([[], 1]);
    expect(await keptTasks(store)).toMatchObject([{ name: 'errand', state: 'dead', tries: 3 }]);
  });

  test.each<[string, unknown, string]>([
    ['what is no plain JSON', new Map([[1, 2]]), 'its function gave what is no plain JSON'],
    ['what holds itself', circle(), 'its function gave what is no plain JSON'],
    ['what is too big', 'x'.repeat(70_000), 'its function gave 70002 bytes, and may give 65536'],
  ])('to give what can be kept (%s) is not done again: it is dead at once', async (_, result, problem) => {
    const store = memoryStore();
    await using process = await startProcess(store, { work: () => result });
    process.ask({ id: 1 });
    await until(process, ({ dead }) => dead.length > 0);
    expect(process.model.dead).toEqual([[1, problem]]);
    expect(process.calls).toHaveLength(1);
    expect(await keptTasks(store)).toMatchObject([{ state: 'dead', error: problem }]);
  });

  test.each(['result', 'result view'] as const)('since the component refuses it (%s) is dead', async (throwing) => {
    const store = memoryStore();
    await using process = await startProcess(store);
    process.ask({ id: 1, throwing });
    await until(process, ({ dead }) => dead.length > 0);
    expect(process.model).toMatchObject({
      results: [],
      dead: [[1, expect.stringContaining('its result was refused')]],
    });
    expect(process.calls).toHaveLength(1);
    expect(await keptTasks(store)).toMatchObject([{ state: 'dead' }]);
    process.ask({ id: 2 });
    await until(process, ({ results }) => results.length > 0);
  });
});

describe('what comes back while the actor cannot take it', () => {
  test('waits until it runs again, and is handled once', async () => {
    const store = memoryStore();
    const answers: ((value: unknown) => void)[] = [];
    await using process = await startProcess(store, {
      work: () => new Promise((resolve) => answers.push(resolve)),
    });
    process.ask({ id: 1 });
    await expect.poll(() => answers.length).toBe(1);
    process.page.click(0, { data: { detail: { id: 0, throwing: 'run' } } });
    await process.page.handled();
    answers[0]?.('an answer');
    await whileTimePasses(process, () => process.model.results.length > 0);
    expect(process.model.results.filter(([id]) => id === 1)).toEqual([[1, 'an answer']]);
  });
});

describe('a task that somebody else has written', () => {
  test.each([true, false])('is tried at once by an actor that runs (with somebody who looks: %s)', async (isSeen) => {
    const store = memoryStore();
    let isBack = false;
    await using process = await startProcess(store, {
      task: { maxTries: 1 },
      work: ({ args }) => (isBack ? { did: args.id } : Promise.reject(new Error('away'))),
    });
    process.ask({ id: 1 });
    await until(process, ({ dead }) => dead.length > 0);
    await expect.poll(() => keptTasks(store)).toMatchObject([{ state: 'dead' }]);
    if (!isSeen) await process.page.close();
    isBack = true;
    const said: string[] = [];
    const output = { print: (line: string) => said.push(line), warn: (line: string) => said.push(line) };
    expect(await runCommand(store, { kind: 'retry', key: place, tasks: [] }, output), said.join()).toBe(0);
    await whileTimePasses(process, () => process.calls.length === 2, 10);
    await expect.poll(() => keptTasks(store)).toEqual([]);
    const page = isSeen ? process.page : await process.server.visit(place);
    await page.until(() => JSON.parse(String(page.slots()[1])).results.length === 1);
    expect(new Set(process.calls.map(({ context }) => context.key)).size).toBe(1);
  });

  test('of many actors wakes them all: what is due has no client’s limits', async () => {
    const store = memoryStore();
    const rooms = Array.from({ length: 30 }, (_, id) => id);
    for (const id of rooms) {
      const due: KeptTask = { key: `task ${id}`, name: 'errand', args: { id }, tries: 0, state: 'waiting', inMs: 0 };
      const model = { asked: [], results: [], dead: [], isBroken: false };
      await keep(store, `/ws/errands/:room?room=${id}`, model, { tasks: writeTasks([due], Date.now()), dueInMs: 0 });
    }
    const called: number[] = [];
    await using _ = await startServer(
      (app) => {
        app.islet.task(errand, ({ id }) => {
          called.push(id);
          return never();
        });
        app.islet.route('/ws/errands/:room', errands, { shared: true, persist: true });
      },
      { store: { ...store, close: async () => {} }, limits: { maxRunningBytesPerClient: 70_000 } },
    );
    await expect.poll(() => called.toSorted((one, other) => one - other), { timeout: 30_000 }).toEqual(rooms);
  });

  test('costs an actor nothing that knows itself what is due', async () => {
    let writes = 0;
    const store = memoryStore();
    const counting: Store = { ...store, commit: (all) => store.commit(all).finally(() => writes++) };
    await using process = await startProcess(counting, { work: () => Promise.reject(new Error('not now')) });
    process.ask({ id: 1 });
    await expect.poll(() => keptTasks(store)).toMatchObject([{ state: 'waiting', tries: 1 }]);
    const before = writes;
    // by the clock of the store it is due soon; the actor's own clock stands still
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await store.due(0, 10)).toEqual([place]);
    expect(writes).toBe(before);
  });
});

describe('a process that ends', () => {
  test.each<[Moment | undefined, string, number, number]>([
    ['write 1 sent', 'before the asking is kept', 0, 1],
    ['write 1 kept', 'right after the asking was kept', 1, 1],
    ['started', 'when the try begins', 1, 1],
    [undefined, 'while the function is under way', 1, 1],
    ['answer', 'when the function has answered', 1, 1],
    ['done', 'when the result is handled', 1, 1],
    ['write 2 sent', 'while the result is being kept', 1, 1],
    ['write 2 kept', 'right after the result was kept', 1, 0],
  ])('%s: %s, leaves the task or its result to the next one', async (dieAt, _, before, after) => {
    const store = memoryStore();
    const work = (): unknown => (dieAt === undefined ? never() : 'first');
    const first = await startProcess(store, { work, ...(dieAt && { dieAt }) });
    first.ask({ id: 1 });
    if (dieAt === 'write 1 sent') await first.page.handled();
    else await expect.poll(() => first.calls.length).toBe(1);
    if (dieAt === 'write 2 kept') await expect.poll(() => keptTasks(store)).toEqual([]);
    await first.crash();
    expect(first.calls).toHaveLength(before);

    await using second = await startProcess(store, { work: () => 'second' });
    if (before === 0) {
      expect(second.model.asked).toEqual([]);
      // its page is the keeper of what was not acknowledged, and says it again
      second.ask({ id: 1 });
    } else {
      // a try that was under way counts as lost when its time is over, and no sooner
      await second.clock.advance(25_000);
      expect(second.calls).toEqual([]);
    }
    await whileTimePasses(second, () => second.model.results.length > 0);
    await second.clock.advance(1_000_000);
    expect(second.calls).toHaveLength(after);
    expect(second.model).toMatchObject({ asked: [1], results: [[1, after === 0 ? 'first' : 'second']], dead: [] });
    expect(await keptTasks(store)).toEqual([]);
    if (before > 0 && after > 0) {
      expect(second.calls[0]?.context).toMatchObject({ attempt: 2, key: first.calls[0]?.context.key });
    }
  });

  test('as it was told to, has the next one begin at once, and the try that it ended does not count', async () => {
    const store = memoryStore();
    const first = await startProcess(store, { work: never });
    first.ask({ id: 1 });
    await expect.poll(() => first.calls.length).toBe(1);
    await first.server.app.close();
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    expect(await keptTasks(store)).toMatchObject([{ state: 'waiting', tries: 0 }]);
    await first.stop();

    await using second = await startProcess(store);
    await second.clock.advance(0);
    await until(second, ({ results }) => results.length > 0);
    expect(second.calls[0]?.context).toMatchObject({ attempt: 1, key: first.calls[0]?.context.key });
  });

  test('with each try comes to an end as well: a task that takes its process along is dead in the end', async () => {
    const store = memoryStore();
    const options = { task: { maxTries: 3 } };
    for (let life = 0; life < 3; life++) {
      const process = await startProcess(store, { ...options, work: never, dieAt: 'started' });
      if (life === 0) process.ask({ id: 1 });
      await whileTimePasses(process, () => process.calls.length > 0, 5_000);
      await process.crash();
    }
    await using last = await startProcess(store, options);
    await whileTimePasses(last, () => last.model.dead.length > 0, 5_000);
    expect(last.calls).toEqual([]);
    expect(last.model.dead).toEqual([[1, 'its process has ended']]);
  });

  test('while nobody looks has a sleeping actor woken when the task is due', async () => {
    const store = memoryStore();
    {
      const first = await startProcess(store, { work: never });
      first.ask({ id: 1 });
      await expect.poll(() => first.calls.length).toBe(1);
      await first.server.app.close();
      await first.stop();
    }
    const calls: unknown[] = [];
    await using server = await startServer(
      (app) => {
        app.islet.task(errand, ({ id }) => calls.push(id));
        app.islet.route(place, errands, { shared: true, persist: true });
      },
      { store: { ...store, close: async () => {} } },
    );
    expect(server.app.islet.size.actors).toBe(0);
    await expect.poll(() => calls, { timeout: 30_000 }).toEqual([1]);
    await expect.poll(() => keptTasks(store)).toEqual([]);
  });

  test('and comes back without the function keeps the task, says so, and does it when that is back', async () => {
    const store = memoryStore();
    const first = await startProcess(store, { work: never });
    first.ask({ id: 1 });
    await expect.poll(() => first.calls.length).toBe(1);
    await first.server.app.close();
    await first.stop();
    {
      await using second = await startProcess(store, { work: null });
      await second.clock.advance(0);
      const problem = "no function is registered for the task 'errand'";
      await expect.poll(() => keptTasks(store)).toMatchObject([{ state: 'waiting', tries: 0, error: problem }]);
      expect(second.server.log.filter(({ reason }) => reason === problem)).toHaveLength(1);
      expect(await store.list(0, 1)).toMatchObject([{ deadTasks: 0, dueInMs: expect.any(Number) }]);
      second.ask({ id: 2 });
      expect(await refusalOf(second.page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
      expect(second.server.errors[0]?.err?.message).toContain('ISLET_ERR_TASK');
    }
    await using third = await startProcess(store);
    await third.clock.advance(0);
    await until(third, ({ results }) => results.length > 0);
    expect(third.model).toMatchObject({ asked: [1], results: [[1, { did: 1 }]] });
  });
});

describe('a deploy of code with another model', () => {
  test('keeps tasks that were asked for before: their results are handled by the model as it was migrated', async () => {
    const store = memoryStore();
    const first = await startProcess(store, { work: never });
    first.ask({ id: 1 });
    await expect.poll(() => first.calls.length).toBe(1);
    await first.stop();
    await using second = await startProcess(store, { code: laterErrands });
    await second.clock.advance(0);
    await until(second, ({ results }) => results.length > 0);
    expect(second.model).toMatchObject({ asked: [10], results: [[1, { did: 1 }]] });
    expect(await keptTasks(store)).toEqual([]);
    second.ask({ id: 2 });
    await until(second, ({ results }) => results.length > 1);
    expect(second.model).toMatchObject({
      asked: [10, 2],
      results: [
        [1, { did: 1 }],
        [2, { did: 2 }],
      ],
    });
  });

  test('that is taken back has them wait: old code does none of what it cannot read, and keeps all of it', async () => {
    const store = memoryStore();
    const later = await startProcess(store, { code: laterErrands, work: never });
    later.ask({ id: 1 });
    await expect.poll(() => later.calls.length).toBe(1);
    await later.stop();
    const before = await store.load(place);
    const calls: unknown[] = [];
    {
      await using old = await startServer(
        (app) => {
          app.islet.task(errand, ({ id }) => calls.push(id));
          app.islet.route(place, errands, { shared: true, persist: true });
        },
        { store: { ...store, close: async () => {} } },
      );
      await expect.poll(() => old.errors.length, { timeout: 30_000 }).toBeGreaterThan(0);
      expect(JSON.stringify(old.errors[0])).toContain('ISLET_ERR_STATE_NEWER');
    }
    expect(calls).toEqual([]);
    expect(await store.load(place)).toMatchObject({ model: before?.model, schema: 1, tasks: before?.tasks });
    await using again = await startProcess(store, { code: laterErrands });
    await again.clock.advance(0);
    await until(again, ({ results }) => results.length > 0);
  });
});

describe('while the store is away', () => {
  test('for long, a result waits for it, and is handled once when it is back; what is asked for then is done', async () => {
    const store = fragileStore();
    let answer = (_: unknown): void => {};
    const work = ({ args }: { args: { id: number } }): unknown =>
      args.id === 1 ? new Promise((resolve) => (answer = resolve)) : { did: args.id };
    await using process = await startProcess(store, { work });
    process.ask({ id: 1 });
    await expect.poll(() => process.calls.length).toBe(1);
    store.broken = { commit: () => Promise.reject(new StoreError('unavailable', 'the database is away')) };
    answer({ did: 1 });
    process.ask({ id: 2 });
    for (let minute = 0; minute < 20; minute++) await process.clock.advance(60_000);
    expect(process.model.results).toEqual([]);
    store.broken = {};
    await whileTimePasses(process, () => process.model.results.length > 1);
    expect(process.model).toMatchObject({
      asked: [1, 2],
      results: [
        [1, { did: 1 }],
        [2, { did: 2 }],
      ],
      dead: [],
    });
    expect(process.calls.map(({ args }) => args.id)).toEqual([1, 2]);
    expect(await keptTasks(store)).toEqual([]);
  });
});

describe('where no task can be', () => {
  test.each<[string, object]>([
    ['an actor that is not persisted', { shared: true }],
    ['an island of one’s own', {}],
    ['one that survives a crash', { survive: 'crash' }],
  ])('%s, the message that asks for one is refused, and the log says why', async (_, route) => {
    await using server = await startServer(
      (app) => {
        app.islet.task(errand, () => 'never');
        app.islet.route(place, errands, route);
      },
      { store: memoryStore() },
    );
    const page = await server.visit(place);
    page.click(0, { data: { detail: { id: 1 } } });
    expect(await refusalOf(page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    expect(server.errors).toMatchObject([
      { err: { message: "ISLET_ERR_TASK: the task 'errand' needs a route with persist: true" } },
    ]);
  });

  test('arguments that are no plain JSON are refused', async () => {
    const what = component<number, { readonly type: 'PersonClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.task(errand, { id: new Date(0) } as never)],
      view: (count) => html`<button @click=${{ type: 'PersonClicked' }}>${count}</button>`,
    });
    await using server = await startServer((app) => {
      app.islet.task(errand, () => 'never');
      app.islet.route('/ws/x', what, { shared: true, persist: true });
    });
    const page = await server.visit('/ws/x');
    page.click();
    expect(await refusalOf(page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    expect(server.errors[0]?.err?.message).toBe("ISLET_ERR_TASK: the arguments of the task 'errand' are no plain JSON");
  });

  test.each<[string, (app: Parameters<Parameters<typeof startServer>[0]>[0]) => void, string]>([
    ['a name of its own', () => task('two words' as string), 'the name of a task is of'],
    ['a function', (app) => app.islet.task(errand, undefined as never), "'errand' has no function"],
    ['one function', (app) => [0, 1].map(() => app.islet.task(errand, () => 1)), "'errand' is registered already"],
    ['a time', (app) => app.islet.task(errand, () => 1, { timeoutMs: 0 }), 'takes a timeoutMs above 0'],
    ['tries', (app) => app.islet.task(errand, () => 1, { maxTries: 0.5 }), 'takes a maxTries of 1 or more'],
    ['a value that names it', (app) => app.islet.task('errand' as never, () => 1), 'name the task by a value'],
  ])('each has %s', async (_, declare, problem) => {
    await expect(startServer(declare)).rejects.toThrow(problem);
  });
});

describe('what an actor can have', () => {
  test('is a number of tasks: the message that asks for more is refused, and others go on', async () => {
    const store = memoryStore();
    const answers: (() => void)[] = [];
    await using process = await startProcess(store, {
      limits: { maxEventsPerSecond: 10_000 },
      work: ({ args }) => new Promise((resolve) => answers.push(() => resolve(args.id))),
    });
    for (let id = 1; id <= maxTasks + 1; id++) process.ask({ id });
    expect(await refusalOf(process.page, maxTasks + 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    await until(process, ({ asked }) => asked.length === maxTasks);
    expect(process.server.errors[0]?.err?.message).toContain('ISLET_ERR_LIMIT_TASKS');
    // no more than so many run at once; the others wait for their place
    await expect.poll(() => process.calls.length).toBe(maxRunning);
    while (process.model.results.length < maxTasks) {
      for (const answer of answers.splice(0)) answer();
      await process.page.handled();
    }
    expect(process.model.results.map(([id]) => id).sort((one, other) => one - other)).toEqual(
      Array.from({ length: maxTasks }, (_, index) => index + 1),
    );
    expect(new Set(process.calls.map(({ context }) => context.key)).size).toBe(maxTasks);
    process.ask({ id: 1_000 });
    await expect.poll(() => answers.length).toBe(1);
  });

  test('is a number of bytes', async () => {
    await using process = await startProcess(memoryStore(), { work: never });
    const ask = (id: number, length: number) =>
      process.page.click(0, { data: { detail: { id, filling: 'x'.repeat(length) } } });
    ask(1, 15_000);
    ask(2, 15_000);
    expect(await refusalOf(process.page, 2)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    await until(process, ({ asked }) => asked.length === 1);
    expect(process.server.errors[0]?.err?.message).toContain('ISLET_ERR_LIMIT_TASKS');
  });

  test('is the living first: the oldest of the dead give way to them, and the log says which', async () => {
    const store = memoryStore();
    await using process = await startProcess(store, {
      limits: { maxEventsPerSecond: 10_000 },
      task: { maxTries: 1 },
      work: ({ args }) => (args.id <= maxTasks ? Promise.reject(new Error('dead')) : never()),
    });
    for (let id = 1; id <= maxTasks; id++) process.ask({ id });
    await until(process, ({ dead }) => dead.length === maxTasks);
    expect(await store.list(0, 1)).toMatchObject([{ deadTasks: maxTasks }]);
    process.ask({ id: 1_000 });
    process.ask({ id: 1_001 });
    await expect.poll(() => process.steps.filter((step) => step === 'removed').length).toBe(2);
    await expect.poll(async () => (await store.list(0, 1))[0]?.deadTasks).toBe(maxTasks - 2);
    expect((await keptTasks(store)).map((kept) => (kept as unknown as { args: { id: number } }).args.id)).toEqual([
      ...Array.from({ length: maxTasks - 2 }, (_, index) => index + 3),
      ...[1_000, 1_001],
    ]);
  });
});

function circle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

function lateError(): never {
  throw new Error('not now');
}
