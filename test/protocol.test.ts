// The wire: each kind of frame as text, back again, and everything that is not a frame.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../shared/language/events.ts';
import { type Adoption, decodeAdoption, encodeAdoption } from '../shared/wire/adoption.ts';
import {
  decodeAny,
  decodeClientFrame,
  decodePlainEvent,
  encodeClientFrame,
  encodeEvent,
  encodeHello,
} from '../shared/wire/client-frames.ts';
import { decodeIdsReversed, IdRunsWriter } from '../shared/wire/content.ts';
import { decodeDefinition, encodeDefinition } from '../shared/wire/definition.ts';
import type { ClientFrame, ServerFrame } from '../shared/wire/frames.ts';
import {
  carryOut,
  define,
  editList,
  emit,
  type Operation,
  provide,
  putBefore,
  readRun,
  refused,
  setHole,
} from '../shared/wire/patch.ts';
import {
  decodeServerFrame,
  encodeOperations,
  encodePatchFrame,
  encodeServerFrame,
  joinOperations,
  readServerFrame,
} from '../shared/wire/server-frames.ts';

const limits = { maxDepth: 4 };

const count = fc.nat();
const channel = fc.integer({ min: 1, max: 65_535 });
const short = fc.string({ maxLength: 64 });
const kind = <Kind extends string>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);
const json = fc.jsonValue() as fc.Arbitrary<never>;

function event(data: Json | undefined): ClientFrame {
  return { kind: 'event', channel: 1, number: 9, epoch: 'e', version: 3, instance: 5, hole: 0, data };
}

