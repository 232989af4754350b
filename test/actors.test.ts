// The two kinds of actor that run a component, XState's on servers and the plain one in browsers: the same messages make
// the same of them.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Actor, type Snapshot } from 'xstate';
import { component, effect, html } from '../shared/index.ts';
import { type ComponentActor, type CreateActor, createPlainActor } from '../shared/runtime/actor.ts';
import { logicOf, ModelReset, type ModelSnapshot } from '../shared/runtime/logic.ts';
import { RestingActor } from '../shared/runtime/resting-actor.ts';
import { createXStateActor } from '../shared/runtime/supervisor.ts';

type Message =
  | { readonly type: 'Added'; readonly count: number }
  | { readonly type: 'Threw' }
  /** As an update should not, it sends another one. */
  | { readonly type: 'Sent'; readonly count: number };

let sendNow: (message: Message) => void = () => {};

const sums = component<readonly number[], Message, number>({
  init: (first) => {
    if (first < 0) throw new Error('less than nothing');
    return [[first], effect.none];
  },
  update(model, message) {
    if (message.type === 'Threw') throw new Error('thrown');
    if (message.type === 'Sent') sendNow({ type: 'Added', count: message.count });
    return [[...model, message.count], effect.emit('added', message.count)];
  },
  view: (model) => html`${model.join()}`,
});

interface Outcome {
  readonly models: unknown[];
  readonly heard: string[];
}

/** What a kind of actor makes of messages; a number goes back to the snapshot before that many of them. */
function run(createActor: CreateActor, messages: readonly (Message | number)[], snapshot?: Snapshot<unknown>): Outcome {
  const heard: string[] = [];
  const host = {
    collect: ({ parts }: { readonly parts: readonly unknown[] }) => heard.push(`asked for ${parts.length}`),
    onThrown: (error: unknown) => heard.push(String(error)),
  };
  const options = { id: 'sums', parent: undefined, input: { props: 1, host }, ...(snapshot && { snapshot }) };
  const actor: ComponentActor = createActor(logicOf(sums), options);
  actor.start();
  sendNow = (message) => actor.send(message);
  const snapshots = [actor.getSnapshot() as ModelSnapshot];
  for (const message of messages) {
    const earlier = typeof message === 'number' && snapshots.at(-1 - (message % snapshots.length));
    actor.send(earlier ? new ModelReset(earlier) : (message as Message));
    snapshots.push(actor.getSnapshot() as ModelSnapshot);
  }
  return { models: snapshots.map(({ context }) => context), heard };
}

const messages = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom('Added' as const, 'Sent' as const), count: fc.nat(9) }),
    fc.constant({ type: 'Threw' as const }),
    fc.nat(20),
  ),
);

test('the same messages make the same of either, also those that throw, send others or are taken back', () => {
  fc.assert(
    fc.property(messages, (all) => {
      expect(run(createPlainActor, all)).toEqual(run(createXStateActor, all));
    }),
  );
});

test('either goes on from what was kept, and asks again for what init asks for', () => {
  const kept = { status: 'active', output: undefined, error: undefined, context: [7, 8] } as Snapshot<unknown>;
  const all: Message[] = [{ type: 'Added', count: 2 }];
  const outcome = {
    models: [
      [7, 8],
      [7, 8, 2],
    ],
    heard: ['asked for 0', 'asked for 1'],
  };
  for (const kind of [createPlainActor, createXStateActor]) expect(run(kind, all, kept)).toEqual(outcome);
});

test.each([
  ['plain', createPlainActor],
  ["XState's", createXStateActor],
])('one whose init throws says so when it is started: %s', (_, create) => {
  const host = { collect() {}, onThrown() {} };
  const actor = create(logicOf(sums), { id: 'x', parent: undefined, input: { props: -1, host } });
  expect(() => actor.start()).toThrow('less than nothing');
});

test('on a server one is made an XState actor by what it is sent first; what was stopped is not', () => {
  const host = { collect() {}, onThrown() {} };
  const begin = (): RestingActor => {
    const actor = createXStateActor(logicOf(sums), { id: 'x', parent: undefined, input: { props: 1, host } });
    actor.start();
    expect(actor).toBeInstanceOf(RestingActor);
    return actor as RestingActor;
  };
  const [actor, stopped] = [begin(), begin()];
  expect(actor.awake).toBeUndefined();
  actor.send({ type: 'Added', count: 2 } as Message);
  expect(actor.awake).toBeInstanceOf(Actor);
  expect(actor.awake?.getSnapshot()).toMatchObject({ context: [1, 2] });
  stopped.stop();
  stopped.send({ type: 'Added', count: 2 } as Message);
  expect(stopped.awake).toBeUndefined();
  expect(stopped.getSnapshot()).toMatchObject({ context: [1] });
});
