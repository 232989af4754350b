// What a component throws, wherever it throws it, is contained. What a message causes refuses that message, what an
// effect throws is logged, and what is left restarts the actor from the last good snapshot, later and later, until it
// is given up for a while. Everything else goes on. Real sockets; time is moved by hand. Refusals among many clients
// are in `refusals.test.ts`. What Node tells to the process alone (late errors) needs a process of its own: see
// `late-errors.test.ts`.

import { describe, expect, test } from 'vitest';
import { fromPromise, setup } from 'xstate';
import { serverComponent } from '../server/index.ts';
import { component, type EventHandler, effect, html, keyed, type Template } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Effect, EffectContext } from '../shared/language/effect.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { outcomeOf, refusedTo } from './support/outcomes.ts';
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

const breakable = setup({
  types: { context: {} as { count: number }, events: {} as Message },
  actions: { boom },
  actors: { boom: fromPromise<void>(async () => boom()) },
});
const counting = {
  context: { count: 0 },
  on: { UserClicked: { actions: breakable.assign({ count: ({ context }) => context.count + 1 }) } },
};
const machineView = ({ context: { count } }: { readonly context: { readonly count: number } }): Template<Message> =>
  view({ count, isBroken: false });

const rows = ['a', 'b', 'c'];
const row = (name: string): Template => (name === 'boom' ? boom() : html`<li>${name}</li>`);
const list = (names: readonly string[]) => keyed(names, (name) => name, row);

/** Each refuses the message that caused it. */
const refused: Record<string, AnyComponent> = {
  update: fragile({ update: breaking(boom) }),
  'what update returns': fragile({ update: breaking(() => 'boom' as never) }),
  view: fragile({ view: (model) => (model.isBroken ? boom() : view(model)) }),
  'an event handler': fragile({ view: (model) => viewWith(model, boom) }),
  'an event handler that makes no message': fragile({ view: (model) => viewWith(model, () => 'boom' as never) }),
  "a machine's assignment": component({
    machine: breakable.createMachine({
      ...counting,
      on: { ...counting.on, UserBrokeIt: { actions: breakable.assign({ count: boom }) } },
    }),
    view: machineView,
  }),
  'an event that JSON cannot say': fragile({ update: breaking((model) => [model, effect.emit('boom', 1n)]) }),
  'a value that JSON cannot say': fragile({ update: breaking((model) => [model, effect.provide('boom', 1n)]) }),
  'the view of a keyed item, in the middle of a comparison': fragile({
    view: (model) => view(model, list(model.isBroken ? ['c', 'boom', 'a', 'b'] : rows)),
  }),
  'a duplicate key': fragile({ view: (model) => view(model, list(model.isBroken ? ['a', 'x', 'x'] : rows)) }),
  'a property that JSON cannot say': fragile({
    view: (model) => view(model, html`<li .boom=${model.isBroken ? 1n : 0}></li>`),
  }),
};

const rejecting: PromiseLike<void> = {
  // biome-ignore lint/suspicious/noThenProperty: it is what the queries of some libraries are
  then: (_, onRejected) => Promise.reject(new Error('boom')).then(undefined, onRejected),
};

/** Each is logged, and the model that goes with it stays. */
const logged: Record<string, AnyComponent> = {
  'an effect': fragile({ update: breaking((model) => [model, effect.from(boom)]) }),
  'one effect of several': fragile({
    update: breaking((model) => [
      model,
      effect.batch<Message>([effect.from(boom), effect.after(1, { type: 'UserClicked' })]),
    ]),
  }),
  "an async effect's rejection": fragile({ update: breaking((model) => [model, effect.from(async () => boom())]) }),
  'a thenable that is no promise': fragile({
    update: breaking((model) => [model, effect.from(() => rejecting)]),
  }),
};

/** Each restarts its actor. */
const restarting: Record<string, AnyComponent> = {
  'an effect that asks for it': fragile({
    update: breaking((model) => [model, effect.from((_, { fail }) => fail(new Error('boom')))]),
  }),
  'an effect that asks for it later': fragile({
    update: breaking((model) => [
      model,
      effect.from(async (_, context) => {
        await null;
        context.fail(new Error('boom'));
      }),
    ]),
  }),
  "a machine's action": component({
    machine: breakable.createMachine({ ...counting, on: { ...counting.on, UserBrokeIt: { actions: 'boom' } } }),
    view: machineView,
  }),
  "a machine's view": component({
    machine: breakable.createMachine({
      ...counting,
      on: { ...counting.on, UserBrokeIt: { actions: breakable.assign({ count: 99 }) } },
    }),
    view: (snapshot) => (snapshot.context.count === 99 ? boom() : machineView(snapshot)),
  }),
  'an actor that a machine invoked': component({
    machine: breakable.createMachine({
      ...counting,
      initial: 'idle',
      states: { idle: { on: { UserBrokeIt: 'busy' } }, busy: { invoke: { src: 'boom' } } },
    }),
    view: machineView,
  }),
};

