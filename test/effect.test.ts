// Effects as values: what each asks of its host, and where it goes when it fails.

import { describe, expect, test } from 'vitest';
import {
  afterPaint,
  beforePaint,
  clipboard,
  focus,
  followLinks,
  fromEventTarget,
  navigate,
  onUrlChange,
  scrollTo,
  storage,
  title,
} from '../shared/index.ts';
import {
  browserOnlyOf,
  type Effect,
  type EffectHost,
  effect,
  type Output,
  perform,
} from '../shared/language/effect.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { ManualClock, settled } from './support/clock.ts';

/** A host that keeps what effects ask of it, with time moved by hand. */
class Host implements EffectHost {
  readonly controller = new AbortController();
  readonly clock = new ManualClock();
  readonly messages: AnyMessage[] = [];
  readonly outputs: Output[] = [];
  readonly reported: unknown[] = [];
  readonly failures: unknown[] = [];
  contained = 0;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  dispatch(message: AnyMessage): void {
    this.messages.push(message);
  }

  tell(output: Output): void {
    this.outputs.push(output);
  }

  delay(ms: number, callback: () => void): void {
    this.clock.setTimeout(callback, ms);
  }

  contain(run: () => unknown): unknown {
    this.contained++;
    return run();
  }

  latest(): EffectHost {
    return this;
  }

  report(error: unknown): void {
    this.reported.push(error);
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }
}

function run(wanted: Effect<unknown>): Host {
  const host = new Host();
  perform(wanted, host);
  return host;
}

const message = (text: string): AnyMessage & { text: string } => ({ type: 'Told', text });

test('none does nothing', () => {
  const host = run(effect.none);
  expect([host.messages, host.outputs, host.reported, host.failures]).toEqual([[], [], [], []]);
});

test('from gets a dispatch and a signal, and may dispatch as often as it likes, now and later', async () => {
  let isAborted: boolean | undefined;
  const host = run(
    effect.from(async (dispatch, { signal }) => {
      dispatch(message('now'));
      await settled();
      dispatch(message('later'));
      signal.addEventListener('abort', () => {
        isAborted = signal.aborted;
      });
    }),
  );
  expect(host.messages).toEqual([message('now')]);
  await settled();
  await settled();
  expect(host.messages).toEqual([message('now'), message('later')]);
  host.controller.abort();
  expect(isAborted).toBe(true);
});

describe('attempt makes a message of what came of one thing', () => {
  const messages = {
    onSuccess: (value: unknown) => ({ type: 'Succeeded', value }),
    onError: (error: unknown) => ({ type: 'Failed', error }),
  };
  const problem = new Error('meant to fail');
  const refuse = (): never => {
    throw problem;
  };

  test('a value at once, or later', async () => {
    expect(run(effect.attempt(() => 7, messages)).messages).toEqual([{ type: 'Succeeded', value: 7 }]);
    const host = run(effect.attempt(async () => 8, messages));
    expect(host.messages).toEqual([]);
    await settled();
    expect(host.messages).toEqual([{ type: 'Succeeded', value: 8 }]);
  });

  test('a query that runs when it is awaited, once', async () => {
    let runs = 0;
    // biome-ignore lint/suspicious/noThenProperty: as query builders have it
    const query = { then: (resolve: (value: string) => void) => resolve(`run ${++runs}`) } as PromiseLike<string>;
    const host = run(effect.attempt(() => query, messages));
    await settled();
    expect(host.messages).toEqual([{ type: 'Succeeded', value: 'run 1' }]);
  });

  test('what it throws, at once or later', async () => {
    const now = run(effect.attempt(refuse, messages));
    const later = run(effect.attempt(() => Promise.reject(problem), messages));
    await settled();
    for (const host of [now, later]) {
      expect(host.messages).toEqual([{ type: 'Failed', error: problem }]);
      expect(host.reported).toEqual([]);
    }
  });

  test('nothing, where it is not asked for or null is given; an error is reported then', async () => {
    const hosts = [effect.attempt(() => 1), effect.attempt(async () => 1, { onSuccess: () => null })].map(run);
    const failing = [effect.attempt(refuse), effect.attempt(() => Promise.reject(problem), { onSuccess: () => null })];
    const failed = failing.map(run);
    await settled();
    for (const { messages, reported } of hosts) expect([messages, reported]).toEqual([[], []]);
    for (const { messages, reported } of failed) expect([messages, reported]).toEqual([[], [problem]]);
  });

  test('what onSuccess throws is reported, and no failure of the action', async () => {
    for (const action of [() => 1, async () => 1]) {
      const host = run(effect.attempt(action, { ...messages, onSuccess: refuse }));
      await settled();
      expect([host.messages, host.reported]).toEqual([[], [problem]]);
    }
  });

  test('with the signal that says when to stop', () => {
    const host = new Host();
    let signal: AbortSignal | undefined;
    perform(
      effect.attempt((context) => {
        ({ signal } = context);
      }),
      host,
    );
    host.controller.abort();
    expect(signal?.aborted).toBe(true);
  });
});

