// What a client may not send, and what it gets for it: a code of the catalogue, or the connection's end with a reason.
// All the while another client of the same shared actor goes on undisturbed.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { component, effect, html } from '../shared/index.ts';
import { closeCode, type ErrorCode, errorCatalogue } from '../shared/language/errors.ts';
import { protocolVersion } from '../shared/wire/frames.ts';
import { isRefused } from '../shared/wire/patch.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock, settled } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const limits = { maxFrameBytes: 1_000, maxDepth: 4, maxIslands: 3, maxEventsPerSecond: 10 };
const clock = new ManualClock();

let server: TestServer;
let bystander: TestClient;

beforeEach(async () => {
  server = await startServer(
    (app) => {
      app.islet.route('/ws/rate', counter, { shared: true });
      app.islet.route('/ws/own', counter);
      app.islet.route('/ws/rate/:id', counter, {
        shared: true,
        props: ({ params: { id } }) => (id === 'none' ? undefined : { start: '3' }),
      });
    },
    { limits, clock, maxFramesPerSecond: Number.POSITIVE_INFINITY },
  );
  bystander = await server.visit('/ws/rate');
});

afterEach(async () => {
  await expectUndisturbed();
  await server[Symbol.asyncDispose]();
});

/** The other client still gets its own clicks' patches, and got nothing else. */
async function expectUndisturbed(): Promise<void> {
  const before = bystander.slots()[1] as number;
  bystander.click();
  await clock.advance(1_000);
  await bystander.until(() => bystander.slots()[1] === before + 1);
  expect(bystander.frames.map(({ kind }) => kind).filter((kind) => kind !== 'patch')).toEqual(['hello', 'mount']);
  expect(server.errors).toEqual([]);
}

/** The connection gets an error on channel 0 and ends with its close code, the code itself being the reason. */
async function expectEnd(client: TestClient, code: ErrorCode): Promise<void> {
  const { message } = errorCatalogue[code];
  expect(await client.next('error', 0)).toEqual({ kind: 'error', channel: 0, code, message });
  expect(await client.closed).toEqual({ code: closeCode(code), reason: code });
}