describe('frames of the client', () => {
  test.each<[string, ClientFrame, string]>([
    ['hello', { kind: 'hello', channel: 0, session: null, attempt: 1 }, '[0,"hello",3,null,1]'],
    ['hello again', { kind: 'hello', channel: 0, session: 's-1', attempt: 2 }, '[0,"hello",3,"s-1",2]'],
    ['probe', { kind: 'probe', channel: 0 }, '[0,"probe"]'],
    [
      'join',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: { value: '5' }, settled: 0, have: undefined },
      '[1,"join","/ws/rate",{"value":"5"},0]',
    ],
    [
      'join that asks which attributes count',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: null, settled: 0, have: undefined },
      '[1,"join","/ws/rate",null,0]',
    ],
    [
      'join with what it has',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, settled: 7, have: ['e', 4, 2] },
      '[1,"join","/ws/rate",{},7,["e",4,2]]',
    ],
    [
      'join over server-rendered HTML',
      { kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, settled: 0, have: ['e', 0, 2, 'digest'] },
      '[1,"join","/ws/rate",{},0,["e",0,2,"digest"]]',
    ],
    ['leave', { kind: 'leave', channel: 2 }, '[2,"leave"]'],
    ['leave that keeps numbers', { kind: 'leave', channel: 2, remembers: true }, '[2,"leave",1]'],
    ['attribute', { kind: 'attribute', channel: 2, name: 'value', text: '7' }, '[2,"attribute","value","7"]'],
    ['removed attribute', { kind: 'attribute', channel: 2, name: 'value', text: null }, '[2,"attribute","value",null]'],
    ['acknowledgement', { kind: 'ack', channel: 1, version: 17 }, '[1,17]'],
    ['event', event(undefined), '[1,9,"e",3,5,0]'],
    ['event with data', event({ value: 'a' }), '[1,9,"e",3,5,0,{"value":"a"}]'],
    ['event with null', event(null), '[1,9,"e",3,5,0,null]'],
    ['event that lost its place', { kind: 'void', channel: 1, number: 9 }, '[1,"void",9]'],
    ['need', { kind: 'need', channel: 1, version: 17, instance: 4 }, '[1,"need",17,4]'],
  ])('%s', (_, frame, text) => {
    expect(encodeClientFrame(frame)).toBe(text);
    expect(decodeClientFrame(text, limits)).toEqual(frame);
  });

  test.each(['[0,"hello",2,null]', '[0,"hello",4]', '[0,"hello",4,{},[],"more"]'])(
    '%s is of another version, whatever it says',
    (text) => {
      expect(decodeClientFrame(text, limits)).toBe('version');
    },
  );

  test('a hello says the version of the protocol', () => {
    expect(encodeHello(null, 1)).toBe('[0,"hello",3,null,1]');
  });

  const have = fc.oneof(fc.tuple(short, count, count), fc.tuple(short, count, count, short));
  const data = fc.oneof(fc.constant(undefined), fc.dictionary(fc.string(), fc.string()), fc.string(), fc.integer());
  const anyFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
    fc.record({ kind: kind('hello'), channel: fc.constant(0 as const), session: fc.option(short), attempt: count }),
    fc.record({ kind: kind('probe'), channel: fc.constant(0 as const) }),
    fc.record({
      kind: kind('join'),
      channel,
      route: fc.string(),
      attributes: fc.option(fc.dictionary(fc.string(), fc.string())),
      settled: count,
      have: fc.option(have, { nil: undefined }),
    }),
    fc.record({ kind: kind('leave'), channel }),
    fc.record({ kind: kind('attribute'), channel, name: fc.string(), text: fc.option(fc.string()) }),
    fc.record({ kind: kind('ack'), channel, version: count }),
    fc.record({
      kind: kind('event'),
      channel,
      number: count,
      epoch: short,
      version: count,
      instance: count,
      hole: count,
      data,
    }),
    fc.record({ kind: kind('void'), channel, number: count }),
    fc.record({ kind: kind('need'), channel, version: count, instance: count }),
  );

  test('any of them comes back as it was', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame), limits)).toEqual(frame);
      }),
    );
  });

  test('what is decoded of any array of plain values says the same when it is encoded again', () => {
    const word = fc.constantFrom('hello', 'probe', 'join', 'leave', 'attribute', 'void', 'need', 'live', 'patch');
    const field = fc.oneof(count, fc.string(), fc.constant(null), fc.dictionary(short, short), fc.tuple(short, count));
    const channels = fc.oneof(fc.constantFrom(0, 1), channel);
    const frames = fc.tuple(channels, fc.oneof(word, count), fc.array(field, { maxLength: 6 }));
    fc.assert(
      fc.property(frames, ([first, second, rest]) => {
        const text = JSON.stringify([first, second, ...rest]);
        const frame = decodeClientFrame(text, limits);
        if (typeof frame === 'object' && frame !== null) expect(encodeClientFrame(frame)).toBe(text);
      }),
      { numRuns: 2_000 },
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
    ['a word of the server', '[1,"mount","e",1,0,2,[],null,null]'],
    ['no kind', '[1]'],
    ['a kind that is an object', '[1,{}]'],
    ['an event without hole', '[1,9,"e",3,5]'],
    ['an event without epoch', '[1,9,3,5,0]'],
    ['an event with an epoch too long', `[1,9,"${'e'.repeat(65)}",3,5,0]`],
    ['an event with too much', '[1,9,"e",3,5,0,{},1]'],
    ['an event without number', '[1,"e",3,5,0]'],
    ['an event with a negative number', '[1,-9,"e",3,5,0]'],
    ['an event for a negative instance', '[1,9,"e",3,-5,0]'],
    ['an event for a hole that is no number', '[1,9,"e",3,5,"__proto__"]'],
    ['an event at a version that is no whole number', '[1,9,"e",3.5,5,0]'],
    ['a join without attributes', '[1,"join","/ws/rate"]'],
    ['a join without what is settled', '[1,"join","/ws/rate",{}]'],
    ['a join with attributes in a list', '[1,"join","/ws/rate",["a"],0]'],
    ['a join with an attribute that is no text', '[1,"join","/ws/rate",{"a":1},0]'],
    ['a join to a route that is no text', '[1,"join",5,{},0]'],
    ['a join with too much', '[1,"join","/ws/rate",{},0,["e",1,2],1]'],
    ['a join that has nonsense', '[1,"join","/ws/rate",{},0,["e",1]]'],
    ['a join that has null', '[1,"join","/ws/rate",{},0,null]'],
    ['a join with an epoch too long', `[1,"join","/ws/rate",{},0,["${'e'.repeat(65)}",1,2]]`],
    ['a join that has settled less than nothing', '[1,"join","/ws/rate",{},-1]'],
    ['a leave with more', '[1,"leave",2]'],
    ['an attribute without value', '[1,"attribute","a"]'],
    ['an attribute with a number', '[1,"attribute","a",1]'],
    ['an attribute without name', '[1,"attribute",1,"a"]'],
    ['a hello on a channel', '[1,"hello",1,null]'],
    ['a hello without session', '[0,"hello",3]'],
    ['a hello with a long session', `[0,"hello",3,"${'s'.repeat(65)}",1]`],
    ['a hello without its number', '[0,"hello",3,null]'],
    ['a hello with more', '[0,"hello",3,null,1,1]'],
    ['an event on the connection', '[0,9,"e",3,5,0]'],
    ['a probe on a channel', '[1,"probe"]'],
    ['a probe with more', '[0,"probe",1]'],
    ['a void without number', '[1,"void"]'],
    ['a void with a word', '[1,"void","9"]'],
    ['a void with more', '[1,"void",9,1]'],
    ['a need without instance', '[1,"need",17]'],
    ['a need of a negative instance', '[1,"need",17,-1]'],
    ['a need with more', '[1,"need",17,4,1]'],
  ])('%s is none', (_, text) => {
    expect(decodeClientFrame(text, limits)).toBeNull();
  });

  test('data may nest as deep as allowed and no deeper', () => {
    expect(decodeClientFrame('[1,9,"e",3,5,0,{"a":[[{"b":1}]]}]', limits)).toMatchObject({ kind: 'event' });
    expect(decodeClientFrame('[1,9,"e",3,5,0,{"a":[[{"b":[]}]]}]', limits)).toBe('deep');
    expect(decodeClientFrame(`[1,9,"e",3,5,0,${'['.repeat(100_000)}${']'.repeat(100_000)}]`, limits)).toBe('deep');
  });

  test('a key that would reach a prototype is a key like any other', () => {
    const frame = decodeClientFrame('[1,9,"e",3,5,0,{"__proto__":{"isAdmin":true},"constructor":1}]', limits);
    expect(frame).toMatchObject({ kind: 'event' });
    const { data } = frame as { data: object };
    expect(Object.keys(data)).toEqual(['__proto__', 'constructor']);
    expect((data as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  const plain = fc.tuple(channel, count, fc.stringMatching(/^[A-Za-z0-9]{1,64}$/), count, count, count);

  test('an event without data is read from its characters, as the JSON parser reads it', () => {
    fc.assert(
      fc.property(plain, (fields) => {
        const text = encodeEvent(...fields);
        expect(decodePlainEvent(text)).toEqual(decodeAny(text, limits));
        expect(decodePlainEvent(text)).toMatchObject({ kind: 'event' });
      }),
    );
  });

  test('whatever else is read from its characters, the JSON parser reads alike', () => {
    const character = fc.constantFrom(...'[]",-+.eE \\\t0019ab{}é\u0000\ud800');
    const number = fc.constantFrom(
      '0',
      '00',
      '07',
      '-1',
      '1.5',
      '1e3',
      '65535',
      '65536',
      '9'.repeat(15),
      '9'.repeat(16),
      '',
    );
    const word = fc.constantFrom(
      '"e"',
      '""',
      '"\\u0065"',
      '"é"',
      'e',
      '"a b"',
      `"${'e'.repeat(64)}"`,
      `"${'e'.repeat(65)}"`,
      '7',
    );
    // one field of a frame is another
    const nearly = fc
      .tuple(plain, fc.nat(5), number, word, fc.constantFrom(']', ']', ']', ',{}]', '', ',]', '] ', ']]'))
      .map(([fields, place, other, epoch, end]) => {
        const texts = fields.map((field) => JSON.stringify(field)).with(place, place === 2 ? epoch : other);
        return `[${texts.join(',')}${end}`;
      });
    // one character of a frame is another, too much, or missing
    const mutated = fc.tuple(plain, fc.nat(), character, fc.nat(2)).map(([fields, place, other, kind]) => {
      const text = encodeEvent(...fields);
      const at = place % text.length;
      return text.slice(0, at) + (kind === 2 ? '' : other) + text.slice(kind === 0 ? at : at + 1);
    });
    const anything = fc.array(character, { maxLength: 40 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(fc.oneof(nearly, mutated, anything), (text) => {
        const read = decodePlainEvent(text);
        if (read) expect(read).toEqual(decodeAny(text, limits));
      }),
      { numRuns: 3_000 },
    );
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
    [
      'hello',
      { kind: 'hello', channel: 0, session: 's-1', maxFrameBytes: 65_536, maxEventsPerSecond: 100 },
      '[0,"hello","s-1",65536,100]',
    ],
    ['probe', { kind: 'probe', channel: 0 }, '[0,"probe"]'],
    ['attributes', { kind: 'attributes', channel: 1, names: ['value'] }, '[1,"attributes",["value"]]'],
    [
      'live',
      { kind: 'live', channel: 1, epoch: 'e', version: 5, event: 7, operations: [[4, 0, 'a']] },
      '[1,"live","e",5,7,[4,0,"a"]]',
    ],
    [
      'mount',
      {
        kind: 'mount',
        channel: 2,
        epoch: 'e',
        version: 5,
        event: 7,
        nextId: 9,
        ids: [1, 3, 7, 2],
        define: ['define', 0, [0, '<p></p>', [0, '', 0]]],
        content: [0, 'text'],
        operations: [['provide', 'theme', 'dark']],
      },
      '[2,"mount","e",5,7,9,[1,3,7,2],["define",0,[0,"<p></p>",[0,"",0]]],[0,"text"],["provide","theme","dark"]]',
    ],
    [
      'part',
      { kind: 'part', channel: 1, version: 5, instance: 4, ids: [4, 1], nextId: 9, content: [0, 'text'] },
      '[1,"part",5,4,[4,1],9,[0,"text"]]',
    ],
    ['patch', { kind: 'patch', channel: 1, operations: [[4, 0, 'a']], event: 12 }, '[1,[4,0,"a"],12]'],
    [
      'patch for nobody in particular',
      { kind: 'patch', channel: 1, operations: [[4, 0, 'a']], event: undefined },
      '[1,[4,0,"a"]]',
    ],
    ['outcome of events alone', { kind: 'patch', channel: 1, operations: [], event: 12 }, '[1,12]'],
    [
      'refusal',
      { kind: 'patch', channel: 1, operations: [['refused', 3, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', 'gone']], event: 3 },
      '[1,["refused",3,"ISLET_ERR_EVENT_UNKNOWN_TARGET","gone"],3]',
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

  test('a number in a hole is written as JSON writes it', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constantFrom(-0, 1e21, Number.MAX_SAFE_INTEGER, null),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count, value), { maxLength: 2 }), (operations) => {
        expect(`[${encodeOperations(operations)}]`).toBe(JSON.stringify(operations));
      }),
    );
  });

  const ids = fc.array(count, { maxLength: 6 });
  const content = fc.oneof(fc.constant(null), fc.string(), count, fc.tuple(count, fc.string()));
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.tuple(count, count, json).map((fields) => setHole(...fields)),
    fc
      .tuple(count, count, ids)
      .map(([id, hole, removed]) => editList(id, hole, removed, [putBefore(0, [id, [1, 'x']])])),
    fc.tuple(fc.string(), json).map(([name, detail]) => emit(name, detail, undefined)),
    fc.tuple(fc.string(), json).map((fields) => provide(...fields)),
    fc.tuple(count, fc.string(), fc.string()).map((fields) => refused(...fields)),
    count.map((first) => define(first, [[0, '<p></p>']])),
  );
  const operations = fc.array(operation, { maxLength: 4 });
  const anyFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
    fc.record({
      kind: kind('hello'),
      channel: fc.constant(0 as const),
      session: short,
      maxFrameBytes: count,
      maxEventsPerSecond: count,
    }),
    fc.record({ kind: kind('probe'), channel: fc.constant(0 as const) }),
    fc.record({ kind: kind('attributes'), channel, names: fc.array(fc.string()) }),
    fc.record({ kind: kind('live'), channel, epoch: short, version: count, event: count, operations }),
    fc.record({
      kind: kind('mount'),
      channel,
      epoch: short,
      version: count,
      event: count,
      nextId: count,
      ids,
      define: fc.option(count.map((first) => define(first, [[0, '<p></p>']]))),
      content,
      operations,
    }),
    fc.record({ kind: kind('part'), channel, version: count, instance: count, ids, nextId: count, content }),
    fc.record({ kind: kind('patch'), channel, operations, event: fc.option(count, { nil: undefined }) }),
    fc.record({ kind: kind('error'), channel, code: fc.string(), message: fc.string() }),
  );

  test('any of them comes back as it was', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(JSON.parse(JSON.stringify(frame)));
      }),
    );
  });

  test('the operations of a patch are encoded once for everybody', () => {
    const shared = encodeOperations([setHole(4, 0, 'a'), emit('saved', null, undefined)]);
    expect(encodePatchFrame(1, shared, 12)).toBe('[1,[4,0,"a"],["emit","saved",null],12]');
    expect(encodePatchFrame(7, shared, undefined)).toBe('[7,[4,0,"a"],["emit","saved",null]]');
    expect(encodePatchFrame(7, encodeOperations([]), 3)).toBe('[7,3]');
  });

  test('what one client alone is told follows what was encoded for everybody', () => {
    const shared = encodeOperations([setHole(4, 0, 'a')]);
    const own = encodeOperations([refused(3, 'CODE', 'why')]);
    expect(encodePatchFrame(1, joinOperations(shared, own), 3)).toBe('[1,[4,0,"a"],["refused",3,"CODE","why"],3]');
    expect(joinOperations(shared, '')).toBe(shared);
    expect(joinOperations('', own)).toBe(own);
    expect(joinOperations('', '')).toBe('');
    const live: ServerFrame = { kind: 'live', channel: 1, epoch: 'e', version: 5, event: 7, operations: [] };
    expect(encodeServerFrame(live, shared)).toBe('[1,"live","e",5,7,[4,0,"a"]]');
    expect(decodeServerFrame(encodeServerFrame(live, joinOperations(shared, own)))).toMatchObject({
      operations: [
        [4, 0, 'a'],
        ['refused', 3, 'CODE', 'why'],
      ],
    });
  });

  test('a word that nobody knows, and a channel that nobody has, are passed over', () => {
    expect(decodeServerFrame('[1,"what"]')).toBeUndefined();
    expect(readServerFrame('[1,"what"]', () => ({}))).toBeUndefined();
    expect(readServerFrame('[1,[1,0,"a"]]', () => undefined)).toBeUndefined();
  });

  test('a lone surrogate and a line separator cross as they are', () => {
    const text = 'a\ud800b\u2028c';
    const frame = encodeServerFrame({ kind: 'patch', channel: 1, operations: [[1, 0, text]], event: undefined });
    expect(frame.isWellFormed()).toBe(true);
    expect(decodeServerFrame(frame)).toMatchObject({ operations: [[1, 0, text]] });
  });
});

