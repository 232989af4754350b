// Components as running islands, with no server and no browser: actors, effects, rendering, and what happens when one
// of them fails. An owner as small as can be stands for the place where an island runs.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, assign, createActor, emit, fromPromise, type Snapshot, setup } from 'xstate';
import { compile } from '../server/html-parser.ts';
import { component, effect, html, mapMessages, on, type Template } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { Effect, type EffectHost } from '../shared/language/effect.ts';
import type { Client } from '../shared/language/events.ts';
import { preview } from '../shared/runtime/preview.ts';
import { Island, type IslandOwner } from '../shared/runtime/runtime.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent } from '../shared/tree/html.ts';
import { settled } from './support/clock.ts';

const ann: Client = { id: 'c-1', user: 'ann' };

/** Renders when told to, and keeps what it is told. */
class Owner implements IslandOwner {
  changes = 0;
  readonly emitted: unknown[] = [];
  readonly provided: unknown[] = [];
  readonly failures: unknown[] = [];

  onChange(): void {
    this.changes++;
  }

  onEmit(name: string, detail: unknown): void {
    this.emitted.push([name, detail]);
  }

  onProvide(key: string, value: unknown): void {
    this.provided.push([key, value]);
  }

  onFailure(error: unknown, actor: AnyActorRef): void {
    this.failures.push(error);
    void actor;
  }

  contain(run: () => unknown): unknown {
    return run();
  }
}

function start(definition: unknown, props: unknown = undefined, persisted?: Snapshot<unknown>) {
  const owner = new Owner();
  const island = new Island({
    component: definition as AnyComponent,
    props,
    compile,
    table: new TemplateTable(),
    owner,
  });
  island.start(persisted);
  island.render();
  return { owner, island };
}

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
    expect(counter.logic.modelOf(snapshot)).toEqual({ count: 3, text: '' });
  });
});

describe('an island', () => {
  test('starts from its props and shows its first model', () => {
    const { island } = start(counter, { start: 7 });
    expect(renderContent(island.rendering.content)).toContain('7<!---->');
    expect(island.isRunning).toBe(true);
  });

  test('turns an event into a message, a new model and a patch', () => {
    const { island, owner } = start(counter);
    const before = owner.changes;
    expect(island.handleEvent(1, 0, {}, ann)).toBe(true);
    expect(owner.changes).toBeGreaterThan(before);
    expect(island.render()).toEqual([[1, 5, 1]]);
    expect(island.render()).toEqual([]);
    expect(owner.emitted).toEqual([['counted', 1]]);
  });

  test('hands data and client to a handler, which may decide that there is no message', () => {
    const { island, owner } = start(counter);
    const before = owner.changes;
    expect(island.handleEvent(1, 1, {}, ann)).toBe(true);
    expect(owner.changes).toBe(before);
    island.handleEvent(1, 1, { value: 'a' }, ann);
    expect(island.render()).toEqual([[1, 6, 'a']]);
    island.handleEvent(1, 2, {}, ann);
    expect(island.render()).toEqual([[1, 6, 'ann']]);
  });

  test.each([
    [0, 0],
    [1, 5],
    [1, 99],
    [2, 0],
    [-1, 0],
  ])('knows no handler at instance %d, hole %d', (instance, hole) => {
    const { island, owner } = start(counter);
    const before = owner.changes;
    expect(island.handleEvent(instance, hole, {}, ann)).toBe(false);
    expect(owner.changes).toBe(before);
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
    const { island } = start(same);
    island.dispatch({ type: 'UserClicked' });
    expect(island.render()).toEqual([]);
    expect(views).toBe(1);
  });

  test('carries out effects after the model has changed', () => {
    const seen: unknown[] = [];
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.from(() => void seen.push('init'))],
      update: (count) => [count + 1, effect.from(() => void seen.push(island.snapshot === undefined, owner.changes))],
      view: (count) => html`<p>${count}</p>`,
    });
    const { island, owner } = start(definition);
    expect(seen).toEqual(['init']);
    const before = owner.changes;
    island.dispatch({ type: 'UserClicked' });
    expect(seen).toEqual(['init', false, before]);
    expect(island.render()).toEqual([[1, 0, 2]]);
  });

  test('takes what an effect dispatches at once, in its order', () => {
    const definition = component<string, { type: 'Told'; text: string }, undefined>({
      init: () => [
        '',
        effect.batch(['a', 'b'].map((text) => effect.from((dispatch) => dispatch({ type: 'Told', text })))),
      ],
      update: (model, { text }) => [
        model + text,
        text === 'a' ? effect.from((dispatch) => dispatch({ type: 'Told', text: 'c' })) : effect.none,
      ],
      view: (model) => html`<p>${model}</p>`,
    });
    expect(start(definition).island.rendering.toMount()).toEqual([0, 'abc']);
  });

  test('waits for the time of an effect, and not when it has stopped', async () => {
    const { island } = start(counter);
    island.handleEvent(1, 1, { value: 'a' }, ann);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(island.render()).toEqual([[1, 6, 'a!']]);
    island.handleEvent(1, 1, { value: 'b' }, ann);
    island.stop();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(island.render()).toEqual([]);
  });

  test('aborts its effects when it stops, and takes nothing from them any more', () => {
    let abort: AbortSignal | undefined;
    let late: EffectHost | undefined;
    const definition = component<Model, Message, undefined>({
      ...counter,
      init: () => [
        { count: 0, text: '' },
        new Effect<Message>((host) => {
          late = host;
          abort = host.signal;
        }),
      ],
    });
    const { island, owner } = start(definition);
    expect(abort?.aborted).toBe(false);
    const before = owner.changes;
    island.stop();
    expect(abort?.aborted).toBe(true);
    late?.dispatch({ type: 'UserClicked' });
    late?.emit('late', null);
    late?.provide('late', null);
    expect([owner.changes, owner.emitted, owner.provided, owner.failures]).toEqual([before, [], [], []]);
    expect(island.handleEvent(1, 0, {}, ann)).toBe(false);
  });

  test('maps the messages of a child to its own', () => {
    const definition = component<string, { type: 'ChildTold'; inner: Message }, undefined>({
      init: () => ['', effect.none],
      update: (model, { inner }) => [model + inner.type, effect.none],
      view: (model) => html`
        <p>${model}</p>${mapMessages(counter.view({ count: 0, text: '' }), (inner) => ({ type: 'ChildTold', inner }))}
      `,
    });
    const { island } = start(definition);
    island.handleEvent(2, 0, {}, ann);
    expect(island.render()).toEqual([[1, 0, 'UserClicked']]);
  });
});

