// What a component throws, wherever it throws it, is contained: its actor restarts from the last good snapshot, later
// and later, and is given up in the end. Everything else goes on. Real sockets; time is moved by hand.
// What Node tells to the process alone (late errors) needs a process of its own: see `late-errors.test.ts`.

import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { serverComponent } from '../server/index.ts';
import { component, type EventHandler, effect, html, keyed, type Template } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Effect, EffectContext } from '../shared/language/effect.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const restart = { maxFailures: 3, windowMs: 10_000, backoffMs: 100 };

type Message = { readonly type: 'UserClicked' } | { readonly type: 'UserBrokeIt' };
interface Model {
  readonly count: number;
  readonly isBroken: boolean;
}

const clickHole = 0;
const breakHole = 1;
const countHole = 2;

function view({ count }: Model, inside: object | null = null): Template<Message> {
  return html`
    <button @click=${{ type: 'UserClicked' }}></button>
    <button @click=${{ type: 'UserBrokeIt' }}></button>
    <output>${count}</output>
    <ul>${inside}</ul>
  `;
}

function viewWith({ count }: Model, handler: EventHandler<Message>): Template<Message> {
  return html`
    <button @click=${{ type: 'UserClicked' }}></button>
    <button @click=${handler}></button>
    <output>${count}</output>
  `;
}

/** A counter with a second button that breaks it, in the way that the parts given here decide. */
function fragile(parts: Partial<Parameters<typeof component<Model, Message, object>>[0]>): AnyComponent {
  return component<Model, Message, object>({
    init: () => [{ count: 0, isBroken: false }, effect.none],
    update: breaking((model) => [{ ...model, isBroken: true }, effect.none]),
    view: (model) => view(model),
    ...parts,
  });
}

function breaking(broken: (model: Model) => readonly [Model, Effect<Message>]) {
  return (model: Model, message: Message): readonly [Model, Effect<Message>] =>
    message.type === 'UserClicked' ? [{ ...model, count: model.count + 1 }, effect.none] : broken(model);
}

const boom = (): never => {
  throw new Error('boom');
};

const fragileMachine = setup({
  types: { context: {} as { count: number }, events: {} as Message },
  actions: { boom },
}).createMachine({
  context: { count: 0 },
  on: {
    UserClicked: { actions: assign({ count: ({ context }) => context.count + 1 }) },
    UserBrokeIt: { actions: 'boom' },
  },
});

const rows = ['a', 'b', 'c'];

const waysToFail: Record<string, AnyComponent> = {
  update: fragile({ update: breaking(boom) }),
  'what update returns': fragile({ update: breaking(() => 'boom' as never) }),
  view: fragile({ view: (model) => (model.isBroken ? boom() : view(model)) }),
  'an effect': fragile({ update: breaking(() => [{ count: 99, isBroken: false }, effect.from(boom)]) }),
  'one effect of several': fragile({
    update: breaking((model) => [
      model,
      effect.batch<Message>([effect.after(1, { type: 'UserClicked' }), effect.from(boom)]),
    ]),
  }),
  "an async effect's rejection": fragile({ update: breaking((model) => [model, effect.from(async () => boom())]) }),
  'an event handler': fragile({ view: (model) => viewWith(model, boom) }),
  'an event handler that makes no message': fragile({ view: (model) => viewWith(model, () => 'boom' as never) }),
  "a machine's action": component({
    machine: fragileMachine,
    view: ({ context }) => view({ count: context.count, isBroken: false }),
  }),
  'an event that JSON cannot say': fragile({ update: breaking((model) => [model, effect.emit('boom', 1n)]) }),
  'a value that JSON cannot say': fragile({ update: breaking((model) => [model, effect.provide('boom', 1n)]) }),
};

const waysToFailWithinTheTree: Record<string, AnyComponent> = {
  'the view of a keyed item, in the middle of a comparison': fragile({
    view: (model) => {
      const items = model.isBroken ? ['c', 'boom', 'a', 'b'] : rows;
      const row = (name: string): Template => (name === 'boom' ? boom() : html`<li>${name}</li>`);
      return view(
        model,
        keyed(items, (name) => name, row),
      );
    },
  }),
  'a duplicate key': fragile({
    view: (model) => {
      const items = model.isBroken ? ['a', 'boom', 'boom'] : rows;
      return view(
        model,
        keyed(
          items,
          (name) => name,
          (name) => html`<li>${name}</li>`,
        ),
      );
    },
  }),
  'a property that JSON cannot say': fragile({
    view: (model) => view(model, html`<li .boom=${model.isBroken ? 1n : 0}></li>`),
  }),
};