const cause = /boom|\[model, effect\]|BigInt|the key "x"|give a message/;

interface Scene extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly server: TestServer;
  readonly page: TestClient;
  /** Clicks for the others: they see it at once, and nothing else has come to them. */
  expectOthersGoOn(): Promise<void>;
}

/**
 * A page with an island that was clicked once, one with another island of the same route, and one with another
 * component.
 */
async function setScene(broken: AnyComponent): Promise<Scene> {
  const clock = new ManualClock();
  const server = await startServer(
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
  return {
    clock,
    server,
    page,
    async expectOthersGoOn() {
      neighbour.click(clickHole);
      other.click();
      await neighbour.until(() => neighbour.slots()[countHole] === 1);
      await other.until(() => other.slots()[1] === 1);
      expect([...neighbour.frames, ...other.frames].map(({ kind }) => kind)).toEqual([
        ...['hello', 'mount', 'patch'],
        ...['hello', 'mount', 'patch'],
      ]);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each(Object.entries(refused))('what is thrown by %s', (_, broken) => {
  test('refuses the message and is logged; the actor goes on as if it had not come, and nobody else notices', async () => {
    await using scene = await setScene(broken);
    const { page, server, clock } = scene;
    page.click(breakHole);
    await outcomeOf(page, 2);
    expect(refusedTo(page)).toEqual([{ event: 2, code: 'ISLET_ERR_MESSAGE_REFUSED' }]);
    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]).toMatchObject({ actor: '/ws/fragile#1', code: 'ISLET_ERR_MESSAGE_REFUSED' });
    expect(server.errors[0]?.err?.stack).toMatch(cause);

    await scene.expectOthersGoOn();
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 2);
    expect(page.frames.map(({ kind }) => kind)).toEqual(['hello', 'mount', 'patch', 'patch', 'patch']);
    expect(server.app.islet.counters).toMatchObject({ failures: 0, droppedEvents: 1 });
    expect(clock.waits).toEqual([]);
  });
});

describe.each(Object.entries(logged))('what is thrown by %s', (_, broken) => {
  test('is logged, and the actor goes on; nobody is told, and nobody else notices', async () => {
    await using scene = await setScene(broken);
    const { page, server, clock } = scene;
    page.click(breakHole);
    await outcomeOf(page, 2);
    await page.handled();
    expect(server.errors).toMatchObject([
      { actor: '/ws/fragile#1', msg: expect.stringContaining('the actor goes on') },
    ]);
    expect(server.errors[0]?.err?.stack).toMatch(cause);
    expect(refusedTo(page)).toEqual([]);

    await scene.expectOthersGoOn();
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 2);
    // what else it asked for came about
    await clock.advance(1);
    await page.handled();
    expect(page.slots()[countHole]).toBe(broken === logged['one effect of several'] ? 3 : 2);
    expect(server.app.islet.counters).toMatchObject({ failures: 0, droppedEvents: 0 });
  });
});

describe.each(Object.entries(restarting))('what is thrown by %s', (_, broken) => {
  test('is logged, and the actor goes on from its last good state; nobody else notices', async () => {
    await using scene = await setScene(broken);
    const { page, server, clock } = scene;
    page.click(breakHole);
    await page.handled();
    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]?.actor).toBe('/ws/fragile#1');
    expect(server.errors[0]?.msg).toContain('Restarting in 100 ms');
    expect(server.errors[0]?.err?.stack).toMatch(cause);

    // while it is down the others go on
    await scene.expectOthersGoOn();
    await clock.advance(100);
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 2);
    expect(server.app.islet.counters.failures).toBe(1);
    expect(page.frames.map(({ kind }) => kind)).not.toContain('error');
    expect(page.frames.filter(({ kind }) => kind === 'mount')).toHaveLength(1);
  });
});

