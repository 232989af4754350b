// `effect.latest` and `effect.cancel`: of the effects with one name only the latest counts, whatever comes late.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observe, simulate } from '../server/testing/index.ts';
import { component, type Dispatch, type Effect, type EffectContext, effect, html } from '../shared/index.ts';
import { fromRun, perform } from '../shared/language/effect.ts';
import { settled } from './support/clock.ts';
import { startRuntime, type TestRuntime } from './support/runtime.ts';

/** A request under way: a test answers it when it likes. */
interface Request {
  readonly text: string;
  readonly dispatch: Dispatch<Message>;
  readonly context: EffectContext;
  readonly fails: (error: unknown) => void;
}

type Message =
  | { readonly type: 'Asked'; readonly effect: Effect<Message>; readonly throwing?: 'update' | 'view' | undefined }
  | { readonly type: 'Told'; readonly text: string };

interface Model {
  readonly told: readonly string[];
  readonly isBroken: boolean;
}

const told = (text: string): Message => ({ type: 'Told', text });

/** A component that asks for whatever a message says, and keeps what it is told. */
function listener(first: Effect<Message> = effect.none) {
  return component<Model, Message>({
    init: () => [{ told: [], isBroken: false }, first],
    update(model, message) {
      if (message.type === 'Told') return [{ ...model, told: [...model.told, message.text] }, effect.none];
      if (message.throwing === 'update') throw new Error('update');
      return [{ ...model, isBroken: model.isBroken || message.throwing === 'view' }, message.effect];
    },
    view({ told: texts, isBroken }) {
      if (isBroken) throw new Error('view');
      return html`<p>${texts.join(' ')}</p>`;
    },
  });
}

/** A runtime with requests that wait for a test to answer them. */
function startListener(first?: (request: (text: string) => Effect<Message>) => Effect<Message>) {
  const requests = new Map<string, Request>();
  const request = (text: string): Effect<Message> =>
    effect.from<Message>(
      (dispatch, context) => new Promise((_, fails) => requests.set(text, { text, dispatch, context, fails })),
    );
  const test: TestRuntime = startRuntime(listener(first?.(request)));
  return {
    ...test,
    requests,
    request,
    ask: (wanted: Effect<Message>, throwing?: 'update' | 'view') =>
      test.runtime.dispatch({ type: 'Asked', effect: wanted, throwing } as Message),
    answer: (text: string) => requests.get(text)?.dispatch(told(text)),
    isAborted: (text: string) => requests.get(text)?.context.signal.aborted,
    get told() {
      test.runtime.flush();
      return /<p>(.*)<\/p>/.exec(renderedText(test))?.[1];
    },
  };
}

function renderedText({ html: text }: TestRuntime): string {
  return text.replaceAll('<!---->', '');
}