const cause = /boom|\[model, effect\]|BigInt/;

describe.each(Object.entries({ ...waysToFail, ...waysToFailWithinTheTree }))('what is thrown by %s', (name, broken) => {
  test('is logged, and the actor goes on from its last good state; nobody else notices', async () => {
    const clock = new ManualClock();
    await using server = await startServer(
      (app) => {
        app.islet.route('/ws/fragile', broken);
        app.islet.route('/ws/count', counter, { shared: true });
      },
      { restart, clock },
    );
    const page = await server.visit('/ws/fragile');
    const neighbour = await server.visit('/ws/fragile');
    const other = await server.visit('/ws/count');
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 1);

    page.click(breakHole);
    await page.handled();
    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]?.actor).toBe('/ws/fragile#1');
    expect(server.errors[0]?.msg).toContain('Restarting in 100 ms');
    expect(server.errors[0]?.err?.stack).toMatch(cause);

    // while it is down the others go on
    neighbour.click(clickHole);
    await neighbour.until(() => neighbour.slots()[countHole] === 1);
    other.click();
    await other.until(() => other.slots()[1] === 1);

    await clock.advance(100);
    if (name in waysToFailWithinTheTree) await page.next('mount');
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 2);
    expect(server.app.islet.counters.failures).toBe(1);
    expect([...page.frames, ...neighbour.frames, ...other.frames].map(({ kind }) => kind)).not.toContain('error');
  });
});

