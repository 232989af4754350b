// Components as they run, with no server and no browser: actors, effects, rendering, and what becomes of a message or
// an actor that fails. What a turn is, rule by rule, is tested in test/turns.test.ts.

import { describe, expect, test } from 'vitest';
import { assign, createActor, emit, fromPromise, setup } from 'xstate';
import { component, effect, html, mapMessages, on, type Template } from '../shared/index.ts';
import { type EffectHost, fromRun } from '../shared/language/effect.ts';
import type { EventClient } from '../shared/language/events.ts';
import { logicOf } from '../shared/runtime/logic.ts';
import { preview } from '../shared/runtime/preview.ts';
import { settled } from './support/clock.ts';
import { createRuntime, RecordingOrigin, startRuntime as start, type TestRuntime } from './support/runtime.ts';

const ann: EventClient = { id: 'c-1', user: 'ann', newId: () => 'new', now: () => 0 };

type Message =
  | { type: 'UserClicked' }
  | { type: 'UserTyped'; text: string }
  | { type: 'TimePassed' }
  | { type: 'UserBrokeIt' };

interface Model {
  readonly count: number;
  readonly text: string;
}

const counter = component<Model, Message, { start: number } | undefined>({
  name: 'test-counter',
  init: (props) => [{ count: props?.start ?? 0, text: '' }, effect.none],
  update(model, message) {
    switch (message.type) {
      case 'UserClicked':
        return [{ ...model, count: model.count + 1 }, effect.emit('counted', model.count + 1)];
      case 'UserTyped':
        return [{ ...model, text: message.text }, effect.after(1, { type: 'TimePassed' })];
      case 'TimePassed':
        return [{ ...model, text: `${model.text}!` }, effect.none];
      case 'UserBrokeIt':
        throw new Error('broken');
    }
  },
  view: ({ count, text }): Template<Message> => html`
    <p @click=${{ type: 'UserClicked' }} @input=${(data) => (data.value ? { type: 'UserTyped', text: data.value } : null)}
      @keyup=${on((_, client) => ({ type: 'UserTyped', text: String(client.user) }))}
      @blur=${{ type: 'UserBrokeIt' }} @focus=${() => {
        throw new Error('handler');
      }}>${count} ${text}</p>
  `,
});

describe('a definition', () => {
  test('stays callable', () => {
    expect(counter.init({ start: 3 })[0]).toEqual({ count: 3, text: '' });
    expect(counter.update({ count: 1, text: '' }, { type: 'UserClicked' })[0].count).toBe(2);
  });

  test.each([
    ['no view', { init: () => [0, effect.none], update: () => [0, effect.none] }, 'component has no view function'],
    ['no init', { update: () => [0, effect.none], view: () => html`` }, 'component has no init function'],
    ['no update', { name: 'a-b', init: () => [0, effect.none], view: () => html`` }, 'a-b has no update function'],
    ['a name without hyphen', { name: 'rating' }, "'rating'"],
    ['a name in capitals', { name: 'Anime-Rating' }, "'Anime-Rating'"],
  ])('with %s is refused', (_, definition, problem) => {
    expect(() => component(definition as never)).toThrow(expect.objectContaining({ code: 'ISLET_ERR_COMPONENT' }));
    expect(() => component(definition as never)).toThrow(problem);
  });

  test('previews what it shows at first, with no actor and no effect', () => {
    const snapshot = preview(counter, { start: 1 }, [{ type: 'UserClicked' }, { type: 'UserClicked' }]);
    expect(logicOf(counter).modelOf(snapshot)).toEqual({ count: 3, text: '' });
  });
});

