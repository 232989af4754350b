// The wire: each kind of frame as text, back again, and everything that is not a frame.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeClientFrame, encodeClientFrame } from '../shared/wire/client-frames.ts';
import type { ClientFrame, ServerFrame } from '../shared/wire/frames.ts';
import {
  decodeServerFrame,
  encodeOperations,
  encodePatchFrame,
  encodeServerFrame,
} from '../shared/wire/server-frames.ts';

const limits = { maxDepth: 4 };

describe('frames of the client', () => {
  test.each<[string, ClientFrame, string]>([
    ['hello', { kind: 'hello', channel: 0, version: 1, session: null }, '[0,"hello",1,null]'],
    ['hello again', { kind: 'hello', channel: 0, version: 1, session: 's-1' }, '[0,"hello",1,"s-1"]'],
    [
      'join',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: { value: '5' }, have: undefined },
      '[1,"join","/ws/rate",{"value":"5"}]',
    ],
    [
      'join with what it has',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, have: ['e', 4, 2] },
      '[1,"join","/ws/rate",{},["e",4,2]]',
    ],
    [
      'join over server-rendered HTML',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, have: ['e', 0, 2, 'digest'] },
      '[1,"join","/ws/rate",{},["e",0,2,"digest"]]',
    ],
    ['leave', { kind: 'leave', channel: 2 }, '[2,"leave"]'],
    ['attribute', { kind: 'attribute', channel: 2, name: 'value', text: '7' }, '[2,"attribute","value","7"]'],
    ['removed attribute', { kind: 'attribute', channel: 2, name: 'value', text: null }, '[2,"attribute","value",null]'],
    ['acknowledgement', { kind: 'ack', channel: 1, version: 17 }, '[1,17]'],
    ['event', { kind: 'event', channel: 1, version: 3, instance: 5, hole: 0, data: undefined }, '[1,3,5,0]'],
    [
      'event with data',
      { kind: 'event', channel: 1, version: 3, instance: 5, hole: 0, data: { value: 'a' } },
      '[1,3,5,0,{"value":"a"}]',
    ],
    ['event with null', { kind: 'event', channel: 1, version: 3, instance: 5, hole: 0, data: null }, '[1,3,5,0,null]'],
  ])('%s', (_, frame, text) => {
    expect(encodeClientFrame(frame)).toBe(text);
    expect(decodeClientFrame(text, limits)).toEqual(frame);
  });

  const count = fc.nat();
  const channel = fc.integer({ min: 1, max: 65_535 });
  const short = fc.string({ maxLength: 64 });
  const anyFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
    fc.record({
      kind: fc.constant('hello' as const),
      channel: fc.constant(0 as const),
      version: count,
      session: fc.option(short),
    }),
    fc.record({
      kind: fc.constant('join' as const),
      channel,
      route: fc.string(),
      attributes: fc.dictionary(fc.string(), fc.string()),
      have: fc.option(fc.oneof(fc.tuple(short, count, count), fc.tuple(short, count, count, short)), {
        nil: undefined,
      }),
    }),
    fc.record({ kind: fc.constant('leave' as const), channel }),
    fc.record({ kind: fc.constant('attribute' as const), channel, name: fc.string(), text: fc.option(fc.string()) }),
    fc.record({ kind: fc.constant('ack' as const), channel, version: count }),
    fc.record({
      kind: fc.constant('event' as const),
      channel,
      version: count,
      instance: count,
      hole: count,
      data: fc.oneof(fc.constant(undefined), fc.dictionary(fc.string(), fc.string()), fc.string(), fc.integer()),
    }),
  );

  test('any of them comes back as it was', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame), limits)).toEqual(frame);
      }),
    );
  });

  test.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['an unfinished frame', '[1,'],
    ['no array', '{"0":1,"1":17}'],
    ['a bare value', '17'],
    ['null', 'null'],
    ['an empty frame', '[]'],
    ['a channel that is no number', '["1",17]'],
    ['a channel that is no whole number', '[1.5,17]'],
    ['a negative channel', '[-1,17]'],
    ['a channel beyond the last', '[65536,17]'],
    ['a channel that is too large for a number', '[1e999,17]'],
    ['an unknown word', '[1,"eval"]'],
    ['a word that every object has', '[1,"constructor"]'],
    ['no kind', '[1]'],
    ['a kind that is an object', '[1,{}]'],
    ['an event without hole', '[1,3,5]'],
    ['an event with too much', '[1,3,5,0,{},1]'],
    ['an event for a negative instance', '[1,3,-5,0]'],
    ['an event for a hole that is no number', '[1,3,5,"__proto__"]'],
    ['a join without attributes', '[1,"join","/ws/rate"]'],
    ['a join with attributes in a list', '[1,"join","/ws/rate",["a"]]'],
    ['a join with an attribute that is no text', '[1,"join","/ws/rate",{"a":1}]'],
    ['a join to a route that is no text', '[1,"join",5,{}]'],
    ['a join with too much', '[1,"join","/ws/rate",{},["e",1,2],1]'],
    ['a join that has nonsense', '[1,"join","/ws/rate",{},["e",1]]'],
    ['a join that has null', '[1,"join","/ws/rate",{},null]'],
    ['a join with an epoch too long', `[1,"join","/ws/rate",{},["${'e'.repeat(65)}",1,2]]`],
    ['a leave with more', '[1,"leave",1]'],
    ['an attribute without value', '[1,"attribute","a"]'],
    ['an attribute with a number', '[1,"attribute","a",1]'],
    ['an attribute without name', '[1,"attribute",1,"a"]'],
    ['a hello on a channel', '[1,"hello",1,null]'],
    ['a hello without session', '[0,"hello",1]'],
    ['a hello with a long session', `[0,"hello",1,"${'s'.repeat(65)}"]`],
    ['a hello with more', '[0,"hello",1,null,1]'],
    ['an event on the connection', '[0,3,5,0]'],
  ])('%s is none', (_, text) => {
    expect(decodeClientFrame(text, limits)).toBeNull();
  });

  test('data may nest as deep as allowed and no deeper', () => {
    expect(decodeClientFrame('[1,3,5,0,{"a":[[{"b":1}]]}]', limits)).toMatchObject({ kind: 'event' });
    expect(decodeClientFrame('[1,3,5,0,{"a":[[{"b":[]}]]}]', limits)).toBe('deep');
    expect(decodeClientFrame(`[1,3,5,0,${'['.repeat(100_000)}${']'.repeat(100_000)}]`, limits)).toBe('deep');
  });

  test('a key that would reach a prototype is a key like any other', () => {
    const frame = decodeClientFrame('[1,3,5,0,{"__proto__":{"isAdmin":true},"constructor":1}]', limits);
    expect(frame).toMatchObject({ kind: 'event' });
    const { data } = frame as { data: object };
    expect(Object.keys(data)).toEqual(['__proto__', 'constructor']);
    expect((data as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('no text makes the decoder throw', () => {
    const values = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.jsonValue()).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(values, (text) => {
        expect(() => decodeClientFrame(text, limits)).not.toThrow();
      }),
    );
  });
});

