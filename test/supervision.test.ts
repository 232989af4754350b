// What a component throws, wherever it throws it, is contained: its actor restarts from the last good snapshot, later
// and later, and is given up in the end. Everything else goes on. Real sockets; time is moved by hand.

import { describe, expect, test } from 'vitest';
import { assign, emit, setup } from 'xstate';
import type { AnyComponent } from '../shared/component.ts';
import { component, type EventHandler, effect, html, keyed, type Template } from '../shared/index.ts';
import { counter } from './support/counter.ts';
import { ManualClock, settled } from './support/clock.ts';
import { startServer } from './support/server.ts';

const restart = { maxFailures: 3, windowMs: 10_000, backoffMs: 100 };

type Message = { readonly type: 'UserClicked' } | { readonly type: 'UserBrokeIt' };
interface Model {
  readonly count: number;
  readonly isBroken: boolean;
}

const clickHole = 0;
const breakHole = 1;
const countHole = 2;

const view = ({ count, isBroken }: Model, inside: unknown = null): Template<Message> => html`
  <button @click=${{ type: 'UserClicked' }}></button>
  <button @click=${{ type: 'UserBrokeIt' }}></button>
  <output>${count}</output>
  <p>${inside as string}</p>
  <i ?hidden=${isBroken}></i>
`;

/** A counter with a second button; the second breaks it, in a way that the parts given here decide. */
function fragile(parts: Partial<Parameters<typeof component<Model, Message, unknown>>[0]>): AnyComponent {
  return component<Model, Message, unknown>({
    init: () => [{ count: 0, isBroken: false }, effect.none],
    update: (model, message) =>
      message.type === 'UserClicked'
        ? [{ ...model, count: model.count + 1 }, effect.none]
        : [{ ...model, isBroken: true }, effect.none],
    view: (model) => view(model),
    ...parts,
  });
}

const breaks =
  (broken: () => ReturnType<Parameters<typeof component<Model, Message, unknown>>[0]['update']>) =>
  (model: Model, message: Message): readonly [Model, ReturnType<typeof effect.batch<Message>>] =>
    message.type === 'UserClicked' ? [{ ...model, count: model.count + 1 }, effect.none] : broken();

const boom = (): never => {
  throw new Error('boom');
};
const rows = ['a', 'b', 'c'];

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

const waysToFail: Record<string, AnyComponent> = {
  update: fragile({ update: breaks(boom) }),
  'what update returns': fragile({ update: breaks(() => undefined as never) }),
  view: fragile({ view: (model) => (model.isBroken ? boom() : view(model)) }),
  'the view of a keyed item, in the middle of a comparison': fragile({
    view: (model) => {
      const items = model.isBroken ? ['c', 'x', 'a', 'b'] : rows;
      return view(model, keyed(items, (row) => row, (row) => (row === 'x' ? boom() : html`<li>${row}</li>`)));
    },
  }),
  'a duplicate key': fragile({
    view: (model) => view(model, keyed(model.isBroken ? ['a', 'boom', 'boom'] : rows, (row) => row, (row) => html`${row}`)),
  }),
  'an effect': fragile({ update: (model) => [model, effect.from(boom)] }),
  'one effect of several': fragile({
    update: breaks(() => [{ count: 99, isBroken: false }, effect.batch([effect.after(1, { type: 'UserClicked' }), effect.from(boom)])]),
  }),
  "an async effect's rejection": fragile({
    update: breaks(() => [{ count: 99, isBroken: false }, effect.from(async () => boom())]),
  }),
  'an event handler': fragile({ view: (model) => viewWith(model, boom) }),
  'an event handler that makes no message': fragile({ view: (model) => viewWith(model, () => 'boom' as never) }),
  "a machine's action": component({
    machine: fragileMachine,
    view: ({ context }) => view({ count: context.count, isBroken: false }),
  }),
  'an event that JSON cannot say': fragile({
    update: breaks(() => [{ count: 99, isBroken: false }, effect.emit('boom', 1n)]),
  }),
  'a property that JSON cannot say': fragile({
    view: (model) => html`
      <button @click=${{ type: 'UserClicked' }}></button>
      <button @click=${{ type: 'UserBrokeIt' }}></button>
      <output>${model.count}</output>
      <input .boom=${model.isBroken ? 1n : 0}>
    `,
  }),
};

function viewWith({ count }: Model, handler: EventHandler<Message>): Template<Message> {
  return html`
    <button @click=${{ type: 'UserClicked' }}></button>
    <button @click=${handler}></button>
    <output>${count}</output>
  `;
}

describe.each(Object.entries(waysToFail))('what is thrown by %s', (_, broken) => {
  test('is logged, and the actor goes on from its last good state', async () => {
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
    await settled();

    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]?.msg).toContain('Restarting in 100 ms');
    expect(server.errors[0]?.err?.stack).toMatch(/boom|\[model, effect\]|BigInt/);
    expect(clock.waits).toContain(100);

    for (const [client, hole] of [[neighbour, countHole], [other, 1]] as const) {
      client.click(0);
      await client.until(() => client.slots()[hole] === 1);
    }

    page.click(clickHole); // comes while the actor is down
    await page.handled();
    expect(page.slots()[countHole]).toBe(1);
    await clock.advance(100);
    await page.until(() => page.slots()[countHole] === 2);
    expect(server.app.islet.counters.failures).toBe(1);
    expect([page, neighbour, other].flatMap(({ frames }) => frames).filter(({ kind }) => kind === 'error')).toHaveLength(3);
  });
});
