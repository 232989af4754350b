// Effects as values: what each asks of its host, and where it goes when it fails.

import { describe, expect, test } from 'vitest';
import { type Effect, type EffectHost, effect, runEffect } from '../shared/language/effect.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { ManualClock, settled } from './support/clock.ts';

/** A host that keeps what effects ask of it, with time moved by hand. */
class Host implements EffectHost {
  readonly controller = new AbortController();
  readonly clock = new ManualClock();
  readonly messages: AnyMessage[] = [];
  readonly emitted: unknown[] = [];
  readonly provided: unknown[] = [];
  readonly failures: unknown[] = [];
  contained = 0;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  dispatch(message: AnyMessage): void {
    this.messages.push(message);
  }

  emit(...call: unknown[]): void {
    this.emitted.push(call);
  }

  provide(...call: unknown[]): void {
    this.provided.push(call);
  }

  delay(ms: number, callback: () => void): void {
    this.clock.setTimeout(callback, ms);
  }

  contain(run: () => unknown): unknown {
    this.contained++;
    return run();
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }
}

function run(wanted: Effect<unknown>): Host {
  const host = new Host();
  runEffect(wanted, host);
  return host;
}

const message = (text: string): AnyMessage & { text: string } => ({ type: 'Told', text });

test('none does nothing', () => {
  const host = run(effect.none);
  expect([host.messages, host.emitted, host.provided, host.failures]).toEqual([[], [], [], []]);
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

test('after dispatches once, after its time', async () => {
  const host = run(effect.after(50, message('late')));
  await host.clock.advance(49);
  expect(host.messages).toEqual([]);
  await host.clock.advance(1000);
  expect(host.messages).toEqual([message('late')]);
});

test('every dispatches again and again, first after its time', async () => {
  const host = run(effect.every(10, message('tick')));
  expect(host.messages).toEqual([]);
  await host.clock.advance(35);
  expect(host.messages).toEqual([message('tick'), message('tick'), message('tick')]);
});

test.each([-1, Number.NaN, Infinity, '5' as unknown as number])('%j is no time', (ms) => {
  expect(() => effect.after(ms, message(''))).toThrow(/after\(\) takes milliseconds/);
  expect(() => effect.every(ms, message(''))).toThrow(/every\(\) takes milliseconds/);
});

test('emit fires an event with a detail, null if there is none, and options', () => {
  expect(run(effect.emit('saved')).emitted).toEqual([['saved', null, undefined]]);
  expect(run(effect.emit('saved', { id: 1 }, { bubbles: false })).emitted).toEqual([
    ['saved', { id: 1 }, { bubbles: false }],
  ]);
});

test('provide offers a value under a key', () => {
  expect(run(effect.provide('theme', 'dark')).provided).toEqual([['theme', 'dark']]);
});

test('batch runs effects in order', () => {
  const told = (text: string): Effect<AnyMessage> => effect.from((dispatch) => dispatch(message(text)));
  const host = run(effect.batch([told('a'), effect.none, effect.batch([told('b'), told('c')]), effect.emit('saved')]));
  expect(host.messages).toEqual([message('a'), message('b'), message('c')]);
  expect(host.emitted).toHaveLength(1);
});

describe('what an effect throws', () => {
  const thrown = effect.from(() => {
    throw new Error('now');
  });

  test('goes to its host', () => {
    expect(run(thrown).failures).toEqual([new Error('now')]);
  });

  test('goes to its host when it comes as a rejection', async () => {
    const host = run(effect.from(() => Promise.reject(new Error('later'))));
    await settled();
    expect(host.failures).toEqual([new Error('later')]);
  });

  test('does not keep the rest of a batch from running', () => {
    const host = run(effect.batch([thrown, effect.from((dispatch) => dispatch(message('after')))]));
    expect(host.failures).toEqual([new Error('now')]);
    expect(host.messages).toEqual([message('after')]);
  });

  test('of a batch that is mapped goes there too', async () => {
    const late = effect.from(() => Promise.reject(new Error('later')));
    const host = run(effect.map(effect.batch([thrown, late]), (inner) => inner));
    await settled();
    expect(host.failures).toEqual([new Error('now'), new Error('later')]);
  });
});

test('every effect runs inside what contains its late callbacks', () => {
  expect(run(effect.batch([effect.emit('a'), effect.emit('b')])).contained).toBe(3);
});

describe('map', () => {
  test('changes the messages of a child, at whatever time they come', async () => {
    const child = effect.batch([
      effect.from<AnyMessage>((dispatch) => dispatch(message('now'))),
      effect.after(5, message('once')),
      effect.every(10, message('tick')),
    ]);
    const host = run(effect.map(child, (inner) => ({ type: 'ChildTold', inner })));
    await host.clock.advance(20);
    expect(host.messages).toEqual(
      ['now', 'once', 'tick', 'tick'].map((text) => ({ type: 'ChildTold', inner: message(text) })),
    );
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
    expect(host.emitted).toEqual([['saved', 1, { composed: false }]]);
    expect(host.provided).toEqual([['key', 2]]);
    expect(host.failures).toEqual([]);
  });
});
