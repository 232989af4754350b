// The rules of a turn, one by one: in which order things happen, what is refused when something throws, what is done
// again, what a restart keeps. That they hold together, for random messages, is in test/turns-laws.test.ts.

import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { type Component, component, type Effect, effect, html, keyed } from '../shared/index.ts';
import { fromRun } from '../shared/language/effect.ts';
import type { EventClient } from '../shared/language/events.ts';
import { ManualClock, settled } from './support/clock.ts';
import { createRuntime, RecordingOrigin, startRuntime, type TestRuntime } from './support/runtime.ts';

const ann: EventClient = { id: 'c-1', user: 'ann', newId: () => 'new', now: () => 0 };

/** What a message does is said by the message. */
interface Told {
  readonly type: string;
  /** Becomes the model; a model that cannot be shown is one that `cannotShow` says. */
  readonly text?: string;
  readonly asks?: Effect<Told>;
  readonly does?: (model: string) => void;
}

type Notebook = Component<string, Told, undefined>;

/** Shows the texts that it was told, one behind the other. */
function notebook(options: Partial<Notebook> & { readonly start?: Effect<Told> } = {}): Notebook {
  return component<string, Told, undefined>({
    name: 'test-notebook',
    init: () => ['', options.start ?? effect.none],
    update(model, { text = '', asks = effect.none, does }) {
      does?.(model);
      return [model + text, asks];
    },
    view(model) {
      if (model.includes('!')) throw new Error(`cannot show ${model}`);
      return html`<p @click=${{ type: 'Clicked', text: 'c' }}>${model}</p>`;
    },
    ...options,
  });
}

const add = (text: string, asks?: Effect<Told>): Told => ({ type: `Added${text}`, text, ...(asks && { asks }) });

function fail(problem = 'meant to fail'): never {
  throw new Error(problem);
}

function dispatchAll({ runtime }: TestRuntime, messages: readonly Told[]): RecordingOrigin[] {
  return messages.map((message) => {
    const origin = new RecordingOrigin();
    runtime.dispatch(message, origin);
    return origin;
  });
}

const outcomesOf = (origins: readonly RecordingOrigin[]): string[] => origins.map(({ outcomes }) => outcomes.join());
const refused = 'ISLET_ERR_MESSAGE_REFUSED';