describe('the latest of one name', () => {
  test('ends the one before: its signal fires, and its answer is ignored', () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.latest('search', test.request('b')));
    test.next();
    expect([test.isAborted('a'), test.isAborted('b')]).toEqual([true, false]);
    test.answer('b');
    test.answer('a');
    expect(test.told).toBe('b');
  });

  test('of another name, or of none, concerns nobody', () => {
    const test = startListener();
    test.ask(effect.batch([effect.latest('one', test.request('a')), test.request('b')]));
    test.next();
    test.ask(effect.latest('two', test.request('c')));
    test.next();
    for (const text of ['a', 'b', 'c']) test.answer(text);
    expect(test.told).toBe('a b c');
  });

  test('may end without a successor', () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.cancel('search'));
    test.next();
    expect(test.isAborted('a')).toBe(true);
    test.answer('a');
    expect(test.told).toBe('');
  });

  test('has others of its name end that run inside a batch, or under the name of another', () => {
    const test = startListener();
    const inner = effect.latest('inner', test.request('inner'));
    test.ask(effect.latest('outer', effect.batch([test.request('outer'), inner])));
    test.next();
    test.ask(effect.latest('inner', test.request('next')));
    test.next();
    expect([test.isAborted('outer'), test.isAborted('inner')]).toEqual([false, true]);
    test.ask(effect.latest('outer', effect.latest('nested', test.request('nested'))));
    test.next();
    expect([test.isAborted('outer'), test.isAborted('next')]).toEqual([true, false]);
    test.ask(effect.cancel('outer'));
    test.next();
    expect(test.isAborted('nested')).toBe(true);
  });

  test('under its own name again is one with it', () => {
    const test = startListener();
    test.ask(effect.latest('search', effect.batch([test.request('a'), effect.latest('search', test.request('b'))])));
    test.next();
    expect([test.isAborted('a'), test.isAborted('b')]).toEqual([false, false]);
    const later = fromRun((host) => perform(effect.latest('search', test.request('c')), host));
    test.ask(effect.latest('other', effect.batch([later, effect.latest('search', test.request('d'))])));
    test.next();
    expect(['a', 'b', 'c', 'd'].map(test.isAborted)).toEqual([true, true, true, false]);
  });

  test('that is mapped keeps its name, and maps what it tells', () => {
    const test = startListener();
    const child = effect.latest('search', test.request('a'));
    test.ask(effect.map(child, (message) => (message.type === 'Told' ? told(`child ${message.text}`) : message)));
    test.next();
    test.answer('a');
    test.ask(effect.latest('search', test.request('b')));
    test.next();
    test.answer('a');
    expect(test.told).toBe('child a');
  });

  test('ends what runs inside of it was started by another effect of its own', () => {
    const test = startListener();
    const started = fromRun((host) => perform(effect.batch([test.request('a'), effect.after(5, told('time'))]), host));
    test.ask(effect.latest('search', started as Effect<Message>));
    test.next();
    test.ask(effect.cancel('search'));
    test.next();
    expect(test.isAborted('a')).toBe(true);
    expect(test.clock.waits).toEqual([]);
  });

  test('has the timers of the one before end', async () => {
    const test = startListener();
    test.ask(effect.latest('save', effect.batch([effect.after(100, told('once')), effect.every(30, told('again'))])));
    test.next();
    await test.clock.advance(50);
    test.ask(effect.latest('save', effect.after(100, told('later'))));
    test.next();
    await test.clock.advance(1_000);
    expect(test.told).toBe('again later');
  });

  test('ignores what the one before throws, rejects with, emits, or asks a restart for', async () => {
    const test = startListener();
    test.ask(effect.latest('search', effect.batch([test.request('a'), test.request('b'), test.request('c')])));
    test.next();
    let emits = (): void => {};
    const emitting = fromRun((host) => {
      emits = () => perform(effect.emit('found'), host);
    });
    test.ask(effect.latest('other', emitting));
    test.next();
    test.ask(effect.batch([effect.cancel('search'), effect.cancel('other')]));
    test.next();
    test.requests.get('a')?.fails(new Error('late'));
    test.requests.get('b')?.fails(new DOMException('aborted', 'AbortError'));
    test.requests.get('c')?.context.fail(new Error('late'));
    emits();
    await settled();
    test.next();
    expect([test.place.runErrors, test.place.failures, test.place.emitted]).toEqual([[], [], []]);
  });

  test('says what it throws itself', async () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.requests.get('a')?.fails(new Error('in time'));
    await settled();
    expect(test.place.runErrors).toEqual([new Error('in time')]);
  });

  test('emits and provides with its message, as without a name', () => {
    const test = startListener();
    const wanted = effect.batch([effect.emit('found', 1), effect.provide('key', 2), test.request('a')]);
    test.ask(effect.latest('search', wanted));
    test.ask(effect.latest('search', test.request('b')));
    test.next();
    expect(test.place.outputs).toMatchObject([{ kind: 'emit' }, { kind: 'provide' }]);
  });
});