describe('what comes while an actor restarts', () => {
  const late = async (broken: AnyComponent) => {
    const clock = new ManualClock();
    const server = await startServer((app) => app.islet.route('/ws/fragile', broken), { restart, clock });
    const page = await server.visit('/ws/fragile');
    page.click(breakHole);
    await page.handled();
    page.click(clickHole);
    page.click(clickHole);
    await page.handled();
    expect(page.rest()).toEqual([]);
    await clock.advance(100);
    return { page, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  test('is delivered after, in order', async () => {
    await using run = await late(fragile({ update: breaking(boom) }));
    expect(await run.page.next('patch')).toEqual({
      kind: 'patch',
      channel: 1,
      operations: [[1, countHole, 2]],
      event: 3,
    });
  });

  test('is refused and counted if the view was half changed: its target is not the same any more', async () => {
    await using run = await late(waysToFailWithinTheTree['a duplicate key'] as AnyComponent);
    const refusal = { kind: 'refused', channel: 1, code: 'ISLET_ERR_EVENT_UNKNOWN_TARGET', event: 3 };
    expect(await run.page.next('refused')).toMatchObject(refusal);
    expect(await run.page.next('refused')).toMatchObject(refusal);
    const mount = await run.page.next('mount');
    expect(mount.event).toBe(3);
    expect(mount.ids[0]).toBeGreaterThan(4); // 1 to 4 were the first rendering's, and are never given again
  });
});

test('a machine that restarts in a state with a delay still leaves it, once', async () => {
  const clock = new ManualClock();
  const events = {} as { type: 'UserClicked' } | { type: 'UserBrokeIt' };
  const guarded = [{ guard: () => false, target: 'idle' }, { target: 'done' }] as const;
  const waiting = setup({ types: { events }, actions: { boom }, delays: { long: 1_000 } }).createMachine({
    initial: 'idle',
    on: { UserBrokeIt: { actions: 'boom' } },
    states: { idle: { on: { UserClicked: 'busy' } }, busy: { after: { long: guarded } }, done: {} },
  });
  const slow = component({
    machine: waiting,
    view: ({ value }) => html`
      <button @click=${{ type: 'UserClicked' }}></button><button @click=${{ type: 'UserBrokeIt' }}></button><p>${value as string}</p>
    `,
  });
  await using server = await startServer((app) => app.islet.route('/ws/x', slow), { restart, clock });
  const page = await server.visit('/ws/x');
  page.click(clickHole);
  await page.until(() => page.slots()[countHole] === 'busy');
  page.click(breakHole);
  await page.handled();
  await clock.advance(100);
  expect(clock.waits).toEqual([1_000]);
  await clock.advance(1_000);
  await page.until(() => page.slots()[countHole] === 'done');
  expect(clock.waits).toEqual([]);
});

describe('an actor that fails again and again', () => {
  /** Fails as often as `failures` says, then starts. */
  const stubborn = (failures: number, fail: 'init' | 'view'): AnyComponent => {
    let left = failures;
    const maybe = (place: string): void => {
      if (place === fail && left-- > 0) boom();
    };
    return fragile({
      init() {
        maybe('init');
        return [{ count: 7, isBroken: false }, effect.none];
      },
      view(model) {
        maybe('view');
        return view(model);
      },
    });
  };

  test.each(['init', 'view'] as const)(
    'waits twice as long each time, and is mounted when %s works at last',
    async (place) => {
      const clock = new ManualClock();
      await using server = await startServer((app) => app.islet.route('/ws/x', stubborn(3, place)), { restart, clock });
      const page = await server.connect();
      page.send({ kind: 'join', channel: 1, route: '/ws/x', attributes: {}, have: undefined });
      await page.handled();
      for (const wait of [100, 200, 400]) {
        expect(clock.waits).toEqual([wait]);
        expect(page.rest()).toEqual([]);
        await clock.advance(wait);
      }
      expect(await page.next('mount')).toMatchObject({ content: [0, 0, 0, 7, null] });
      expect(server.errors.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    },
  );

  test('is given up, and says so to all who look and all who come', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', stubborn(100, 'view'), { shared: true }), {
      restart,
      clock,
    });
    const error = { kind: 'error', channel: 1, code: 'ISLET_ERR_ACTOR_FAILED', message: expect.any(String) };
    const [one, another] = [await server.connect(), await server.connect()];
    for (const page of [one, another])
      page.send({ kind: 'join', channel: 1, route: '/ws/x', attributes: {}, have: undefined });
    await Promise.all([one.handled(), another.handled()]);
    await clock.advance(700);
    expect(await one.next('error')).toEqual(error);
    expect(await another.next('error')).toEqual(error);
    expect(server.errors.at(-1)?.msg).toBe('actor /ws/x failed 4 times and was stopped');
    expect(clock.waits).toEqual([]);

    expect(await (await server.connect()).join('/ws/x')).toEqual(error);
    one.click();
    expect(await one.next('refused')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED', event: 1 });
  });

  test('is not given up when its failures are far apart', async () => {
    const clock = new ManualClock();
    const broken = waysToFail.update as AnyComponent;
    await using server = await startServer((app) => app.islet.route('/ws/x', broken), { restart, clock });
    const page = await server.visit('/ws/x');
    for (let failure = 0; failure < 6; failure++) {
      page.click(breakHole);
      await page.handled();
      expect(clock.waits).toEqual([100]);
      await clock.advance(10_000);
    }
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 1);
  });

  test('is given up at once if that is wanted', async () => {
    const broken = waysToFail.update as AnyComponent;
    await using server = await startServer((app) => app.islet.route('/ws/x', broken), { restart: { maxFailures: 0 } });
    const page = await server.visit('/ws/x');
    page.click(breakHole);
    expect(await page.next('error')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
  });

  test('is tried again by who comes when the window has passed, if it is shared', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', stubborn(1, 'view'), { shared: true }), {
      restart: { ...restart, maxFailures: 0 },
      clock,
    });
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('error');
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('error');
    await clock.advance(restart.windowMs);
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('mount');
    expect(server.app.islet.size.actors).toBe(1);
  });

  test('starts anew when its page is loaded again', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/x', stubborn(1, 'view')), {
      restart: { maxFailures: 0 },
    });
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('error');
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('mount');
  });
});

describe('functions that are called for clients', () => {
  test.each<[string, Parameters<typeof fragile>[0]]>([
    ['onConnect', { onConnect: boom }],
    ['onDisconnect', { onDisconnect: boom }],
    ["an attribute's function", { attributes: { value: boom } }],
  ])('%s may throw: the actor restarts, nobody else notices', async (_, parts) => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', fragile(parts), { shared: true }), {
      restart,
      clock,
    });
    const page = await server.connect();
    page.send({ kind: 'join', channel: 1, route: '/ws/x', attributes: {}, have: undefined });
    page.send({ kind: 'attribute', channel: 1, name: 'value', text: '7' });
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['boom']);
    await clock.advance(100);
    expect(server.app.islet.size.actors).toBe(1);
    expect(server.app.islet.counters.failures).toBe(1);
  });

  test('an attribute that the server renders with may throw: the page shows the rest', async () => {
    const broken = fragile({ attributes: { value: boom } });
    await using server = await startServer((app) => {
      app.islet.route('/ws/own', broken);
      app.get('/', (_, reply) =>
        reply.html(html`<p>${serverComponent({ route: '/ws/own', attributes: { value: '7' } })}</p>the rest`),
      );
    });
    const { statusCode, body } = await server.app.inject('/');
    expect(statusCode).toBe(200);
    expect(body).toContain('<p role="alert">This part of the page failed and was stopped.</p></server-component>');
    expect(body).toContain('the rest');
  });
});