describe('a turn', () => {
  test('is handlers and updates, then one view, then delivery, outcomes, and at last timers and runs', () => {
    const log: string[] = [];
    const test = startRuntime(
      notebook({
        update(model, { text = '' }) {
          log.push(`update ${text}`);
          const run = effect.from<Told>(() => void log.push(`run ${text}, ${test.clock.waits.length} timers`));
          return [model + text, effect.batch([run, effect.after(1, { type: 'Later' })])];
        },
        view(model) {
          log.push(`view ${model}`);
          const handler = () => {
            log.push('handler');
            return add('b');
          };
          return html`<p @click=${handler}>${model}</p>`;
        },
      }),
    );
    const { place } = test;
    log.length = 0;
    place.log.push = (...words) => log.push(...words);
    test.runtime.dispatch(add('a'));
    test.runtime.handleEvent(1, 0, {}, ann);
    test.next();
    const end = ['delivered', 'turn ended', 'run a, 1 timers', 'run b, 2 timers'];
    expect(log).toEqual(['update a', 'handler', 'update b', 'view ab', ...end]);
  });

  test('tells who caused a message that it is handled at once, and of a refusal at its end', () => {
    const { runtime, next } = startRuntime(notebook({ view: (model) => html`<p @click=${() => fail()}>${model}</p>` }));
    const event = new RecordingOrigin();
    runtime.handleEvent(1, 0, {}, ann, event);
    const message = new RecordingOrigin();
    const broken: Told = { type: 'Broke', does: () => fail() };
    runtime.dispatch(broken, message);
    expect(message.outcomes).toEqual([]);
    next();
    expect(event.outcomes).toEqual(['handled', refused]);
    expect(message.outcomes).toEqual([refused]);
  });

  test('without a new model evaluates no view, and delivers what was asked for', () => {
    const test = startRuntime(notebook());
    dispatchAll(test, [{ type: 'Same', asks: effect.emit('same') }]);
    expect(test.next()).toEqual([]);
    expect(test.place.renderings).toBe(1);
    expect(test.place.emitted).toEqual([['same', null]]);
  });

  test('that gathers ends after 256 messages, whether or not anybody looks', () => {
    const test = startRuntime(notebook());
    test.place.wait = Number.POSITIVE_INFINITY;
    for (let count = 0; count < 255; count++) test.runtime.dispatch(add('a'));
    expect(test.place.patches).toHaveLength(0);
    test.runtime.dispatch(add('b'));
    expect(test.place.patches).toHaveLength(1);
  });

  test('that gathers ends after 250 ms, by a timer or at the next message', async () => {
    const test = startRuntime(notebook());
    test.place.wait = Number.POSITIVE_INFINITY;
    test.runtime.dispatch(add('a'));
    await test.clock.advance(249);
    expect(test.place.patches).toHaveLength(0);
    await test.clock.advance(1);
    expect(test.place.patches).toHaveLength(1);

    const busy = startRuntime(
      notebook({
        update(model, { text = '' }) {
          busy.clock.pass(100);
          return [model + text, effect.none];
        },
      }),
    );
    busy.place.wait = 10;
    dispatchAll(busy, [add('a'), add('b'), add('c')]);
    expect(busy.place.patches).toHaveLength(0);
    dispatchAll(busy, [add('d')]);
    expect(busy.place.patches).toHaveLength(1);
  });

  test('takes the first messages together with what init made, however late it is', () => {
    const test = createRuntime(notebook());
    test.runtime.start([() => add('a'), () => add('b')]);
    expect(test.place.turns).toBe(0);
    test.next();
    expect(test.place.renderings).toBe(1);
    expect(test.html).toBe('<p>ab</p>');
  });

  test('follows another for a hundred times; then the loop gives way', async () => {
    const again = (left: number): Told =>
      add('a', left === 0 ? effect.none : effect.from<Told>((dispatch) => dispatch(again(left - 1))));
    const test = startRuntime(notebook());
    test.runtime.dispatch(again(150));
    for (let count = 0; count < 1_000; count++) await Promise.resolve();
    expect(test.place.yielded).toHaveLength(1);
    expect(test.place.turns).toBe(100);
    await settled();
    await settled();
    expect(test.html).toBe(`<p>${'a'.repeat(151)}</p>`);
  });

  test('of a run that never ends does not keep others from running: turns in a row are counted there, too', async () => {
    let left = 60_000;
    const flood = (): Told =>
      add(
        '',
        effect.from<Told>((dispatch) => (left-- > 0 ? dispatch(flood()) : undefined)),
      );
    const test = startRuntime(notebook());
    for (let count = 0; count < 256; count++) test.runtime.dispatch(flood());
    await settled();
    expect(left).toBeGreaterThan(0);
    await expect.poll(() => left).toBeLessThanOrEqual(0);
  });
});