describe('a frame that is none', () => {
  test.each([
    ['not JSON', 'hello'],
    ['empty', ''],
    ['JSON cut short', '[1,"join"'],
    ['not an array', '{"0":1,"1":"join"}'],
    ['text', '"join"'],
    ['null', 'null'],
    ['an empty array', '[]'],
    ['without a kind', '[1]'],
    ['of no known kind', '[1,"dance"]'],
    ['of a kind of the server', '[1,"mount","e",1,0,2,[1,1],null,[0]]'],
    ['a kind that objects have', '[1,"constructor"]'],
    ['a channel that is no number', '["1","leave"]'],
    ['a negative channel', '[-1,"leave"]'],
    ['half a channel', '[1.5,"leave"]'],
    ['a channel that is too great', '[65536,"leave"]'],
    ['a join on channel 0', '[0,"join","/ws/rate",{},0]'],
    ['a join without attributes', '[2,"join","/ws/rate"]'],
    ['a join that does not say what is settled', '[2,"join","/ws/rate",{}]'],
    ['a join to a number', '[2,"join",5,{},0]'],
    ['attributes that are a list', '[2,"join","/ws/rate",[],0]'],
    ['an attribute that is no text', '[2,"join","/ws/rate",{"value":5},0]'],
    ['a join that has settled less than nothing', '[2,"join","/ws/rate",{},-1]'],
    ['a join that has something odd', '[2,"join","/ws/rate",{},0,["epoch",-1,0]]'],
    ['a join that has too little', '[2,"join","/ws/rate",{},0,["epoch"]]'],
    ['a join with too much', '[2,"join","/ws/rate",{},0,["epoch",1,0],5]'],
    ['a join with an epoch without end', `[2,"join","/ws/rate",{},0,["${'e'.repeat(65)}",1,0]]`],
    ['a leave with too much', '[2,"leave",2]'],
    ['an event without a hole', '[2,1,"e",1,1]'],
    ['an event without an epoch', '[2,1,1,1,0]'],
    ['an event with an epoch without end', `[2,1,"${'e'.repeat(65)}",1,1,0]`],
    ['an event at a negative version', '[2,1,"e",-1,1,0]'],
    ['an event for a negative instance', '[2,1,"e",1,-1,0]'],
    ['an event for a named hole', '[2,1,"e",1,1,"click"]'],
    ['an event with too much', '[2,1,"e",1,1,0,{},1]'],
    ['an event of half a number', '[2,1.5,"e",1,1,0]'],
    ['a void without a number', '[2,"void"]'],
    ['a void with too much', '[2,"void",1,1]'],
    ['a need without an instance', '[2,"need",1]'],
    ['a probe with too much', '[0,"probe",1]'],
    ['a probe of an island', '[2,"probe"]'],
    ['an attribute without text', '[2,"attribute","value"]'],
    ['an attribute that is a number', '[2,"attribute","value",5]'],
    ['a hello without a version', '[0,"hello"]'],
    ['a hello with a session that is a number', `[0,"hello",${protocolVersion},5,1]`],
    ['a hello without its number', `[0,"hello",${protocolVersion},null]`],
    ['a hello with half a number', `[0,"hello",${protocolVersion},null,1.5]`],
    ['a hello with too much', `[0,"hello",${protocolVersion},null,1,1]`],
    ['a second hello', `[0,"hello",${protocolVersion},null,2]`],
  ])('%s ends the connection', async (_, text) => {
    const client = await server.connect();
    client.send(text);
    await expectEnd(client, 'ISLET_ERR_FRAME_MALFORMED');
  });

  test('binary ends the connection', async () => {
    const client = await server.connect();
    client.send(Buffer.from('[1,"leave"]'));
    await expectEnd(client, 'ISLET_ERR_FRAME_BINARY');
  });

  test('just over the limit ends the connection; just under it is read', async () => {
    const client = await server.connect();
    const frame = (bytes: number): string => `[9,1,"e",1,1,0,{"value":"${'é'.repeat((bytes - 28) / 2)}"}]`;
    expect(Buffer.byteLength(frame(1_000))).toBe(1_000);
    client.send(frame(1_000));
    expect(await client.next('error')).toMatchObject({ channel: 9, code: 'ISLET_ERR_NOT_JOINED' });
    client.send(frame(1_002));
    await expectEnd(client, 'ISLET_ERR_FRAME_TOO_BIG');
  });

  test('far over the limit ends the connection before it is read', async () => {
    const client = await server.connect();
    client.send('x'.repeat(1_000_000));
    expect((await client.closed).code).toBe(1009);
  });

  test('nested too deep ends the connection; less deep is read', async () => {
    const client = await server.visit('/ws/own');
    client.click(0, { data: { detail: [[[1]]] } });
    await client.until(() => client.slots()[1] === 1);
    client.click(0, { data: { detail: [[[[1]]]] } });
    await expectEnd(client, 'ISLET_ERR_FRAME_TOO_DEEP');
  });

  test('whatever comes after it is not read', async () => {
    const client = await server.visit('/ws/rate');
    client.send('dance');
    client.click();
    await expectEnd(client, 'ISLET_ERR_FRAME_MALFORMED');
    expect(bystander.slots()[1]).toBe(0);
  });
});