describe('what a component starts with and JSON cannot say', () => {
  const cycle: { self?: object } = {};
  cycle.self = cycle;

  test.each([false, true])(
    'is logged if it is an output of init, and everything else comes about',
    async (isShared) => {
      const clock = new ManualClock();
      const unsayable = fragile({
        init: () => [
          { count: 0, isBroken: false },
          effect.batch<Message>([
            effect.provide('boom', 1n),
            effect.emit('boom', cycle),
            effect.provide('fine', 1),
            effect.after(50, { type: 'UserClicked' }),
          ]),
        ],
      });
      await using server = await startServer(
        (app) => app.islet.route('/ws/x', unsayable, isShared ? { shared: true } : {}),
        {
          clock,
        },
      );
      const page = await server.connect();
      expect(await page.join('/ws/x')).toMatchObject({ kind: 'mount', operations: [['provide', 'fine', 1]] });
      expect(server.errors.map(({ msg }) => msg)).toEqual(
        [1, 2].map(() => `an effect of /ws/x${isShared ? '' : '#1'} threw; the actor goes on`),
      );
      await clock.advance(50);
      await page.until(() => page.slots()[countHole] === 1);
    },
  );

  test.each([false, true])('fails if it is in the first view, and the page is told', async (isShared) => {
    const unsayable = fragile({ view: (model) => view(model, html`<li .boom=${cycle}></li>`) });
    await using server = await startServer(
      (app) => app.islet.route('/ws/x', unsayable, isShared ? { shared: true } : {}),
      {
        restart: { maxFailures: 0 },
      },
    );
    const page = await server.connect();
    expect(await page.join('/ws/x')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]?.err?.message).toContain('circular');
    expect(server.app.islet.counters.failures).toBe(1);
  });

  test('is said to whoever joins later, if it became so behind the view’s back', async () => {
    const data: { self?: object } = {};
    const changing = fragile({ view: (model) => view(model, html`<li .data=${data}></li>`) });
    await using server = await startServer((app) => app.islet.route('/ws/x', changing, { shared: true }));
    const page = await server.visit('/ws/x');
    data.self = data;
    const late = await server.connect();
    expect(await late.join('/ws/x')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 1);
    expect(late.frames.map(({ kind }) => kind)).toEqual(['hello', 'error']);
  });
});

/** Restarts its actor when it is told to. */
const restartable = restarting['an effect that asks for it'] as AnyComponent;

test('what comes while an actor restarts is delivered after, in order; what was shown is where it was', async () => {
  const clock = new ManualClock();
  await using server = await startServer((app) => app.islet.route('/ws/fragile', restartable), { restart, clock });
  const page = await server.visit('/ws/fragile');
  page.click(breakHole);
  await outcomeOf(page, 1);
  await page.handled();
  page.rest();
  page.click(clickHole);
  page.click(clickHole);
  await page.handled();
  expect(page.rest()).toEqual([]);
  await clock.advance(100);
  expect(await page.next('patch')).toEqual({ kind: 'patch', channel: 1, operations: [[1, countHole, 2]], event: 3 });
});