describe('a message is refused alone', () => {
  test.each<[string, Told]>([
    ['whose update throws', { type: 'Broke', does: () => fail() }],
    ['whose update gives no effect', { type: 'Broke', text: 'x', asks: null as never }],
    ['whose output cannot be delivered', add('x', effect.batch([effect.emit('fine'), effect.emit('no', 1n)]))],
    ['after which the view throws', add('!')],
  ])('%s', (_, message) => {
    const test = startRuntime(notebook());
    const origins = dispatchAll(test, [add('a'), message, add('b')]);
    test.next();
    expect(test.html).toContain('>ab</p>');
    expect(test.place.patches).toHaveLength(1);
    expect(outcomesOf(origins)).toEqual(['', refused, '']);
    expect(test.place.refused).toMatchObject([{ code: refused, message, error: expect.any(Error) }]);
    expect(test.place.emitted).toEqual([]);
    expect(test.place.failures).toEqual([]);
  });

  test('whose handler throws, or makes no message', () => {
    const test = startRuntime(
      notebook({ view: (model) => html`<p @click=${() => fail()} @blur=${() => 5 as never}>${model}</p>` }),
    );
    dispatchAll(test, [add('a')]);
    test.runtime.handleEvent(1, 0, {}, ann);
    test.runtime.handleEvent(1, 1, {}, ann);
    dispatchAll(test, [add('b')]);
    expect(test.next()).toEqual([[1, 2, 'ab']]);
    expect(test.place.refused).toMatchObject([
      { code: refused, message: undefined, error: new Error('meant to fail') },
      { code: refused, message: undefined, error: new TypeError('a handler must give a message or null; got number') },
    ]);
  });

  test('with its outputs and runs; those of the others are done once, in order', () => {
    const log: string[] = [];
    const asking = (text: string): Told =>
      add(text, effect.batch([effect.from<Told>(() => void log.push(text)), effect.emit('told', text)]));
    const test = startRuntime(notebook());
    dispatchAll(test, [asking('a'), asking('!'), asking('b')]);
    test.next();
    expect(test.place.emitted).toEqual([
      ['told', 'a'],
      ['told', 'b'],
    ]);
    expect(log).toEqual(['a', 'b']);
  });

  test('and not the one that only threw at what it left behind', () => {
    const test = startRuntime(notebook());
    const picky: Told = { type: 'Picky', text: 'p', does: (model) => (model.includes('!') ? fail() : undefined) };
    const origins = dispatchAll(test, [add('!'), picky]);
    expect(test.next()).toEqual([[1, 1, 'p']]);
    expect(outcomesOf(origins)).toEqual([refused, '']);
  });

  test('and not one whose model the next message mends before it is shown', () => {
    const test = startRuntime(notebook({ update: (_, { text = '' }) => [text, effect.none] }));
    const origins = dispatchAll(test, [add('!'), add('a')]);
    expect(test.next()).toEqual([[1, 1, 'a']]);
    expect(outcomesOf(origins)).toEqual(['', '']);
  });

  test.each<[string, (model: string) => unknown]>([
    ['in a view itself', (model) => (model.includes('!') ? fail() : model)],
    ['in the view of an item', (model) => list(model, (item) => (item === '!' ? fail() : html`<i>${item}</i>`))],
    ['by two items of one key', (model) => list(model.replace('!', 'a'))],
    ['by a value that no hole can show', (model) => (model.includes('!') ? Symbol('no') : model)],
    [
      'by a value that cannot be encoded',
      (model) => html`<my-el .data=${model.includes('!') ? { n: 1n } : 0}></my-el>`,
    ],
  ])('when it throws %s, and the tree is as if it had never been', (_, content) => {
    const test = startRuntime(notebook({ view: (model) => html`<p>${model}</p>${content(model) as string}` }));
    const { runtime, place } = test;
    const origins = dispatchAll(test, [add('a'), add('b'), add('!'), add('c')]);
    test.next();
    expect(outcomesOf(origins)).toEqual(['', '', refused, '']);
    place.expectSameTree();
    const fresh = startRuntime(runtime.component, { snapshot: runtime.toSnapshot() });
    expect(test.html).toBe(fresh.html);
    expect(test.html).toContain('abc');
  });

  test('not tried, if the turn cannot be done again within 50 ms', () => {
    const clock = new ManualClock();
    const slow = notebook({
      view(model) {
        clock.pass(30);
        return model.includes('!') ? fail() : html`<p>${model}</p>`;
      },
    });
    const test = startRuntime(slow, { clock });
    const origins = dispatchAll(test, [add('a'), add('!'), add('b'), add('c')]);
    test.next();
    expect(outcomesOf(origins)).toEqual(['', refused, 'ISLET_ERR_NOT_TRIED', 'ISLET_ERR_NOT_TRIED']);
    expect(test.html).toBe('<p>a</p>');
    dispatchAll(test, [add('d')]);
    test.next();
    expect(test.html).toBe('<p>ad</p>');
  });
});

describe('an output of a run', () => {
  const telling = (name: string): Effect<Told> => fromRun((host) => host.tell({ kind: 'emit', name, detail: null }));

  test('keeps its place among those of messages, also when the turn is done again', () => {
    const test = startRuntime(notebook());
    dispatchAll(test, [add('x', telling('of a run'))]);
    test.next();
    dispatchAll(test, [add('y', effect.emit('of a message')), add('!')]);
    test.next();
    expect(test.place.emitted).toEqual([
      ['of a run', null],
      ['of a message', null],
    ]);
  });

  test('that cannot be delivered is reported as what the run threw', () => {
    let times = 0;
    // says what it holds once, when it is checked, and not when it is encoded
    const detail = { toJSON: () => (times++ === 0 ? 1 : fail('no JSON')) };
    const bad: Effect<Told> = fromRun((host) => {
      host.tell({ kind: 'emit', name: 'no', detail: 1n });
      host.tell({ kind: 'emit', name: 'no', detail });
    });
    const test = startRuntime(notebook());
    dispatchAll(test, [add('a', bad)]);
    test.next();
    expect(test.place.runErrors).toEqual([expect.any(TypeError)]);
    test.next();
    expect(test.place.runErrors).toEqual([expect.any(TypeError), new Error('no JSON')]);
    expect(test.place.failures).toEqual([]);
    test.place.expectSameTree();
  });
});

