// `islet/testing`: a component's whole behaviour as values, and what its effects would do.

import { expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { rating } from '../components/rating.ts';
import { observe, simulate } from '../server/testing/index.ts';
import { component, effect, html, keyed } from '../shared/index.ts';

test('a component is simulated by sending it messages', () => {
  const game = simulate(rating, {});
  expect(game.model).toEqual({ score: 5, saved: null });
  game.send({ type: 'UserClickedUp' }, { type: 'UserClickedUp' }, { type: 'UserClickedSave' });
  expect(game.model).toEqual({ score: 7, saved: 7 });
  expect(game.html()).toContain('Saved: 7 of 10');
});

test('its effects are kept and not carried out; each can be observed', () => {
  type Message = { readonly type: 'UserClicked' } | { readonly type: 'TimeWasUp' };
  let runs = 0;
  const alarm = component<number, Message, { readonly ms: number }>({
    init: ({ ms }) => [0, effect.after(ms, { type: 'TimeWasUp' })],
    update: (count, message) => {
      if (message.type === 'TimeWasUp') return [count, effect.none];
      const next = count + 1;
      return [
        next,
        effect.batch<Message>([effect.emit('change', next), effect.provide('count', next), effect.from(() => runs++)]),
      ];
    },
    view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
  });
  const simulation = simulate(alarm, { ms: 500 });
  simulation.send({ type: 'UserClicked' }, { type: 'TimeWasUp' }, { type: 'UserClicked' });
  const [start, first, second, ...others] = simulation.effects;
  expect([start && 1, first && 1, second && 1, others]).toEqual([1, 1, 1, []]);
  expect(runs).toBe(0);

  const { delays, messages } = observe(start ?? effect.none);
  expect(delays.map(({ ms }) => ms)).toEqual([500]);
  expect(messages).toEqual([]);
  delays[0]?.run();
  expect(messages).toEqual([{ type: 'TimeWasUp' }]);

  expect(observe(second ?? effect.none)).toMatchObject({
    events: [{ name: 'change', detail: 2 }],
    values: [{ key: 'count', value: 2 }],
    errors: [],
  });
  expect(runs).toBe(1);
});

test('what an effect throws is observed too', () => {
  const error = new Error('boom');
  const broken = effect.from(() => {
    throw error;
  });
  expect(observe(broken).errors).toEqual([error]);
});

test('a state machine is simulated by its events; its model is the snapshot', () => {
  const machine = setup({
    types: { context: {} as { count: number }, events: {} as { type: 'UserClicked' }, input: {} as { count: number } },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'off',
    states: {
      off: { on: { UserClicked: { target: 'on', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
      on: { on: { UserClicked: 'off' } },
    },
  });
  const lamp = component({
    machine,
    view: ({ value, context }) =>
      html`<button @click=${{ type: 'UserClicked' }}>${String(value)} ${context.count}</button>`,
  });
  const simulation = simulate(lamp, { count: 7 });
  expect(simulation.html()).toBe('<button>off 7</button>');
  simulation.send({ type: 'UserClicked' });
  expect(simulation.model.value).toBe('on');
  expect(simulation.html()).toBe('<button>on 8</button>');
});

test('the HTML is the view as a page would have it, escaped, without marks', () => {
  const list = component<readonly string[], { readonly type: 'UserTyped'; readonly text: string }>({
    init: () => [[], effect.none],
    update: (texts, { text }) => [[...texts, text], effect.none],
    view: (texts) =>
      html`<p>There are ${texts.length}.</p><ul>${keyed(
        texts,
        (text) => text,
        (text) => html`<li title=${text}>${text}</li>`,
      )}</ul>`,
  });
  const simulation = simulate(list, undefined);
  simulation.send({ type: 'UserTyped', text: '<b> & "c"' });
  expect(simulation.html()).toBe(
    '<p>There are 1.</p><ul><li title="&lt;b&gt; &amp; &quot;c&quot;">&lt;b&gt; &amp; "c"</li></ul>',
  );
});

test.each([
  ['markup that a browser reads otherwise', () => html`<p><div>no</div></p>`, 'ISLET_ERR_TEMPLATE'],
  ['a row that stands where none can', () => html`<table>${html`<tr><td>no</td></tr>`}</table>`, 'ISLET_ERR_TEMPLATE'],
  [
    'two items with one key',
    () => html`<ul>${keyed([1, 1], String, (item) => html`<li>${item}</li>`)}</ul>`,
    'ISLET_ERR_RENDER',
  ],
])('%s is refused, as a server refuses it', (_, view, code) => {
  const broken = component<null, { readonly type: 'None' }>({
    init: () => [null, effect.none],
    update: (model) => [model, effect.none],
    view,
  });
  expect(() => simulate(broken, undefined).html()).toThrow(code);
});