describe('the hello', () => {
  test('must come first', async () => {
    for (const frame of [
      '[1,"join","/ws/rate",{},0]',
      '[1,1,"e",1,1,0]',
      '[1,3]',
      '[1,"leave"]',
      '[1,"attribute","a","b"]',
      '[1,"void",1]',
      '[1,"need",1,0]',
    ]) {
      const client = await server.open().opened();
      client.send(frame);
      await expectEnd(client, 'ISLET_ERR_HELLO_EXPECTED');
    }
  });

  test('must come within ten seconds', async () => {
    const silent = await server.open().opened();
    const direct = await server.open('/ws/own').opened();
    await direct.next('mount');
    const [late] = await Promise.all([server.open().opened(), silent.handled()]);
    await clock.advance(9_999);
    await late.hello();
    await silent.handled();
    expect(silent.texts).toEqual([]);
    await clock.advance(1);
    await expectEnd(silent, 'ISLET_ERR_HELLO_EXPECTED');
    // who said it may be silent from then on, and who opens a component’s own route says none
    await clock.advance(60_000);
    for (const client of [late, direct]) {
      await client.handled();
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    }
    expect(clock.waits).toEqual([]);
  });

  test('that the connection did not live to say is not waited for', async () => {
    const client = await server.open().opened();
    await client.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(1);
    expect(clock.waits).toEqual([]);
  });

  test.each([
    `[0,"hello",${protocolVersion + 1},null,1]`,
    // what another version says besides its number is its own
    '[0,"hello",2,null]',
    '[0,"hello",99,{"who":"knows"},[],[]]',
  ])('must speak this version: %s', async (text) => {
    const client = await server.open().opened();
    client.send(text);
    await expectEnd(client, 'ISLET_ERR_PROTOCOL_VERSION');
  });

  test('with a session that nobody knows begins another', async () => {
    const client = await server.open().opened();
    expect(await client.hello('guess')).not.toBe('guess');
  });

  test('is answered with the limits that a page should keep to', async () => {
    const client = await server.open().opened();
    client.send({ kind: 'hello', channel: 0, session: null, attempt: 1 });
    expect(await client.next('hello')).toMatchObject({ maxFrameBytes: 1_000, maxEventsPerSecond: 10 });
  });

  test('does not have to come before a probe, which is answered at any time', async () => {
    const client = await server.open().opened();
    for (let count = 0; count < 2; count++) {
      client.send({ kind: 'probe', channel: 0 });
      await client.next('probe');
      if (count === 0) await client.hello();
    }
    expect(client.texts.filter((text) => text === '[0,"probe"]')).toHaveLength(2);
  });
});

describe('a join', () => {
  const refused = (code: ErrorCode, channel = 1) => ({
    kind: 'error',
    channel,
    code,
    message: errorCatalogue[code].message,
  });

  test.each(['/ws/nowhere', '', '*', '/ws/rate/', '/ws/rate/1/2', '/ws/rate/none', '/ws/rate/:id/', 'constructor'])(
    'of %j is refused, and the connection stays',
    async (route) => {
      const client = await server.connect();
      expect(await client.join(route)).toEqual(refused('ISLET_ERR_JOIN_UNKNOWN_ROUTE'));
      expect((await client.join('/ws/rate', { channel: 2 })).kind).toBe('mount');
      // the refused channel is free
      expect((await client.join('/ws/rate/1')).kind).toBe('mount');
    },
  );

  test('on a channel in use is refused, and the island there goes on', async () => {
    const client = await server.visit('/ws/own');
    expect(await client.join('/ws/own')).toEqual(refused('ISLET_ERR_JOIN_TWICE'));
    expect(await client.join('/ws/rate/1')).toEqual(refused('ISLET_ERR_JOIN_TWICE'));
    client.click();
    await client.until(() => client.slots()[1] === 1);
  });

  test('of more islands than allowed is refused until one leaves', async () => {
    const client = await server.connect();
    for (const channel of [1, 2, 3]) expect((await client.join('/ws/own', { channel })).kind).toBe('mount');
    expect(await client.join('/ws/own', { channel: 4 })).toEqual(refused('ISLET_ERR_LIMIT_ISLANDS', 4));
    client.send({ kind: 'leave', channel: 2 });
    expect((await client.join('/ws/own', { channel: 4 })).kind).toBe('mount');
    expect(server.app.islet.size.actors).toBe(4); // three of them own, and the bystander's
  });

  test('and leave over and over is refused in the end: each costs an actor', async () => {
    const client = await server.connect();
    const frame = '[1,"join","/ws/own",{},0]';
    for (let round = 0; round < 100; round++) {
      client.send(frame);
      client.send('[1,"leave"]');
    }
    await expectEnd(client, 'ISLET_ERR_LIMIT_EVENTS');
    expect(server.app.islet.counters.views).toBeLessThan(50);
  });

  test('with parameters written in several ways reaches one and the same actor', async () => {
    const client = await server.connect();
    for (const [index, route] of ['/ws/rate/a%20b', '/ws/rate/a b', '/ws/rate/%61%20b'].entries()) {
      expect((await client.join(route, { channel: index + 1 })).kind).toBe('mount');
    }
    expect(server.app.islet.size.actors).toBe(2); // with the bystander's
  });
});