describe('a state machine', () => {
  const machine = setup({
    types: { context: {} as { count: number }, events: {} as { type: 'Counted' | 'Guarded' | 'Asserted' } },
    guards: { broken: () => fail('guard') },
    actions: { count: assign({ count: ({ context }) => context.count + 1 }), break: assign(() => fail('assign')) },
  }).createMachine({
    context: { count: 0 },
    on: {
      Counted: { actions: 'count' },
      Guarded: { guard: 'broken', actions: 'count' },
      Asserted: { actions: ['count', 'break'] },
    },
  });
  const shown = (limit: number): unknown =>
    component({
      machine,
      view: ({ context: { count } }) => (count > limit ? fail('view') : html`<p>${count}</p>`),
    });

  test('is tried first: an event at which its guard or its assignment throws is refused, and it goes on', () => {
    const test = startRuntime(shown(9));
    dispatchAll(test, [{ type: 'Counted' }, { type: 'Guarded' }, { type: 'Asserted' }, { type: 'Counted' }]);
    expect(test.next()).toEqual([[1, 0, 2]]);
    expect(test.place.refused.map(({ message }) => message?.type)).toEqual(['Guarded', 'Asserted']);
    expect(test.place.failures).toEqual([]);
  });

  test('whose view throws is started again from what was last shown, and the whole turn is refused', async () => {
    const test = startRuntime(shown(1));
    dispatchAll(test, [{ type: 'Counted' }]);
    test.next();
    const origins = dispatchAll(test, [{ type: 'Counted' }, { type: 'Counted' }]);
    expect(test.next()).toEqual([]);
    expect(outcomesOf(origins)).toEqual([refused, refused]);
    expect(test.place.failures).toMatchObject([{ message: expect.stringContaining('view') }]);
    await test.clock.advance(100);
    expect(test.html).toBe('<p>1</p>');
    expect(test.runtime.isRunning).toBe(true);
  });
});

describe('a run', () => {
  test('that throws is reported, and the next ones start', () => {
    const log: string[] = [];
    const run = (name: string): Effect<Told> => effect.from(() => void log.push(name));
    const test = startRuntime(notebook());
    dispatchAll(test, [
      add('a', effect.batch([run('one'), effect.from(() => fail()), run('two')])),
      add('b', run('three')),
    ]);
    expect(test.next()).toEqual([[1, 1, 'ab']]);
    expect(log).toEqual(['one', 'two', 'three']);
    expect(test.place.runErrors).toEqual([new Error('meant to fail')]);
    expect(test.runtime.isRunning).toBe(true);
  });

  test('of a turn that a run has filled comes after those that are due already', () => {
    const log: string[] = [];
    const run = (name: string): Effect<Told> => effect.from(() => void log.push(name));
    const flood = effect.from<Told>((dispatch) => {
      for (let count = 0; count < 256; count++) dispatch(add('b', count === 0 ? run('of the next turn') : undefined));
      log.push('flood');
    });
    const test = startRuntime(notebook());
    dispatchAll(test, [add('a', flood), add('a', run('of this turn'))]);
    test.next();
    expect(log).toEqual(['flood', 'of this turn', 'of the next turn']);
  });

  test('may ask for a restart: the actor goes on from what was last shown, and its runs are told to stop', async () => {
    let signal: AbortSignal | undefined;
    const test = startRuntime(notebook());
    dispatchAll(test, [
      add(
        'a',
        effect.from((_, context) => {
          signal = context.signal;
        }),
      ),
    ]);
    test.next();
    dispatchAll(test, [
      add(
        'b',
        effect.from((_, context) => context.fail(new Error('asked'))),
      ),
    ]);
    test.next();
    expect(test.place.failures).toEqual([new Error('asked')]);
    expect(signal?.aborted).toBe(true);
    expect(test.runtime.isRunning).toBe(false);
    await test.clock.advance(100);
    expect(test.html).toBe('<p>ab</p>');
    expect(test.place.log.slice(-3)).toEqual(['delivered', 'turn ended', 'restarted']);
  });
});