test('a machine that restarts says which event it did not take', async () => {
  const clock = new ManualClock();
  const broken = restarting["a machine's view"] as AnyComponent;
  await using server = await startServer((app) => app.islet.route('/ws/fragile', broken), { restart, clock });
  const page = await server.visit('/ws/fragile');
  page.click(breakHole);
  await outcomeOf(page, 1);
  expect(refusedTo(page)).toEqual([{ event: 1, code: 'ISLET_ERR_MESSAGE_REFUSED' }]);
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
  /** Fails in one place for as long as `isBroken` says so. */
  function stubborn(place: 'init' | 'view'): { readonly component: AnyComponent; isBroken: boolean } {
    const self = {
      isBroken: true,
      component: fragile({
        init() {
          if (self.isBroken && place === 'init') boom();
          return [{ count: 7, isBroken: false }, effect.none];
        },
        update: breaking((model) => [model, effect.from((_, { fail }) => fail(new Error('boom')))]),
        view(model) {
          if (self.isBroken && place === 'view') boom();
          return view(model);
        },
      }),
    };
    return self;
  }

  const joinFrame = { kind: 'join', channel: 1, route: '/ws/x', attributes: {}, settled: 0, have: undefined } as const;
  const error = { kind: 'error', channel: 1, code: 'ISLET_ERR_ACTOR_FAILED', message: expect.any(String) };

  test.each(['init', 'view'] as const)(
    'waits twice as long each time, and is mounted when %s works at last',
    async (place) => {
      const clock = new ManualClock();
      const broken = stubborn(place);
      await using server = await startServer((app) => app.islet.route('/ws/x', broken.component), { restart, clock });
      const page = await server.connect();
      page.send(joinFrame);
      await page.handled();
      for (const wait of [100, 200, 400]) {
        expect(clock.waits).toEqual([wait]);
        expect(page.rest()).toEqual([]);
        broken.isBroken = wait < 400;
        await clock.advance(wait);
      }
      expect(await page.next('mount')).toMatchObject({ content: [0, 0, 0, 7, null] });
      expect(server.errors.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    },
  );

  test.each(['init', 'view'] as const)(
    'in %s is given up for a while, and says so to all who look and all who come; then these are mounted',
    async (place) => {
      const clock = new ManualClock();
      const broken = stubborn(place);
      await using server = await startServer((app) => app.islet.route('/ws/x', broken.component, { shared: true }), {
        restart,
        clock,
      });
      const [one, another] = [await server.connect(), await server.connect()];
      for (const page of [one, another]) page.send(joinFrame);
      await Promise.all([one.handled(), another.handled()]);
      await clock.advance(700);
      expect(await one.next('error')).toEqual(error);
      expect(await another.next('error')).toEqual(error);
      expect(server.errors.at(-1)?.msg).toBe('actor /ws/x failed 4 times and was stopped. Trying again in 10000 ms');
      expect(clock.waits).toEqual([restart.windowMs]);

      const late = await server.connect();
      expect(await late.join('/ws/x')).toEqual(error);
      one.click();
      await outcomeOf(one, 1);
      expect(refusedTo(one)).toEqual([{ event: 1, code: 'ISLET_ERR_ACTOR_FAILED' }]);

      // it fails once more, and has all its tries again
      await clock.advance(restart.windowMs);
      expect(clock.waits).toEqual([100]);
      broken.isBroken = false;
      await clock.advance(100);
      for (const page of [one, another, late]) {
        expect(await page.next('mount')).toMatchObject({ content: [0, 0, 0, 7, null] });
      }
      one.click(clickHole, { number: 2 });
      await clock.advance(20);
      for (const page of [one, another, late]) await page.until(() => page.slots()[countHole] === 8);
      expect(refusedTo(one)).toHaveLength(1);
      expect(server.app.islet.size.actors).toBe(1);
    },
  );

  test('after it was shown comes back where it was: its pages are told no more than that it is live', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', restartable), {
      restart: { ...restart, maxFailures: 1 },
      clock,
    });
    const page = await server.visit('/ws/x');
    page.click(clickHole);
    page.click(breakHole);
    await outcomeOf(page, 2);
    await clock.advance(100);
    page.click(breakHole);
    expect(await page.next('error')).toEqual(error);
    const version = page.version();
    await clock.advance(restart.windowMs - 1);
    await page.handled();
    expect(page.rest()).toEqual([]);
    await clock.advance(1);
    expect(await page.next('live')).toMatchObject({ version, event: 3, operations: [] });
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 2);
  });

  test('tells who lost the connection meanwhile when they come back', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', restartable, { shared: true }), {
      restart: { ...restart, maxFailures: 0 },
      clock,
    });
    const page = await server.connect();
    const session = await server.open().opened();
    const id = await session.hello();
    await session.join('/ws/x');
    const have = session.have();
    await session.vanish();
    await page.join('/ws/x');
    page.click(breakHole);
    await page.handled();
    await clock.advance(20); // with two who look, the clock decides when a turn ends
    expect(await page.next('error')).toEqual(error);
    const back = await server.connect(id);
    expect(await back.join('/ws/x', { have })).toEqual(error);
    await clock.advance(restart.windowMs);
    expect((await page.next('live')).version).toBe(1);
    await back.next('mount');
  });

  test('is not given up when its failures are far apart', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', restartable), { restart, clock });
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
    await using server = await startServer((app) => app.islet.route('/ws/x', restartable), {
      restart: { maxFailures: 0 },
    });
    const page = await server.visit('/ws/x');
    page.click(breakHole);
    expect(await page.next('error')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
  });

  test('starts anew when its page is loaded again', async () => {
    const broken = stubborn('view');
    await using server = await startServer((app) => app.islet.route('/ws/x', broken.component), {
      restart: { maxFailures: 0 },
    });
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('error');
    broken.isBroken = false;
    expect((await (await server.connect()).join('/ws/x')).kind).toBe('mount');
  });
});