describe('an event', () => {
  const refusal = (event: number, code: ErrorCode) => ({
    kind: 'patch',
    channel: 1,
    operations: [['refused', event, code, errorCatalogue[code].message]],
    event,
  });

  test.each<[string, number, number]>([
    ['an instance that never was', 99, 0],
    ['the island itself', 0, 0],
    ['a hole that never was', 1, 9],
    ['a hole that is no event', 1, 1],
  ])('for %s is refused and counted', async (_, instance, hole) => {
    const client = await server.visit('/ws/own');
    client.click(hole, { instance });
    expect(await client.next('patch')).toEqual(refusal(1, 'ISLET_ERR_EVENT_UNKNOWN_TARGET'));
    expect(server.app.islet.counters.droppedEvents).toBe(1);
    client.click();
    expect(await client.next('patch')).toMatchObject({ event: 2, operations: [[1, 1, 1]] });
  });

  test('of another epoch does nothing, and takes no number: it is said again as its place is called now', async () => {
    const client = await server.visit('/ws/own');
    client.click(0, { epoch: 'other', number: 1 });
    await client.handled();
    expect(client.rest()).toEqual([]);
    client.click(0, { number: 1 });
    expect(await client.next('patch')).toMatchObject({ event: 1, operations: [[1, 1, 1]] });
  });

  test('that comes again is answered again, and not applied', async () => {
    const client = await server.visit('/ws/own');
    client.click();
    client.click(9);
    const both = { operations: [[1, 1, 1], refusal(2, 'ISLET_ERR_EVENT_UNKNOWN_TARGET').operations[0]], event: 2 };
    expect(await client.next('patch')).toMatchObject(both);
    for (const number of [1, 2, 0]) client.click(0, { number });
    expect(await client.next('patch')).toEqual(refusal(2, 'ISLET_ERR_EVENT_UNKNOWN_TARGET'));
    // refusals of those before it were heard of
    client.click(9);
    expect(await client.next('patch')).toEqual(refusal(3, 'ISLET_ERR_EVENT_UNKNOWN_TARGET'));
    client.click(0, { number: 3 });
    expect(await client.next('patch')).toEqual(refusal(3, 'ISLET_ERR_EVENT_UNKNOWN_TARGET'));
    await client.handled();
    expect(client.rest()).toEqual([]);
    expect(client.version()).toBe(2);
  });

  test.each(['event', 'void'] as const)('of kind %s before which one is missing ends the connection', async (kind) => {
    const client = await server.visit('/ws/own');
    client.click();
    if (kind === 'event') client.click(0, { number: 3 });
    else client.send({ kind: 'void', channel: 1, number: 3 });
    await expectEnd(client, 'ISLET_ERR_FRAME_MALFORMED');
  });

  test('that is void takes its number, and nothing is done for it', async () => {
    const client = await server.visit('/ws/own');
    client.send({ kind: 'void', channel: 1, number: 1 });
    expect(await client.next('patch')).toEqual({ kind: 'patch', channel: 1, operations: [], event: 1 });
    client.click(0, { number: 2 });
    expect(await client.next('patch')).toMatchObject({ operations: [[1, 1, 1]], event: 2 });
  });

  test('before a join, and after a leave, is refused', async () => {
    const client = await server.connect();
    const refusal = { kind: 'error', channel: 1, code: 'ISLET_ERR_NOT_JOINED' };
    client.click();
    expect(await client.next('error')).toMatchObject(refusal);
    client.send({ kind: 'void', channel: 1, number: 1 });
    expect(await client.next('error')).toMatchObject(refusal);
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '1' });
    expect(await client.next('error')).toMatchObject(refusal);
    await client.join('/ws/own');
    client.send({ kind: 'leave', channel: 1 });
    client.click();
    expect(await client.next('error')).toMatchObject(refusal);
  });

  test('may carry anything that is JSON', async () => {
    const client = await server.visit('/ws/own');
    const odd = [
      'null',
      '5',
      '"text"',
      '[]',
      '{"__proto__":{"value":"1"}}',
      '{"constructor":1}',
      '{"value":{"toString":1}}',
    ];
    const [epoch] = client.have();
    for (const [index, data] of odd.entries()) client.send(`[1,${index + 1},"${epoch}",1,1,0,${data}]`);
    await client.until(() => client.slots()[1] === odd.length);
  });

  test('too many at once are refused one by one, and who goes on is sent away', async () => {
    const client = await server.visit('/ws/own');
    for (let count = 0; count < 25; count++) client.click();
    await client.handled();
    const refusals = client
      .rest()
      .flatMap((frame) => (frame.kind === 'patch' ? frame.operations.filter(isRefused) : []));
    // twice ten may come at once
    expect(refusals.map(([, event, code]) => [event, code])).toEqual(
      [21, 22, 23, 24, 25].map((event) => [event, 'ISLET_ERR_LIMIT_EVENTS']),
    );
    expect(client.slots()[1]).toBe(20);

    await clock.advance(1_000); // the five that were too many are paid back first
    for (let count = 0; count < 5; count++) client.click();
    await client.until(() => client.slots()[1] === 25);

    for (let count = 0; count < 20; count++) client.click();
    await expectEnd(client, 'ISLET_ERR_LIMIT_EVENTS');
  });

  test('other frames count like events', async () => {
    const client = await server.visit('/ws/own');
    for (let count = 0; count < 50; count++) client.send('[1,"attribute","start","7"]');
    await expectEnd(client, 'ISLET_ERR_LIMIT_EVENTS');
  });
});