describe('a runtime', () => {
  test('starts from its props and shows its first model', () => {
    const { runtime, html: text } = start(counter, { props: { start: 7 } });
    expect(text).toContain('7<!---->');
    expect(runtime.isRunning).toBe(true);
  });

  test('turns an event into a message, a new model and a patch', () => {
    const { runtime, place, next } = start(counter);
    runtime.handleEvent(1, 0, {}, ann);
    expect(next()).toEqual([[1, 5, 1]]);
    expect(next()).toEqual([]);
    expect(place.emitted).toEqual([['counted', 1]]);
  });

  test('ends a turn by itself when what runs now has run', async () => {
    const { runtime, place } = start(counter);
    runtime.handleEvent(1, 0, {}, ann);
    runtime.handleEvent(1, 0, {}, ann);
    expect(place.patches).toEqual([]);
    await settled();
    expect(place.patches).toEqual([[[1, 5, 2]]]);
  });

  test('hands data and client to a handler, which may decide that there is no message', () => {
    const { runtime, next } = start(counter);
    runtime.handleEvent(1, 1, {}, ann);
    expect(next()).toEqual([]);
    runtime.handleEvent(1, 1, { value: 'a' }, ann);
    expect(next()).toEqual([[1, 6, 'a']]);
    runtime.handleEvent(1, 2, {}, ann);
    expect(next()).toEqual([[1, 6, 'ann']]);
  });

  test.each([
    [0, 0],
    [1, 5],
    [1, 99],
    [2, 0],
    [-1, 0],
  ])('knows no handler at instance %d, hole %d', (instance, hole) => {
    const { runtime, place, next } = start(counter);
    runtime.handleEvent(instance, hole, {}, ann);
    expect(next()).toEqual([]);
    expect(place.refused).toEqual([{ code: 'ISLET_ERR_EVENT_UNKNOWN_TARGET', message: undefined, error: undefined }]);
  });

  test('does not press what its place says is disabled', () => {
    const { runtime, place, next } = start(counter);
    place.isDisabled = true;
    runtime.handleEvent(1, 0, {}, ann);
    expect(next()).toEqual([]);
    expect(place.refused).toEqual([{ code: 'ISLET_ERR_EVENT_DISABLED', message: undefined, error: undefined }]);
  });

  test('does not render when update gives the model that was there', () => {
    let views = 0;
    const same = component<Model, Message, undefined>({
      ...counter,
      update: (model) => [model, effect.none],
      view(model) {
        views++;
        return counter.view(model);
      },
    });
    const { runtime, next } = start(same);
    runtime.dispatch({ type: 'UserClicked' });
    expect(next()).toEqual([]);
    expect(views).toBe(1);
  });

  test('starts a run when the new model is shown, also that of init', () => {
    const seen: unknown[] = [];
    const look = (name: string) => effect.from<Message>(() => void seen.push([name, test.html]));
    const definition = component<number, Message, undefined>({
      init: () => [1, look('init')],
      update: (count) => [count + 1, look('update')],
      view: (count) => html`<p>${count}</p>`,
    });
    const test = createRuntime(definition);
    test.runtime.start();
    expect(seen).toEqual([]);
    test.next();
    expect(seen).toEqual([['init', '<p>1</p>']]);
    test.runtime.dispatch({ type: 'UserClicked' });
    expect(seen).toHaveLength(1);
    test.next();
    expect(seen).toEqual([
      ['init', '<p>1</p>'],
      ['update', '<p>2</p>'],
    ]);
  });

  test('takes what runs dispatch in their order: those of one turn, then those of the next', async () => {
    const told = (text: string) =>
      effect.from<{ type: 'Told'; text: string }>((dispatch) => dispatch({ type: 'Told', text }));
    const definition = component<string, { type: 'Told'; text: string }, undefined>({
      init: () => ['', effect.batch([told('a'), told('b')])],
      update: (model, { text }) => [model + text, text === 'a' ? told('c') : effect.none],
      view: (model) => html`<p>${model}</p>`,
    });
    const { runtime } = start(definition);
    await settled();
    expect(runtime.rendering.toMount()).toEqual([0, 'abc']);
  });

  test('waits for the time of an effect, and not when it has stopped', async () => {
    const { runtime, clock, next } = start(counter);
    runtime.handleEvent(1, 1, { value: 'a' }, ann);
    next();
    await clock.advance(1);
    expect(runtime.snapshot).toMatchObject({ context: { text: 'a!' } });
    runtime.handleEvent(1, 1, { value: 'b' }, ann);
    next();
    runtime.stop();
    expect(clock.waits).toEqual([]);
    expect(next()).toEqual([]);
  });

  test('dispatches a message every so often until it stops', async () => {
    const definition = component<number, Message, undefined>({
      init: () => [0, effect.every(10, { type: 'TimePassed' })],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count}</p>`,
    });
    const { runtime, clock } = start(definition);
    await clock.advance(35);
    expect(runtime.rendering.toMount()).toEqual([0, 3]);
    runtime.stop();
    expect(clock.waits).toEqual([]);
  });

  test('aborts its runs when it stops, and takes nothing from them any more', () => {
    let abort: AbortSignal | undefined;
    let late: EffectHost | undefined;
    const definition = component<Model, Message, undefined>({
      ...counter,
      init: () => [
        { count: 0, text: '' },
        fromRun<Message>((host) => {
          late = host;
          abort = host.signal;
        }),
      ],
    });
    const { runtime, place } = start(definition);
    expect(abort?.aborted).toBe(false);
    runtime.stop();
    expect(abort?.aborted).toBe(true);
    late?.dispatch({ type: 'UserClicked' });
    late?.tell({ kind: 'emit', name: 'late', detail: null });
    late?.delay(1, () => expect.unreachable());
    late?.fail(new Error('late'));
    runtime.flush();
    expect([place.patches, place.outputs, place.failures, place.runErrors]).toEqual([[], [], [], []]);
    const origin = new RecordingOrigin();
    runtime.handleEvent(1, 0, {}, ann, origin);
    expect(origin.outcomes).toEqual(['ISLET_ERR_ACTOR_FAILED']);
  });

  test('maps the messages of a child to its own', () => {
    const definition = component<string, { type: 'ChildTold'; inner: Message }, undefined>({
      init: () => ['', effect.none],
      update: (model, { inner }) => [model + inner.type, effect.none],
      view: (model) => html`
        <p>${model}</p>${mapMessages(counter.view({ count: 0, text: '' }), (inner) => ({ type: 'ChildTold', inner }))}
      `,
    });
    const { runtime, next } = start(definition);
    runtime.handleEvent(2, 0, {}, ann);
    expect(next()).toEqual([[1, 0, 'UserClicked']]);
  });
});

describe('what is thrown', () => {
  test.each<[string, (test: TestRuntime, origin: RecordingOrigin) => void, string, string | undefined]>([
    ['in update', ({ runtime }, origin) => runtime.handleEvent(1, 3, {}, ann, origin), 'broken', 'UserBrokeIt'],
    ['in a handler', ({ runtime }, origin) => runtime.handleEvent(1, 4, {}, ann, origin), 'handler', undefined],
    [
      'in update, by an effect',
      ({ runtime }, origin) => runtime.dispatch({ type: 'UserBrokeIt' }, origin),
      'broken',
      'UserBrokeIt',
    ],
  ])('%s refuses the message, and nothing else happens', (_, act, problem, type) => {
    const test = start(counter);
    const { runtime, place, next } = test;
    const origin = new RecordingOrigin();
    act(test, origin);
    expect(next()).toEqual([]);
    const message = type === undefined ? undefined : { type };
    expect(place.refused).toEqual([{ code: 'ISLET_ERR_MESSAGE_REFUSED', message, error: new Error(problem) }]);
    expect(origin.outcomes.at(-1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    expect(place.failures).toEqual([]);
    expect(runtime.isRunning).toBe(true);
    runtime.handleEvent(1, 0, {}, ann);
    expect(next()).toEqual([[1, 5, 1]]);
  });

  test('in init is a failure', () => {
    const definition = component<number, Message, undefined>({
      init: () => {
        throw new Error('no start');
      },
      update: (count) => [count, effect.none],
      view: () => html``,
    });
    const { place, runtime, next } = start(definition);
    expect(place.failures).toEqual([new Error('no start')]);
    expect(runtime.isRunning).toBe(false);
    expect(next()).toEqual([]);
  });

  test('in a view refuses the message, and what was last shown stays', () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count, { type }) => [type === 'UserClicked' ? count + 1 : count + 2, effect.none],
      view: (count) => {
        if (count === 3) throw new Error('three');
        return html`<p>${count}</p>`;
      },
    });
    const { runtime, place, next } = start(definition);
    runtime.dispatch({ type: 'UserClicked' });
    expect(next()).toEqual([[1, 0, 2]]);
    runtime.dispatch({ type: 'UserClicked' });
    expect(next()).toEqual([]);
    expect(place.refused).toMatchObject([{ message: { type: 'UserClicked' }, error: new Error('three') }]);
    expect(place.failures).toEqual([]);
    runtime.dispatch({ type: 'TimePassed' });
    expect(next()).toEqual([[1, 0, 4]]);
  });

  test('inside the tree leaves it and its ids as they were', () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count} ${count === 2 ? (Symbol('no') as never) : html`<b></b>`}</p>`,
    });
    const { runtime, place, next } = start(definition);
    runtime.dispatch({ type: 'UserClicked' });
    expect(next()).toEqual([]);
    expect(place.refused).toMatchObject([{ error: { code: 'ISLET_ERR_RENDER' } }]);
    expect(runtime.rendering.toIds()).toEqual([1, 2]);
    expect(runtime.rendering.nextId).toBe(3);
  });

  test('by a run is reported, at once or later, and the actor goes on', async () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count, { type }) => [
        count + 1,
        effect.from(() => {
          if (type === 'UserClicked') throw new Error('now');
          return Promise.reject(new Error('later'));
        }),
      ],
      view: (count) => html`<p>${count}</p>`,
    });
    const { runtime, place, next } = start(definition);
    runtime.dispatch({ type: 'UserClicked' });
    expect(next()).toEqual([[1, 0, 2]]);
    expect(place.runErrors).toEqual([new Error('now')]);
    runtime.dispatch({ type: 'TimePassed' });
    expect(next()).toEqual([[1, 0, 3]]);
    await settled();
    expect(place.runErrors).toEqual([new Error('now'), new Error('later')]);
    expect(place.failures).toEqual([]);
  });

  test.each([
    ['a model alone', () => 5],
    ['nothing', () => undefined],
    ['too much', () => [1, effect.none, 2]],
    ['no effect', () => [1, undefined]],
    ['a function for an effect', () => [1, () => undefined]],
  ])('is also an update that gives %s', (_, update) => {
    const definition = component({ init: () => [0, effect.none], update, view: () => html`` } as never);
    const { runtime, place, next } = start(definition);
    runtime.dispatch({ type: 'UserClicked' });
    next();
    expect(place.refused).toMatchObject([
      { error: { code: 'ISLET_ERR_COMPONENT', message: expect.stringContaining('update must return') } },
    ]);
  });
});