describe('functions that are called for clients', () => {
  test.each<[string, Parameters<typeof fragile>[0]]>([
    ['onConnect', { onConnect: boom }],
    ['onDisconnect', { onDisconnect: boom }],
    ["an attribute's function", { attributes: { value: boom } }],
  ])('%s may throw: that is logged, and the actor goes on', async (_, parts) => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/x', fragile(parts), { shared: true }), {
      restart,
      clock,
    });
    const page = await server.connect();
    await page.join('/ws/x');
    page.send({ kind: 'attribute', channel: 1, name: 'value', text: '7' });
    page.click(clickHole);
    await page.until(() => page.slots()[countHole] === 1);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['boom']);
    expect(server.app.islet.size.actors).toBe(1);
    expect(server.app.islet.counters.failures).toBe(0);
    expect(page.frames.map(({ kind }) => kind)).toEqual(['hello', 'mount', 'patch']);
  });

  test('an attribute that the server renders with may throw: the page shows what is shown without it', async () => {
    const broken = fragile({ attributes: { value: boom } });
    await using server = await startServer((app) => {
      app.islet.route('/ws/own', broken);
      app.get('/', (_, reply) =>
        reply.html(html`<p>${serverComponent({ route: '/ws/own', attributes: { value: '7' } })}</p>the rest`),
      );
    });
    const { statusCode, body } = await server.app.inject('/');
    expect(statusCode).toBe(200);
    expect(body).toContain('<output>0</output>');
    expect(body).toContain('the rest');
    const page = await server.connect();
    expect((await page.join('/ws/own', { attributes: { value: '7' } })).kind).toBe('mount');
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['boom']);
  });

  test('a first view that the server renders may throw: its place says so, and the page shows the rest', async () => {
    await using server = await startServer((app) => {
      app.islet.route('/ws/own', fragile({ view: boom }));
      app.islet.route('/ws/shared', fragile({ init: boom }), { shared: true });
      app.get('/', (_, reply) =>
        reply.html(html`${serverComponent({ route: '/ws/own' })}${serverComponent({ route: '/ws/shared' })}the rest`),
      );
    });
    const { statusCode, body } = await server.app.inject('/');
    expect(statusCode).toBe(200);
    const said = '<p role="alert">This part of the page failed and was stopped.</p></server-component>';
    expect(body.split(said)).toHaveLength(3);
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
        update: breaking((model) => [model, effect.from((_, { fail }) => fail(new Error('boom')))]),
      }),
      aborted: () => count,
    };
  }

  test.each<[string, (page: TestClient, clock: ManualClock, server: TestServer) => Promise<unknown>]>([
    ['since its island left', async (page) => page.send({ kind: 'leave', channel: 1 })],
    ['since its page was closed for long', async (page, clock) => [await page.close(), await clock.advance(60_000)]],
    ['since the server stops', async (_, __, server) => server.app.close()],
  ])('%s, its signal fires and its timers end', async (_, end) => {
    const clock = new ManualClock();
    const { component, aborted } = withEffects();
    await using server = await startServer((app) => app.islet.route('/ws/x', component), { clock });
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
    const component = fragile({
      init: () => [{ count: 0, isBroken: false }, careless],
      update: breaking((model) => [model, effect.from((_, { fail }) => fail(new Error('boom')))]),
    });
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

  test('to restart, its timers go on, and what they say waits', async () => {
    const clock = new ManualClock();
    const { component, aborted } = withEffects();
    await using server = await startServer((app) => app.islet.route('/ws/x', component), { restart, clock });
    const page = await server.visit('/ws/x');
    await clock.advance(30);
    page.click(breakHole);
    await page.handled();
    expect(aborted()).toBe(1);
    expect(clock.waits).toEqual([20, 100]);
    await clock.advance(99);
    expect(page.slots()[countHole]).toBe(0);
    await clock.advance(1);
    // what comes again and again comes once for all that it has missed, and keeps its beat
    await page.until(() => page.slots()[countHole] === 1);
    expect(clock.waits).toEqual([20]);
    await clock.advance(20);
    await page.until(() => page.slots()[countHole] === 2);
  });

  test('for a while since it failed, its signal fires', async () => {
    const clock = new ManualClock();
    const { component, aborted } = withEffects();
    await using server = await startServer((app) => app.islet.route('/ws/x', component), {
      restart: { ...restart, maxFailures: 0 },
      clock,
    });
    const page = await server.visit('/ws/x');
    page.click(breakHole);
    await page.next('error');
    expect(aborted()).toBe(1);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    expect(clock.waits).toEqual([]);
  });
});