describe('an attribute', () => {
  test('that the component declares is a message', async () => {
    const client = await server.connect();
    await client.join('/ws/own', { attributes: { start: '7' } });
    expect(client.slots()[1]).toBe(7);
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '9' });
    await client.until(() => client.slots()[1] === 9);
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: null });
    await client.until(() => client.slots()[1] === 0);
  });

  test.each(['other', '__proto__', 'constructor', 'toString', ''])('named %j means nothing', async (name) => {
    const client = await server.visit('/ws/own');
    client.send({ kind: 'attribute', channel: 1, name, text: '7' });
    client.send(`[2,"join","/ws/own",{${JSON.stringify(name)}:"7"},0]`);
    expect(await client.next('mount', 2)).toMatchObject({ content: [0, 0, 0] });
    expect(client.slots(1)[1]).toBe(0);
  });

  test('of a joining client is not what a shared actor starts with', async () => {
    const client = await server.connect();
    await client.join('/ws/rate/5', { attributes: { start: '7' } });
    expect(client.slots()[1]).toBe(3);
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '7' });
    await client.until(() => client.slots()[1] === 7);
  });
});

describe('who may connect', () => {
  /** The status that a socket is refused with; 101 if it is not. */
  async function statusOf(headers: Record<string, string>, path = '/islet'): Promise<number> {
    const client = guarded.open(path, { headers });
    return client.opened().then(
      () => 101,
      (error: Error) => Number(/\d{3}/.exec(error.message)?.[0]),
    );
  }

  const seen: unknown[] = [];
  const whoIsThere = component<string, { type: 'UserClicked'; name: string }>({
    init: () => ['', effect.none],
    update: (_, message) => [message.name, effect.none],
    view: (name) =>
      html`<button @click=${(_data, { user }) => ({ type: 'UserClicked', name: String(user) })}>${name}</button>`,
  });
  let guarded: TestServer;

  beforeEach(async () => {
    guarded = await startServer(
      (app) => {
        app.islet.route('/ws/who', whoIsThere);
        app.islet.route('/ws/secret/:id', whoIsThere, { shared: true });
      },
      {
        allowedOrigins: ['https://app.example'],
        limits: { maxConnectionsPerAddress: 3 },
        async authenticate({ headers }) {
          await settled(); // others come meanwhile
          if (headers.authorization === 'wrong') throw new Error('wrong password');
          return headers.authorization;
        },
        authorize({ user, id }, route, params) {
          seen.push([user, typeof id, route, params]);
          if (params.id === 'throws') throw new Error('who knows');
          if (params.id === 'rejects') return Promise.reject(new Error('who knows'));
          if (params.id === 'foreign') return foreignPromise(false);
          if (params.id === 'odd') return 'maybe' as never;
          return params.id === undefined || user === 'Ada';
        },
      },
    );
  });

  afterEach(() => guarded[Symbol.asyncDispose]());

  test('pages of the same origin, of allowed ones, and those who say none', async () => {
    expect(await statusOf({})).toBe(101);
    expect(await statusOf({ origin: guarded.url })).toBe(101);
    expect(await statusOf({ origin: 'https://app.example' })).toBe(101);
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://app.example.evil.example', '://'])(
    'not a page of %s, on no route',
    async (origin) => {
      expect(await statusOf({ origin })).toBe(403);
      expect(await statusOf({ origin }, '/ws/who')).toBe(403);
    },
  );

  test('a refusal names its code and nothing else', async () => {
    const ask = async (headers: Record<string, string>): Promise<[number | undefined, string]> => {
      const { socket } = guarded.open('/islet', { headers });
      const [, response]: [unknown, IncomingMessage] = (await once(socket, 'unexpected-response')) as never;
      return [response.statusCode, await text(response)];
    };
    const told = (code: ErrorCode): string => JSON.stringify({ code, message: errorCatalogue[code].message });
    expect(await ask({ origin: 'https://evil.example' })).toEqual([403, told('ISLET_ERR_ORIGIN')]);
    expect(await ask({ authorization: 'wrong' })).toEqual([401, told('ISLET_ERR_UNAUTHENTICATED')]);
    expect(guarded.log.some(({ err }) => err?.message === 'wrong password')).toBe(true);
  });

  test('no more from one address than allowed, until one goes', async () => {
    const clients = [guarded.open(), guarded.open('/ws/who'), guarded.open()];
    for (const client of clients) await client.opened();
    expect(await statusOf({})).toBe(429);
    await clients[1]?.close();
    await expect.poll(() => guarded.app.islet.size.connections).toBe(2);
    expect(await statusOf({})).toBe(101);
  });

  test('also not when they come at the same time', async () => {
    const clients = Array.from({ length: 12 }, () => guarded.open());
    const opened = await Promise.allSettled(clients.map((client) => client.opened()));
    await Promise.all(
      clients.map(
        (client, index) => opened[index]?.status === 'fulfilled' && Promise.race([client.hello(), client.closed]),
      ),
    );
    expect(guarded.app.islet.size.connections).toBe(3);
  });

  test('handlers get the user whom authenticate took the client for', async () => {
    const client = await guarded.open('/islet', { headers: { authorization: 'Ada' } }).opened();
    await client.hello();
    await client.join('/ws/who');
    client.click();
    await client.until(() => client.slots()[1] === 'Ada');
  });

  test('authorize says who may join which island', async () => {
    seen.length = 0;
    for (const [user, id, kind] of [
      ['Ada', '1', 'mount'],
      ['Bob', '1', 'error'],
      ['Ada', 'throws', 'error'],
      ['Ada', 'rejects', 'error'],
      ['Ada', 'foreign', 'error'],
      ['Ada', 'odd', 'error'],
    ] as const) {
      const client = await guarded.open('/islet', { headers: { authorization: user } }).opened();
      await client.hello();
      const answer = await client.join(`/ws/secret/${id}`);
      expect([id, answer.kind]).toEqual([id, kind]);
      if (answer.kind === 'error') expect(answer.code).toBe('ISLET_ERR_JOIN_FORBIDDEN');
      await client.close();
    }
    expect(seen.slice(0, 2)).toEqual([
      ['Ada', 'string', '/ws/secret/:id', { id: '1' }],
      ['Bob', 'string', '/ws/secret/:id', { id: '1' }],
    ]);
    expect(guarded.errors.map(({ err }) => err?.message)).toEqual(['who knows', 'who knows']);
  });
});

describe('a socket to a component’s own route', () => {
  test('joins at once and can click', async () => {
    const client = await server.open('/ws/rate').opened();
    expect(await client.next('mount')).toMatchObject({ channel: 1, content: [0, 0, 0] });
    client.click();
    expect(await client.next('patch')).toEqual({ kind: 'patch', channel: 1, operations: [[1, 1, 1]], event: 1 });
    await bystander.until(() => bystander.slots()[1] === 1);
  });

  test('takes parameters from the path and attributes from the query', async () => {
    expect(await (await server.open('/ws/rate/a%20b').opened()).next('mount')).toMatchObject({ content: [0, 0, 3] });
    expect(await (await server.open('/ws/own?start=8&x=1&x=2').opened()).next('mount')).toMatchObject({
      content: [0, 0, 8],
    });
    expect(await (await server.open('/ws/rate/none').opened()).next('error')).toMatchObject({
      code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE',
    });
  });

  test('takes no hello', async () => {
    const client = await server.open('/ws/rate').opened();
    await client.next('mount');
    client.send({ kind: 'hello', channel: 0, session: null, attempt: 1 });
    await expectEnd(client, 'ISLET_ERR_FRAME_MALFORMED');
  });

  test('ends its island with it', async () => {
    const client = await server.open('/ws/own').opened();
    await client.next('mount');
    expect(server.app.islet.size).toEqual({ actors: 2, sessions: 2, connections: 2 });
    await client.close();
    await expect.poll(() => server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
  });

  test.each(['/ws/rate', '/ws/rate/5', '/islet'])('asked for by HTTP, %s says that it is a socket', async (path) => {
    const { statusCode, headers } = await server.app.inject(path);
    expect([statusCode, headers.upgrade]).toEqual([426, 'websocket']);
  });
});

describe('any frames whatever', () => {
  const count = fc.oneof(fc.nat(4), fc.constantFrom(-1, 65_536, 1.5, 2 ** 53));
  const text = fc.oneof(
    fc.constantFrom('/ws/rate', '/ws/own', '/ws/rate/1', 'start', '__proto__', 'constructor'),
    fc.string(),
  );
  const version = fc.oneof(fc.constant(protocolVersion), count);
  const attributes = fc.dictionary(text, fc.oneof(text, fc.jsonValue()));
  const have = fc.tuple(text, count, count, text);
  const frame = fc.oneof(
    fc.tuple(count, fc.constant('join'), text, fc.option(attributes), count),
    fc.tuple(count, fc.constant('join'), text, attributes, count, have),
    fc.tuple(count, fc.constant('leave')),
    fc.tuple(count, fc.constant('attribute'), text, fc.option(text)),
    fc.tuple(count, fc.constant('void'), count),
    fc.tuple(count, fc.constant('need'), count, count),
    fc.tuple(count, count),
    fc.tuple(count, count, text, count, count, count),
    fc.tuple(count, count, text, count, count, count, fc.jsonValue()),
    fc.tuple(fc.constant(0), fc.constant('probe')),
    fc.tuple(fc.constant(0), fc.constant('hello'), version, fc.option(text), count),
    fc.array(fc.jsonValue()),
  );

  test('end their own connection at worst', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            frame.map((each) => JSON.stringify(each)),
            fc.string(),
          ),
          { maxLength: 12 },
        ),
        fc.boolean(),
        async (texts, isGreeted) => {
          const client = isGreeted ? await server.connect() : await server.open().opened();
          for (const each of texts) client.send(each);
          client.socket.close();
          await client.closed;
        },
      ),
      { numRuns: 200 },
    );
    expect(server.app.islet.size.connections).toBe(1);
    await expectUndisturbed();
  });
});