describe('in one turn', () => {
  test('a later one replaces an earlier one, which never starts; all others start in order', () => {
    const test = startListener();
    const started: string[] = [];
    const start = (text: string): Effect<Message> => effect.from(() => void started.push(text));
    test.ask(effect.batch([start('1'), effect.latest('search', start('2')), start('3')]));
    test.ask(effect.batch([effect.latest('search', start('4')), effect.latest('other', start('5')), start('6')]));
    test.ask(effect.batch([effect.cancel('other'), effect.latest('other', start('7'))]));
    test.next();
    expect(started).toEqual(['1', '3', '4', '6', '7']);
  });

  test('a cancel keeps an earlier one from starting, and not a later one', () => {
    const test = startListener();
    const wanted = [effect.latest('a', test.request('a')), effect.cancel('a'), effect.latest('b', test.request('b'))];
    test.ask(effect.batch([...wanted, effect.cancel('c'), effect.latest('c', test.request('c'))]));
    test.next();
    expect([...test.requests.keys()]).toEqual(['b', 'c']);
  });

  test('what a replaced one holds replaces nothing', () => {
    const test = startListener();
    test.ask(effect.latest('a', test.request('a')));
    test.ask(effect.latest('b', effect.latest('a', test.request('nested'))));
    test.ask(effect.cancel('b'));
    test.next();
    expect([...test.requests.keys()]).toEqual(['a']);
  });

  test.each(['update', 'view'] as const)('what a message asks for that is refused by its %s never happened', (part) => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.latest('search', test.request('b')), part);
    test.ask(effect.cancel('search'), part);
    test.next();
    expect([test.isAborted('a'), test.requests.has('b')]).toEqual([false, false]);
    test.answer('a');
    expect(test.told).toBe('a');
  });

  test('an answer that comes after its successor was asked for is ignored, though that could not start yet', () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.latest('search', test.request('b')));
    test.answer('a');
    expect(test.told).toBe('');
  });

  test('so it is while the turn is delivered: whoever hears of it may answer at once', () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.latest('search', test.request('b')));
    const { place } = test;
    const deliver = place.deliver.bind(place);
    place.deliver = (isRendered) => {
      deliver(isRendered);
      test.answer('a');
    };
    test.next();
    expect(test.told).toBe('');
  });

  test('an answer that waited for its successor is taken when that was refused', () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    test.ask(effect.latest('search', test.request('b')), 'view');
    test.answer('a');
    test.next();
    expect(test.told).toBe('a');
  });

  test('so it is with a timer', async () => {
    const test = startListener();
    test.place.wait = 200;
    test.ask(effect.latest('ok', effect.after(100, told('first'))));
    test.ask(effect.latest('refused', effect.after(100, told('second'))));
    test.next();
    await test.clock.advance(90);
    test.ask(effect.cancel('ok'));
    test.ask(effect.cancel('refused'), 'view');
    await test.clock.advance(20);
    test.next();
    expect(test.told).toBe('second');
  });
});

describe('over a restart of its actor', () => {
  const restart = async (test: ReturnType<typeof startListener>): Promise<void> => {
    test.ask(effect.from((_, { fail }) => fail(new Error('start again'))));
    test.next();
    expect(test.runtime.isRunning).toBe(false);
    await test.clock.advance(2_000);
    expect(test.runtime.isRunning).toBe(true);
  };

  test('runs end, those of init start again, and timers go on until something else has their name', async () => {
    const test = startListener((request) =>
      effect.latest('poll', effect.batch([effect.every(60_000, told('time')), request('init')])),
    );
    const before = test.requests.get('init');
    test.ask(effect.latest('search', effect.batch([test.request('a'), effect.after(30_000, told('search'))])));
    test.next();
    await restart(test);
    expect([before?.context.signal.aborted, test.isAborted('a'), test.isAborted('init')]).toEqual([true, true, false]);
    expect(test.clock.waits.filter((ms) => ms > 5_000)).toHaveLength(2);
    await test.clock.advance(58_000);
    expect(test.told).toBe('search time');
    test.ask(effect.cancel('poll'));
    test.next();
    expect(test.isAborted('init')).toBe(true);
    await test.clock.advance(120_000);
    expect(test.told).toBe('search time');
  });

  test('an answer of the life before is ignored, and what it throws is logged as that of a stray', async () => {
    const test = startListener();
    test.ask(effect.latest('search', test.request('a')));
    test.next();
    await restart(test);
    test.answer('a');
    test.requests.get('a')?.fails(new Error('stray'));
    await settled();
    expect(test.told).toBe('');
    expect(test.place.runErrors).toEqual([new Error('stray')]);
  });

  test('an actor that stops ends them all', () => {
    const test = startListener();
    test.ask(effect.latest('search', effect.batch([test.request('a'), effect.every(10, told('time'))])));
    test.next();
    test.runtime.stop();
    expect(test.isAborted('a')).toBe(true);
    expect(test.clock.waits).toEqual([]);
  });
});