test('what only a browser can do says its name, wherever in an effect it stands', () => {
  const nameOf = (wanted: Effect<unknown>): readonly unknown[] =>
    wanted.parts.map((part) => browserOnlyOf(part as Parameters<typeof browserOnlyOf>[0]));
  const only: readonly (readonly [string, Effect<unknown>])[] = [
    ['title', title('a')],
    ['focus', focus('h1')],
    ['scrollTo', scrollTo('h1')],
    ['scrollTo', scrollTo({ top: 0 })],
    ['navigate', navigate.push('/')],
    ['navigate', navigate.replace('/')],
    ['navigate', navigate.back()],
    ['onUrlChange', onUrlChange(message)],
    ['followLinks', followLinks(() => true)],
    ['storage', storage.write('a', 1)],
    ['clipboard.write', clipboard.write('a')],
    ['beforePaint', beforePaint(effect.none)],
    ['afterPaint', afterPaint(effect.none)],
    ['fromEventTarget', fromEventTarget('window', 'online', () => message('a'))],
    ['fromEventTarget', fromEventTarget('document', 'online', () => message('a'))],
  ];
  for (const [name, wanted] of only) {
    expect(nameOf(wanted)).toEqual([name]);
    expect(nameOf(effect.latest('x', effect.batch([effect.after(1, message('a')), wanted])))).toEqual([name]);
    expect(nameOf(effect.map(wanted as Effect<AnyMessage>, (inner) => inner))).toEqual([name]);
  }
  const both = [effect.from(() => {}), effect.attempt(() => 1), fromEventTarget(new EventTarget(), 'a', () => null)];
  for (const wanted of both) expect(nameOf(wanted)).toEqual([undefined]);
});

test('after and every are data: a time, and the message that is due then', () => {
  expect(effect.after(50, message('late')).parts).toEqual([{ kind: 'after', ms: 50, message: message('late') }]);
  expect(effect.every(10, message('tick')).parts).toEqual([{ kind: 'every', ms: 10, message: message('tick') }]);
});

test.each([-1, Number.NaN, Infinity, '5' as unknown as number])('%j is no time', (ms) => {
  expect(() => effect.after(ms, message(''))).toThrow(/after\(\) takes milliseconds/);
  expect(() => effect.every(ms, message(''))).toThrow(/every\(\) takes milliseconds/);
});

test('emit is data: an event with a detail, null if there is none, and options', () => {
  expect(run(effect.emit('saved')).outputs).toEqual([{ kind: 'emit', name: 'saved', detail: null }]);
  expect(run(effect.emit('saved', { id: 1 }, { bubbles: false })).outputs).toEqual([
    { kind: 'emit', name: 'saved', detail: { id: 1 }, options: { bubbles: false } },
  ]);
});

test('provide is data: a value under a key', () => {
  expect(run(effect.provide('theme', 'dark')).outputs).toEqual([{ kind: 'provide', key: 'theme', value: 'dark' }]);
});

test('batch is the parts of its effects, in order', () => {
  const told = (text: string): Effect<AnyMessage> => effect.from((dispatch) => dispatch(message(text)));
  const host = run(effect.batch([told('a'), effect.none, effect.batch([told('b'), told('c')]), effect.emit('saved')]));
  expect(host.messages).toEqual([message('a'), message('b'), message('c')]);
  expect(host.outputs).toHaveLength(1);
});

describe('what a run throws', () => {
  const thrown = effect.from(() => {
    throw new Error('now');
  });

  test('is reported to its host', () => {
    expect(run(thrown).reported).toEqual([new Error('now')]);
  });

  test('is reported when it comes as a rejection', async () => {
    const host = run(effect.from(() => Promise.reject(new Error('later'))));
    await settled();
    expect(host.reported).toEqual([new Error('later')]);
  });

  test('does not keep the rest of a batch from running', () => {
    const host = run(effect.batch([thrown, effect.from((dispatch) => dispatch(message('after')))]));
    expect(host.reported).toEqual([new Error('now')]);
    expect(host.messages).toEqual([message('after')]);
  });

  test('of a batch that is mapped is reported, too', async () => {
    const late = effect.from(() => Promise.reject(new Error('later')));
    const host = run(effect.map(effect.batch([thrown, late]), (inner) => inner));
    await settled();
    expect(host.reported).toEqual([new Error('now'), new Error('later')]);
  });
});

test('a run may ask for a restart of its actor, also when it is mapped', () => {
  const asked = effect.from((_, context) => context.fail(new Error('cannot go on')));
  expect(run(effect.batch([asked, effect.map(asked, (inner) => inner)])).failures).toHaveLength(2);
});

test('every run, and no output, is called inside what contains its late callbacks', () => {
  const nothing = effect.from(() => {});
  expect(run(effect.batch([nothing, effect.emit('a'), nothing])).contained).toBe(2);
});

describe('map', () => {
  test('changes the messages of a child, at whatever time they come', () => {
    const child = effect.batch([
      effect.from<AnyMessage>((dispatch) => dispatch(message('now'))),
      effect.after(5, message('once')),
      effect.every(10, message('tick')),
    ]);
    const host = run(effect.map(child, (inner) => ({ type: 'ChildTold', inner })));
    const told = (text: string): AnyMessage => ({ type: 'ChildTold', inner: message(text) }) as AnyMessage;
    expect(host.messages).toEqual([told('now')]);
    expect(host.outputs).toEqual([
      { kind: 'after', ms: 5, message: told('once') },
      { kind: 'every', ms: 10, message: told('tick') },
    ]);
  });

  test('leaves the rest of a child as it is', () => {
    const child = effect.batch([
      effect.emit('saved', 1, { composed: false }),
      effect.provide('key', 2),
      effect.from((_, { signal }) => {
        expect(signal.aborted).toBe(false);
      }),
    ]);
    const host = run(effect.map(child, (inner) => inner));
    expect(host.outputs).toEqual(child.parts.slice(0, 2));
    expect(host.reported).toEqual([]);
  });
});