/** A promise of another make. */
function foreignPromise(value: boolean): Promise<boolean> {
  // biome-ignore lint/suspicious/noThenProperty: that is what such promises are
  return { then: (tell: (is: boolean) => void) => tell(value) } as Promise<boolean>;
}

test('an event with files is refused, and counted like any other', async () => {
  await using server = await startServer((app) => app.islet.route('/ws/count', counter));
  const client = await server.connect();
  await client.join('/ws/count');
  const form = { fields: { doc: 'a.txt' }, files: [['doc', { name: 'a.txt', size: 1, type: '' }]] };
  client.click(0, { data: form });
  const operations = [['refused', 1, 'ISLET_ERR_FILES', errorCatalogue.ISLET_ERR_FILES.message]];
  expect(await client.next('patch')).toMatchObject({ operations, event: 1 });
  client.click(0, { data: { ...form, files: [] } });
  expect(await client.next('patch')).toMatchObject({ operations: [[1, 1, 1]], event: 2 });
});

test('data of other types than a browser sends is left out, and no handler fails that relies on the types', async () => {
  const heard: unknown[] = [];
  const search = component<string, { readonly type: 'UserTyped'; readonly text: string }>({
    init: () => ['', effect.none],
    update: (_, { text }) => [text, effect.none],
    view: (text) =>
      html`<form @submit=${({ value = '', key = '', checked, fields = {}, detail, ...others }) => {
        heard.push([value, key, checked, fields, detail, others]);
        return { type: 'UserTyped', text: value.trim() + key.trim() + Object.values(fields).flat().join().trim() };
      }}>${text}<input><input name="q"><input name="b"></form>`,
  });
  await using server = await startServer((app) => app.islet.route('/ws/search', search, { shared: true }));
  const client = await server.visit('/ws/search');
  const nothing = ['', '', undefined, {}, undefined, {}];
  const cases: [data: object | null, heard: unknown][] = [
    [{ value: 5, key: null, checked: 'yes', fields: null }, nothing],
    [{ value: {}, fields: 'q=a' }, nothing],
    [{ fields: ['a'] }, nothing],
    [{ fields: { q: 5 } }, nothing],
    [{ fields: { q: ['a', null] } }, nothing],
    [{ files: 5, type: [] }, nothing],
    [[1], nothing],
    [null, nothing],
    [
      { value: ' a ', checked: false, fields: { q: 'a', b: ['b', 'c'] } },
      [' a ', '', false, { q: 'a', b: ['b', 'c'] }, undefined, {}],
    ],
    [{ value: null, detail: null, 'target.name': 5 }, ['', '', undefined, {}, null, { 'target.name': 5 }]],
    [{ constructor: 5, hasOwnProperty: 5 }, ['', '', undefined, {}, undefined, { constructor: 5, hasOwnProperty: 5 }]],
  ];
  for (const [data, expected] of cases) {
    heard.length = 0;
    client.click(0, { data: data as never });
    await client.handled();
    expect(heard, JSON.stringify(data)).toEqual([expected]);
  }
  expect(server.errors).toEqual([]);
});