describe('frames of the server', () => {
  test.each<[string, ServerFrame, string]>([
    ['hello', { kind: 'hello', channel: 0, session: 's-1' }, '[0,"hello","s-1"]'],
    ['patch', { kind: 'patch', channel: 1, operations: [[4, 0, 'a']], event: 12 }, '[1,[4,0,"a"],12]'],
    [
      'patch for nobody in particular',
      { kind: 'patch', channel: 1, operations: [[4, 0, 'a']], event: undefined },
      '[1,[4,0,"a"]]',
    ],
    ['applied event alone', { kind: 'patch', channel: 1, operations: [], event: 12 }, '[1,12]'],
    [
      'refusal',
      { kind: 'refused', channel: 1, code: 'ISLET_ERR_EVENT_UNKNOWN_TARGET', message: 'gone', event: 3 },
      '[1,"refused","ISLET_ERR_EVENT_UNKNOWN_TARGET","gone",3]',
    ],
    [
      'error',
      { kind: 'error', channel: 0, code: 'ISLET_ERR_FRAME_MALFORMED', message: 'no frame' },
      '[0,"error","ISLET_ERR_FRAME_MALFORMED","no frame"]',
    ],
  ])('%s', (_, frame, text) => {
    expect(encodeServerFrame(frame)).toBe(text);
    expect(decodeServerFrame(text)).toEqual(frame);
  });

  test('live and mount come back as they were', () => {
    const live = { kind: 'live', channel: 2, epoch: 'e', version: 5, event: 7 } as ServerFrame;
    expect(decodeServerFrame(encodeServerFrame(live))).toMatchObject(live);
    const mount: ServerFrame = {
      kind: 'mount',
      channel: 2,
      epoch: 'e',
      version: 5,
      event: 7,
      nextId: 9,
      ids: [1, 3, 7, 2],
      define: ['define', 0, [0, '<p></p>', [0, '', 0]]],
      content: [0, 'text'],
    };
    expect(decodeServerFrame(encodeServerFrame(mount))).toEqual(mount);
  });

  test('the operations of a patch are encoded once for everybody', () => {
    const operations = encodeOperations([
      [4, 0, 'a'],
      ['emit', 'saved', null],
    ]);
    expect(encodePatchFrame(1, operations, 12)).toBe('[1,[4,0,"a"],["emit","saved",null],12]');
    expect(encodePatchFrame(7, operations, undefined)).toBe('[7,[4,0,"a"],["emit","saved",null]]');
    expect(encodePatchFrame(7, encodeOperations([]), 3)).toBe('[7,3]');
  });

  test('a lone surrogate and a line separator cross as they are', () => {
    const text = 'a\ud800b\u2028c';
    const frame = encodeServerFrame({ kind: 'patch', channel: 1, operations: [[1, 0, text]], event: undefined });
    expect(frame.isWellFormed()).toBe(true);
    expect(decodeServerFrame(frame)).toMatchObject({ operations: [[1, 0, text]] });
  });
});