describe('what frames hold', () => {
  test('each operation reaches the function of its kind, with what it was made of', () => {
    const heard: unknown[] = [];
    const hear =
      (name: string) =>
      (...fields: unknown[]): void => {
        heard.push([name, ...fields]);
      };
    const handler = {
      set: hear('set'),
      list: hear('list'),
      define: hear('define'),
      emit: hear('emit'),
      provide: hear('provide'),
      refused: hear('refused'),
    };
    const run = putBefore(7, [8, [0, 'new']]);
    const operations = [
      setHole(1, 2, 'x'),
      editList(1, 2, [3], [run]),
      define(4, [[0, '<p></p>']]),
      emit('saved', 5, { bubbles: false }),
      provide('theme', 'dark'),
      refused(6, 'CODE', 'why'),
    ];
    for (const operation of operations) carryOut(operation, handler);
    expect(heard).toEqual([
      ['set', 1, 2, 'x'],
      ['list', 1, 2, [3], run],
      ['define', 4, [0, '<p></p>']],
      ['emit', 'saved', 5, { bubbles: false }],
      ['provide', 'theme', 'dark'],
      ['refused', 6, 'CODE', 'why'],
    ]);
    expect(readRun(run)).toEqual({ before: 7, entries: [8, [0, 'new']] });
    expect(carryOut(setHole(1, 2, 3), {})).toBeUndefined();
  });

  test('ids come back in their order', () => {
    const anyIds = fc.uniqueArray(fc.nat({ max: 40 }));
    fc.assert(
      fc.property(anyIds, (ids) => {
        const writer = new IdRunsWriter();
        for (const id of ids) writer.add(id);
        expect(decodeIdsReversed(writer.runs).reverse()).toEqual(ids);
      }),
    );
  });

  test('a definition comes back as far as a browser needs it', () => {
    const hole = { kind: 2, name: 'class', path: [0, 1] } as const;
    const wire = encodeDefinition({ namespace: 'mathml', markup: '<mi></mi>', holes: [hole] });
    expect(wire).toEqual([2, '<mi></mi>', [2, 'class', 0, 1]]);
    expect(decodeDefinition(wire)).toEqual({ wrapper: 'math', markup: '<mi></mi>', holes: [hole] });
  });

  test('adoption data comes back as it was', () => {
    const adoption: fc.Arbitrary<Adoption> = fc.record({
      epoch: short,
      version: count,
      digest: short,
      nextId: count,
      ids: fc.oneof(fc.constant(0 as const), fc.array(count)),
      shape: json,
      attributes: fc.array(fc.string()),
      definitions: fc.array(fc.constant([0, '<p></p>'] as const)),
    });
    fc.assert(
      fc.property(adoption, (data) => {
        const text = JSON.stringify(encodeAdoption(data));
        expect(decodeAdoption(text)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
});