describe('when an actor stops', () => {
  /** Keeps a timer and the signal's state, to be looked at from outside. */
  function withEffects(): { component: AnyComponent; aborted: () => number } {
    let count = 0;
    const watch = effect.from<Message>((_, { signal }) => {
      signal.addEventListener('abort', () => count++);
    });
    return {
      component: fragile({
        init: () => [
          { count: 0, isBroken: false },
          effect.batch<Message>([effect.every(50, { type: 'UserClicked' }), watch]),
        ],
        update: breaking(boom),
      }),
      aborted: () => count,
    };
  }

  test.each<[string, (page: TestClient, clock: ManualClock, server: TestServer) => Promise<unknown>]>([
    ['since its island left', async (page) => page.send({ kind: 'leave', channel: 1 })],
    ['since its page was closed for long', async (page, clock) => [await page.close(), await clock.advance(60_000)]],
    ['since the server stops', async (_, __, server) => server.app.close()],
    ['since it failed', async (page) => page.click(breakHole)],
  ])('%s, its signal fires and its timers end', async (_, end) => {
    const clock = new ManualClock();
    const { component, aborted } = withEffects();
    await using server = await startServer((app) => app.islet.route('/ws/x', component), {
      restart: { maxFailures: 0 },
      clock,
    });
    const page = await server.visit('/ws/x');
    await clock.advance(50);
    await page.until(() => page.slots()[countHole] === 1);
    expect(clock.waits).toEqual([50]);
    expect(aborted()).toBe(0);

    await end(page, clock, server);
    await expect.poll(aborted).toBe(1);
    expect(clock.waits).toEqual([]);
  });

  test('to restart, what is left of its effects can do nothing to the new one', async () => {
    const clock = new ManualClock();
    const left: { dispatch: (message: Message) => void; reject: (error: Error) => void; context: EffectContext }[] = [];
    const careless = effect.from<Message>((dispatch, context) => {
      return new Promise((_, reject) => left.push({ dispatch, reject, context }));
    });
    const component = fragile({ init: () => [{ count: 0, isBroken: false }, careless], update: breaking(boom) });
    await using server = await startServer((app) => app.islet.route('/ws/x', component), { restart, clock });
    const page = await server.visit('/ws/x');
    page.click(breakHole);
    await page.handled();
    expect(left[0]?.context.signal.aborted).toBe(true); // also for who asks only now
    await clock.advance(100);
    expect(left).toHaveLength(2);
    const [old, present] = left;

    old?.dispatch({ type: 'UserClicked' });
    old?.dispatch({ type: 'UserBrokeIt' });
    present?.dispatch({ type: 'UserClicked' });
    await page.until(() => page.slots()[countHole] === 1);
    old?.reject(new Error('late'));
    await page.handled();
    expect(server.app.islet.counters.failures).toBe(1);
    expect(present?.context.signal.aborted).toBe(false);
  });

  test('what its effects throw after that is logged, unless they were aborted', async () => {
    const rejects: ((error: Error) => void)[] = [];
    const careless = effect.from<Message>(() => new Promise((_, reject) => rejects.push(reject)));
    const component = fragile({
      init: () => [{ count: 0, isBroken: false }, effect.batch([careless, careless])],
    });
    await using server = await startServer((app) => app.islet.route('/ws/x', component));
    const page = await server.visit('/ws/x');
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    rejects[0]?.(new DOMException('aborted', 'AbortError'));
    rejects[1]?.(new Error('late'));
    await page.handled();
    expect(server.errors).toMatchObject([
      { msg: 'an effect of /ws/x#1 threw after it was stopped', err: { message: 'late' } },
    ]);
  });

  test('to restart, its timers begin anew, once', async () => {
    const clock = new ManualClock();
    const { component, aborted } = withEffects();
    await using server = await startServer((app) => app.islet.route('/ws/x', component), { restart, clock });
    const page = await server.visit('/ws/x');
    page.click(breakHole);
    await page.handled();
    expect(clock.waits).toEqual([100]);
    await clock.advance(100);
    expect(clock.waits).toEqual([50]);
    expect(aborted()).toBe(1);
    await clock.advance(100);
    await page.until(() => page.slots()[countHole] === 2);
  });
});