describe('whatever the order of questions, answers, cancels and turns', () => {
  const name = fc.constantFrom('a', 'b');
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), name, how: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('refused' as const), name, how: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), name }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), back: fc.nat(5) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(60) }) },
  );

  test('a model takes the answers of the latest, and of no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const test = startListener();
        test.place.wait = 1_000;
        const asked: { readonly name: string; readonly text: string }[] = [];
        const latest = new Map<string, string>();
        const expected: string[] = [];
        // an answer waits for the end of a turn in which its name was asked for in vain, and is dropped if a question
        // or a cancel that stands comes before that end
        const refused = new Set<string>();
        const held: typeof asked = [];
        const either = new Set<string>();
        const replace = (name: string): void => {
          for (const each of held) if (each.name === name) either.add(each.text);
        };
        for (const [index, next] of actions.entries()) {
          const text = `${index}`;
          if (next.kind === 'ask') {
            asked.push({ name: next.name, text });
            latest.set(next.name, text);
            replace(next.name);
            test.ask(spell(next.name, test.request(text), next.how));
          } else if (next.kind === 'refused') {
            refused.add(next.name);
            const wanted = effect.latest(next.name, test.request(text));
            test.ask(next.how ? wanted : effect.cancel(next.name), index % 2 ? 'update' : 'view');
          } else if (next.kind === 'cancel') {
            latest.delete(next.name);
            replace(next.name);
            test.ask(effect.cancel(next.name));
          } else if (next.kind === 'answer') {
            const question = asked.at(-1 - next.back);
            if (!question || !test.requests.has(question.text)) continue;
            if (latest.get(question.name) === question.text) expected.push(question.text);
            if (refused.has(question.name)) held.push(question);
            test.answer(question.text);
          } else if (next.kind === 'turn') {
            test.next();
            refused.clear();
            held.length = 0;
          } else await test.clock.advance(next.ms);
        }
        test.next();
        const taken = (test.told ?? '').split(' ').filter(Boolean);
        // those that waited for the end of a turn come after what that turn took
        const sure = (texts: readonly string[]) => texts.filter((text) => !either.has(text)).toSorted();
        expect(sure(taken)).toEqual(sure(expected));
        for (const { name, text } of asked) {
          if (test.requests.has(text)) expect(test.isAborted(text)).toBe(latest.get(name) !== text);
        }
        expect(test.place.runErrors).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  /** The same, said in one of several ways. */
  function spell(name: string, wanted: Effect<Message>, how: number): Effect<Message> {
    const latest = effect.latest(name, wanted);
    const ways = [
      latest,
      effect.map(latest, (message) => message),
      effect.batch([effect.cancel(name), latest]),
      effect.batch([effect.latest(name, effect.after(0, told('never'))), latest]),
      effect.latest(
        name,
        effect.map(effect.batch([effect.latest(name, wanted)]), (message) => message),
      ),
    ];
    return ways[how] as Effect<Message>;
  }
});

describe('in `islet/testing`', () => {
  const answer = (text: string): Effect<Message> =>
    effect.from<Message>(async (dispatch) => {
      await settled();
      dispatch(told(text));
    });

  test('observe tells the names, and only the latest counts among what is observed together', async () => {
    const game = simulate(listener(), undefined);
    game.send({ type: 'Asked', effect: effect.latest('search', answer('a')) });
    game.send({
      type: 'Asked',
      effect: effect.latest('search', effect.batch([answer('b'), effect.after(5, told('c'))])),
    });
    game.send({ type: 'Asked', effect: effect.cancel('other') });
    const { names, messages, delays, errors } = observe(effect.batch([...game.effects]));
    await settled();
    await settled();
    expect(names).toEqual(['search', 'search', 'other']);
    expect(messages).toEqual([told('b')]);
    delays[0]?.run();
    expect(messages).toEqual([told('b'), told('c')]);
    expect(errors).toEqual([]);
  });

  test('a delay that was ended under its name does nothing', () => {
    const { delays, messages } = observe(
      effect.batch([
        effect.latest('save', effect.every(5, told('a'))),
        effect.after(7, told('b')),
        effect.cancel('save'),
      ]),
    );
    expect(delays.map(({ ms }) => ms)).toEqual([7]);
    delays[0]?.run();
    expect(messages).toEqual([told('b')]);
  });
});