describe('a snapshot', () => {
  test('is plain data, and a runtime starts from it', () => {
    const { runtime, next } = start(counter, { props: { start: 5 } });
    runtime.handleEvent(1, 0, {}, ann);
    next();
    const snapshot = JSON.parse(JSON.stringify(runtime.toSnapshot()));
    expect(snapshot).toMatchObject({ context: { count: 6, text: '' } });
    const again = start(counter, { props: { start: 5 }, snapshot });
    expect(again.html).toContain('6<!---->');
    again.runtime.handleEvent(1, 0, {}, ann);
    expect(again.next()).toEqual([[1, 5, 7]]);
  });

  test('starts the effects of init again, whose timers and connections are gone', () => {
    const props: unknown[] = [];
    const definition = component<number, Message, number>({
      init: (start) => [start, effect.from(() => void props.push(start))],
      update: (count) => [count, effect.none],
      view: (count) => html`<p>${count}</p>`,
    });
    const { runtime } = start(definition, { props: 3 });
    const again = start(definition, { props: 9, snapshot: runtime.toSnapshot() });
    expect(props).toEqual([3, 9]);
    expect(again.runtime.rendering.toMount()).toEqual([0, 3]);
  });

  test('is not there before something was shown', () => {
    const { runtime } = createRuntime(counter);
    runtime.start();
    expect(runtime.toSnapshot()).toBeUndefined();
  });
});