describe('a failure', () => {
  test.each<[string, (island: Island) => void, string]>([
    ['in update', (island) => island.handleEvent(1, 3, {}, ann), 'broken'],
    ['in a handler', (island) => island.handleEvent(1, 4, {}, ann), 'handler'],
    ['in update, by an effect', (island) => island.dispatch({ type: 'UserBrokeIt' }), 'broken'],
  ])('%s goes to the owner, and the island lets go of its actor', (_, act, message) => {
    const { island, owner } = start(counter);
    act(island);
    expect(owner.failures).toEqual([new Error(message)]);
    expect(island.isRunning).toBe(false);
    expect(island.handleEvent(1, 0, {}, ann)).toBe(false);
  });

  test('in init goes to the owner', () => {
    const { island, owner } = start({
      ...component<number, Message, undefined>({
        init: () => {
          throw new Error('no start');
        },
        update: (count) => [count, effect.none],
        view: () => html``,
      }),
    });
    expect(owner.failures).toEqual([new Error('no start')]);
    expect(island.render()).toEqual([]);
  });

  test('in a view goes to the owner, and the next start begins with what was last shown', () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => {
        if (count === 3) throw new Error('three');
        return html`<p>${count}</p>`;
      },
    });
    const { island, owner } = start(definition);
    island.dispatch({ type: 'UserClicked' });
    expect(island.render()).toEqual([[1, 0, 2]]);
    island.dispatch({ type: 'UserClicked' });
    expect(island.render()).toEqual([]);
    expect(owner.failures).toEqual([new Error('three')]);
    island.start();
    expect(island.render()).toEqual([]);
    expect(island.rendering.toMount()).toEqual([0, 2]);
    expect(island.isRunning).toBe(true);
  });

  test('inside the tree drops it, and ids go on', () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count} ${count === 2 ? (Symbol('no') as never) : html`<b></b>`}</p>`,
    });
    const { island, owner } = start(definition);
    island.dispatch({ type: 'UserClicked' });
    expect(island.render()).toEqual([]);
    expect(owner.failures).toEqual([expect.objectContaining({ code: 'ISLET_ERR_RENDER' })]);
    expect(island.rendering.isRendered).toBe(false);
    island.start();
    island.render();
    expect(island.rendering.toIds()).toEqual([3, 2]);
  });

  test('of an effect goes to the owner, at once or later', async () => {
    const definition = component<number, Message, undefined>({
      init: () => [1, effect.none],
      update: (count, { type }) => [
        count,
        effect.from(() => {
          if (type === 'UserClicked') throw new Error('now');
          return Promise.reject(new Error('later'));
        }),
      ],
      view: () => html``,
    });
    const first = start(definition);
    first.island.dispatch({ type: 'UserClicked' });
    expect(first.owner.failures).toEqual([new Error('now')]);
    const second = start(definition);
    second.island.dispatch({ type: 'TimePassed' });
    await settled();
    expect(second.owner.failures).toEqual([new Error('later')]);
  });

  test.each([
    ['a model alone', () => 5],
    ['nothing', () => undefined],
    ['too much', () => [1, effect.none, 2]],
    ['no effect', () => [1, undefined]],
    ['a function for an effect', () => [1, () => undefined]],
  ])('is also an update that gives %s', (_, update) => {
    const { island, owner } = start(component({ init: () => [0, effect.none], update, view: () => html`` } as never));
    island.dispatch({ type: 'UserClicked' });
    expect(owner.failures).toEqual([
      expect.objectContaining({ code: 'ISLET_ERR_COMPONENT', message: expect.stringContaining('update must return') }),
    ]);
  });
});

describe('a snapshot', () => {
  test('is plain data, and an island starts from it', () => {
    const { island } = start(counter, { start: 5 });
    island.handleEvent(1, 0, {}, ann);
    island.render();
    const snapshot = JSON.parse(JSON.stringify(island.toSnapshot()));
    expect(snapshot).toMatchObject({ context: { count: 6, text: '' } });
    const again = start(counter, { start: 5 }, snapshot);
    expect(renderContent(again.island.rendering.content)).toContain('6<!---->');
    again.island.handleEvent(1, 0, {}, ann);
    expect(again.island.render()).toEqual([[1, 5, 7]]);
  });

  test('starts the effects of init again, whose timers and connections are gone', () => {
    const props: unknown[] = [];
    const definition = component<number, Message, number>({
      init: (start) => [start, effect.from(() => void props.push(start))],
      update: (count) => [count, effect.none],
      view: (count) => html`<p>${count}</p>`,
    });
    const { island } = start(definition, 3);
    const again = start(definition, 9, island.toSnapshot());
    expect(props).toEqual([3, 9]);
    expect(again.island.rendering.toMount()).toEqual([0, 3]);
  });

  test('is not there before something was shown', () => {
    const owner = new Owner();
    const island = new Island({
      component: counter as unknown as AnyComponent,
      props: undefined,
      compile,
      table: new TemplateTable(),
      owner,
    });
    island.start();
    expect(island.toSnapshot()).toBeUndefined();
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
    const { island, owner } = start(light, { count: 5 });
    expect(island.rendering.toMount()).toEqual([0, 0, 0, 0, 'off', 5, 'no']);
    island.handleEvent(1, 0, {}, ann);
    expect(owner.changes).toBeGreaterThan(1);
    expect(island.render()).toEqual([
      [1, 3, 'on'],
      [1, 4, 6],
    ]);
    island.stop();
  });

  test('emits on the element what it emits', () => {
    const { island, owner } = start(light, { count: 5 });
    island.handleEvent(1, 0, {}, ann);
    expect(owner.emitted).toEqual([['toggled', { count: 6 }]]);
    island.stop();
  });

  test('changes by itself, after its delays and by the actors that it invokes', async () => {
    const { island, owner } = start(light, { count: 0 });
    island.handleEvent(1, 1, {}, ann);
    expect(island.render()).toEqual([[1, 3, 'loading']]);
    const before = owner.changes;
    await settled();
    await settled();
    expect(owner.changes).toBeGreaterThan(before);
    expect(island.render()).toEqual([
      [1, 3, 'off'],
      [1, 5, 'data'],
    ]);
    island.handleEvent(1, 0, {}, ann);
    island.render();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(island.render()).toEqual([[1, 3, 'off']]);
    island.stop();
  });

  test('ignores events that its state does not know', () => {
    const { island } = start(light, { count: 0 });
    island.dispatch({ type: 'Unheard' });
    expect(island.render()).toEqual([]);
    island.stop();
  });

  test('fails to its owner', () => {
    const { island, owner } = start(light, { count: 0 });
    island.handleEvent(1, 2, {}, ann);
    expect(owner.failures).toEqual([new Error('broken action')]);
    expect(island.isRunning).toBe(false);
  });

  test('starts again from its snapshot', () => {
    const { island } = start(light, { count: 0 });
    island.handleEvent(1, 0, {}, ann);
    island.render();
    const snapshot = JSON.parse(JSON.stringify(island.toSnapshot()));
    island.stop();
    const again = start(light, { count: 99 }, snapshot);
    expect(again.island.rendering.toMount()).toEqual([0, 0, 0, 0, 'on', 1, 'no']);
    again.island.stop();
  });

  test('previews its first state', () => {
    const snapshot = preview(light, { count: 2 }, [{ type: 'UserToggled' }]);
    const rendering = start(light, { count: 2 }).island;
    rendering.stop();
    expect(light.logic.render(snapshot)).toMatchObject({ values: expect.arrayContaining(['on', 3]) });
  });
});

test('a function component is an actor logic like any other', () => {
  const host = {
    signal: new AbortController().signal,
    dispatch: () => undefined,
    emit: () => undefined,
    provide: () => undefined,
    delay: () => undefined,
    contain: (run: () => unknown) => run(),
    fail: () => undefined,
  };
  const actor = createActor(counter.logic.actorLogic, { input: { props: { start: 1 }, host } as never });
  actor.subscribe(() => undefined);
  actor.start();
  actor.send({ type: 'UserClicked' });
  expect(counter.logic.modelOf(actor.getSnapshot())).toEqual({ count: 2, text: '' });
  actor.stop();
});