describe('a restart', () => {
  const asking = effect.from<Told>((_, context) => context.fail(new Error('asked')));
  const restart = (test: TestRuntime): void => {
    dispatchAll(test, [{ type: 'Asked', asks: asking }]);
    test.next();
  };

  test('keeps the timers that messages and init have asked for', async () => {
    const test = startRuntime(notebook({ start: effect.every(300, add('e')) }));
    dispatchAll(test, [add('a', effect.after(250, add('b')))]);
    test.next();
    restart(test);
    expect(test.clock.waits).toEqual([100, 250, 300]);
    await test.clock.advance(600);
    expect(test.html).toBe('<p>abee</p>');
  });

  test('gives runs of init only: its events and its values were given before', async () => {
    let runs = 0;
    const run = effect.from<Told>(() => void runs++);
    const test = startRuntime(notebook({ start: effect.batch([run, effect.emit('born'), effect.provide('key', 1)]) }));
    restart(test);
    await test.clock.advance(100);
    expect(runs).toBe(2);
    expect(test.place.outputs.map(({ kind }) => kind)).toEqual(['emit', 'provide']);
  });

  test('of an actor that was never shown gives all that init asks for', async () => {
    let isBroken = true;
    const test = startRuntime(
      notebook({
        init: () => (isBroken ? fail() : ['x', effect.batch([effect.emit('born'), effect.after(5, add('y'))])]),
      }),
    );
    isBroken = false;
    await test.clock.advance(105);
    expect(test.place.emitted).toEqual([['born', null]]);
    expect(test.html).toBe('<p>xy</p>');
  });

  test('refuses the messages that were not shown yet, and has those that come meanwhile wait', async () => {
    const test = startRuntime(notebook());
    let ask: (() => void) | undefined;
    dispatchAll(test, [
      add(
        'a',
        effect.from((_, context) => {
          ask = () => context.fail(new Error('asked'));
        }),
      ),
    ]);
    test.next();
    const before = dispatchAll(test, [add('b')]);
    ask?.();
    const meanwhile = dispatchAll(test, [add('c')]);
    expect(outcomesOf([...before, ...meanwhile])).toEqual([refused, '']);
    await test.clock.advance(100);
    expect(test.html).toBe('<p>ac</p>');
  });

  test('that takes long has a thousand messages wait, and refuses the others', async () => {
    const test = startRuntime(notebook());
    restart(test);
    const origins = dispatchAll(test, Array<Told>(1_001).fill(add('a')));
    expect(outcomesOf(origins.slice(-2))).toEqual(['', 'ISLET_ERR_LIMIT_EVENTS']);
    await test.clock.advance(100);
    expect(test.html).toBe(`<p>${'a'.repeat(1_000)}</p>`);
  });

  test('that is not tried soon refuses what waits, and what comes', () => {
    const test = startRuntime(notebook({ init: () => fail() }), {
      restart: { maxFailures: 0, windowMs: 1_000, backoffMs: 1 },
      first: [() => add('a')],
    });
    expect(test.runtime.status).toBe('failed');
    expect(outcomesOf(dispatchAll(test, [add('b')]))).toEqual(['ISLET_ERR_ACTOR_FAILED']);
  });

  test('that fails so often that it is given up refuses what has waited for it', async () => {
    const test = startRuntime(notebook({ init: () => fail() }), {
      restart: { maxFailures: 1, windowMs: 1_000, backoffMs: 1 },
    });
    const origins = dispatchAll(test, [add('a')]);
    expect(outcomesOf(origins)).toEqual(['']);
    await test.clock.advance(1);
    expect(outcomesOf(origins)).toEqual(['ISLET_ERR_ACTOR_FAILED']);
  });

  test('is what follows a model that cannot be shown at all', async () => {
    const test = startRuntime(notebook({ init: () => ['!', effect.none] }));
    expect(test.place.failures).toEqual([new Error('cannot show !')]);
    await test.clock.advance(100);
    expect(test.place.failures).toHaveLength(2);
  });
});

function list(model: string, view: (item: string) => unknown = (item) => html`<i>${item}</i>`): unknown {
  return keyed([...model], (item) => item, view);
}