describe('a state machine', () => {
  const machine = setup({
    types: {
      context: {} as { count: number; loaded: string },
      events: {} as { type: 'UserToggled' } | { type: 'UserLoaded' } | { type: 'UserBrokeIt' },
      emitted: {} as { type: 'toggled'; count: number },
      input: {} as { count: number },
    },
    actors: { load: fromPromise(async () => 'data') },
    actions: {
      count: assign({ count: ({ context }) => context.count + 1 }),
      tell: emit(({ context }) => ({ type: 'toggled' as const, count: context.count })),
      fail: () => {
        throw new Error('broken action');
      },
    },
  }).createMachine({
    context: ({ input }) => ({ count: input.count, loaded: 'no' }),
    initial: 'off',
    on: { UserBrokeIt: { actions: 'fail' } },
    states: {
      off: { on: { UserToggled: { target: 'on', actions: ['count', 'tell'] }, UserLoaded: 'loading' } },
      on: { on: { UserToggled: 'off' }, after: { 20: 'off' } },
      loading: {
        invoke: {
          src: 'load',
          onDone: { target: 'off', actions: assign({ loaded: ({ event }) => event.output }) },
        },
      },
    },
  });

  const light = component({
    machine,
    view: ({ value, context }) => html`
      <button @click=${{ type: 'UserToggled' }} @load=${{ type: 'UserLoaded' }} @blur=${{ type: 'UserBrokeIt' }}>
        ${value as string} ${context.count} ${context.loaded}
      </button>
    `,
  });

  test('is a component: its events are the messages, its snapshot is the model', () => {
    const { runtime, next } = start(light, { props: { count: 5 } });
    expect(runtime.rendering.toMount()).toEqual([0, 0, 0, 0, 'off', 5, 'no']);
    runtime.handleEvent(1, 0, {}, ann);
    expect(next()).toEqual([
      [1, 3, 'on'],
      [1, 4, 6],
    ]);
  });

  test('emits on the element what it emits', () => {
    const { runtime, place, next } = start(light, { props: { count: 5 } });
    runtime.handleEvent(1, 0, {}, ann);
    next();
    expect(place.emitted).toEqual([['toggled', { count: 6 }]]);
  });

  test('changes by itself, after its delays and by the actors that it invokes', async () => {
    const { runtime, place, clock, next } = start(light, { props: { count: 0 } });
    runtime.handleEvent(1, 1, {}, ann);
    expect(next()).toEqual([[1, 3, 'loading']]);
    await settled();
    await settled();
    expect(place.patches.at(-1)).toEqual([
      [1, 3, 'off'],
      [1, 5, 'data'],
    ]);
    runtime.handleEvent(1, 0, {}, ann);
    next();
    await clock.advance(20);
    expect(place.patches.at(-1)).toEqual([[1, 3, 'off']]);
  });

  test('ignores events that its state does not know', () => {
    const { runtime, place, next } = start(light, { props: { count: 0 } });
    runtime.dispatch({ type: 'Unheard' });
    expect(next()).toEqual([]);
    expect(place.refused).toEqual([]);
  });

  test('fails when an action of its own throws: its message is refused, and it is started again', async () => {
    const { runtime, place, clock, next } = start(light, { props: { count: 0 } });
    runtime.handleEvent(1, 0, {}, ann);
    next();
    runtime.handleEvent(1, 2, {}, ann);
    expect(place.failures).toEqual([new Error('broken action')]);
    expect(place.refused).toMatchObject([{ message: { type: 'UserBrokeIt' } }]);
    expect(runtime.isRunning).toBe(false);
    await clock.advance(100);
    expect(runtime.snapshot).toMatchObject({ value: 'on' });
    expect(place.restarts).toBe(1);
  });

  test('starts again from its snapshot', () => {
    const { runtime, next } = start(light, { props: { count: 0 } });
    runtime.handleEvent(1, 0, {}, ann);
    next();
    const snapshot = JSON.parse(JSON.stringify(runtime.toSnapshot()));
    const again = start(light, { props: { count: 99 }, snapshot });
    expect(again.runtime.rendering.toMount()).toEqual([0, 0, 0, 0, 'on', 1, 'no']);
  });

  test('previews its first state', () => {
    const snapshot = preview(light, { count: 2 }, [{ type: 'UserToggled' }]);
    expect(logicOf(light).render(snapshot)).toMatchObject({ values: expect.arrayContaining(['on', 3]) });
  });
});

test('a function component is an actor logic like any other', () => {
  const collected: unknown[] = [];
  const host = { collect: (wanted: unknown) => collected.push(wanted), onThrown: () => expect.unreachable() };
  const logic = logicOf(counter);
  const actor = createActor(logic.actorLogic, { input: { props: { start: 1 }, host } as never });
  actor.start();
  actor.send({ type: 'UserClicked' });
  expect(logic.modelOf(actor.getSnapshot())).toEqual({ count: 2, text: '' });
  expect(collected.at(-1)).toEqual(effect.emit('counted', 2));
  actor.stop();
});
