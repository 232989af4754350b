// What every transport does, whatever carries it: one suite, run on a WebSocket of a real Fastify app and on the pair
// in memory. `server` is the end under test, `client` a peer that is not of our making where there is one.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex, Writable } from 'node:stream';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createMemoryPair } from '../server/transport/memory.ts';
import { encodeTextFrame } from '../server/transport/text-frame.ts';
import { SharedFrame, type Transport, type TransportListener } from '../server/transport/transport.ts';
import { WebSocketTransport } from '../server/transport/websocket.ts';
import { settled } from './support/clock.ts';

const maxBufferedBytes = 64 * 1024;
const bigText = 'x'.repeat(maxBufferedBytes);

interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** What one end heard. */
class Ear implements TransportListener {
  readonly texts: string[] = [];
  /** Texts that came at one time, together. */
  readonly batches: string[][] = [];
  readonly sizes: number[] = [];
  readonly errors: Error[] = [];
  binaries = 0;
  signs = 0;
  closings: Closing[] = [];
  private batch: string[] | undefined;

  onText(text: string, bytes: number): void {
    this.texts.push(text);
    this.sizes.push(bytes);
    if (this.batch === undefined) {
      this.batch = [];
      this.batches.push(this.batch);
      queueMicrotask(() => {
        this.batch = undefined;
      });
    }
    this.batch.push(text);
  }

  onBinary(): void {
    this.binaries++;
  }

  onAlive(): void {
    this.signs++;
  }

  onError(error: Error): void {
    this.errors.push(error);
  }

  onClose(code: number, reason: string): void {
    this.closings.push({ code, reason });
  }
}

/** The other end, as far as these tests use it. */
interface Client {
  send(text: string): void;
  sendBinary(data: Uint8Array): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

interface Pair extends AsyncDisposable {
  readonly server: Transport;
  readonly client: Client;
  /** What the client heard. */
  readonly ear: Ear;
}

async function webSocketPair(): Promise<Pair> {
  const app = Fastify();
  await app.register(websocket);
  const accepted = Promise.withResolvers<Transport>();
  app.get('/', { websocket: true }, (socket, request) => {
    accepted.resolve(new WebSocketTransport(socket, request.raw.socket, { address: request.ip, maxBufferedBytes }));
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = new WebSocket(url.replace('http', 'ws'));
  const ear = new Ear();
  socket.on('message', (data: Buffer, isBinary) => (isBinary ? ear.onBinary() : ear.onText(`${data}`, data.length)));
  socket.on('pong', () => ear.onAlive());
  socket.on('close', (code, reason) => ear.onClose(code, reason.toString()));
  await once(socket, 'open');
  return {
    server: await accepted.promise,
    client: {
      send: (text) => socket.send(text),
      sendBinary: (data) => socket.send(data),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    },
    ear,
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await app.close();
    },
  };
}

async function memoryPair(): Promise<Pair> {
  const { server, client } = createMemoryPair({ address: '127.0.0.1', maxBufferedBytes });
  const ear = new Ear();
  client.listen(ear);
  return { server, client, ear, async [Symbol.asyncDispose]() {} };
}

describe.each([
  ['a WebSocket', webSocketPair],
  ['a pair in memory', memoryPair],
] as const)('%s', (_, createPair) => {
  let pair: Pair;
  let server: Transport;
  let client: Client;
  /** What the client heard. */
  let there: Ear;
  /** What the server heard. */
  let here: Ear;

  beforeEach(async () => {
    pair = await createPair();
    ({ server, client, ear: there } = pair);
    here = new Ear();
    server.listen(here);
  });

  afterEach(async () => {
    await pair[Symbol.asyncDispose]();
  });

  test('is open, empty, and knows where its peer is', () => {
    expect(server).toMatchObject({
      isOpen: true,
      isFull: false,
      isPaused: false,
      address: '127.0.0.1',
      waitingBytes: 0,
    });
  });

  test('carries texts in both directions, in order, as they were', async () => {
    const texts = ['', 'one', 'é漢😀', '[1,"live"]', bigText, 'last'];
    for (const text of texts) {
      server.send(text);
      client.send(text);
    }
    await expect.poll(() => [here.texts, there.texts]).toEqual([texts, texts]);
    expect(here.sizes).toEqual(texts.map((text) => Buffer.byteLength(text)));
  });

  test('carries one frame to many as it carries any other', async () => {
    await using another = await createPair();
    another.server.listen(new Ear());
    const frame = new SharedFrame('[1,[1,0,"é"]]');
    for (const each of [server, another.server]) {
      each.send('before');
      each.send(frame);
      each.send('after');
    }
    const texts = ['before', frame.text, 'after'];
    await expect.poll(() => [there.texts, another.ear.texts]).toEqual([texts, texts]);
  });

  test('tells what is binary apart from text', async () => {
    client.sendBinary(Buffer.from('text?'));
    client.send('text');
    await expect.poll(() => here.texts).toEqual(['text']);
    expect(here.binaries).toBe(1);
  });

  test('sends what was corked together, at the end of the tick', async () => {
    server.cork();
    server.send('one');
    queueMicrotask(() => server.send('two'));
    await expect.poll(() => there.batches).toEqual([['one', 'two']]);
    server.send('three');
    await expect.poll(() => there.texts).toEqual(['one', 'two', 'three']);
  });

  test('sends what was corked in order, be it short or long, for one or for many', async () => {
    const long = 'y'.repeat(1_000);
    server.cork();
    for (const frame of ['one', 'two', long, 'three', new SharedFrame('four'), 'füünf', 'six']) server.send(frame);
    server.ping();
    server.send('seven');
    await expect.poll(() => there.texts).toEqual(['one', 'two', long, 'three', 'four', 'füünf', 'six', 'seven']);
  });

  test('corked twice sends each text once', async () => {
    server.cork();
    server.send('one');
    server.cork();
    server.send('two');
    await expect.poll(() => there.texts).toEqual(['one', 'two']);
  });

  test('is full when its peer does not read, says when all is read, and loses nothing', async () => {
    client.pause();
    let count = 0;
    for (; !server.isFull; count++) server.send(bigText);
    let drained = 0;
    for (let times = 0; times < 3; times++) server.onceDrained(() => drained++);
    await settled();
    expect([server.isFull, drained]).toEqual([true, 0]);
    expect(server.waitingBytes).toBeGreaterThan(maxBufferedBytes);
    expect(server.waitingBytes).toBeLessThan(2 * (bigText.length + maxBufferedBytes));
    client.resume();
    await expect.poll(() => drained).toBe(3);
    expect([server.isFull, server.waitingBytes]).toEqual([false, 0]);
    server.send('last');
    await expect.poll(() => there.texts.at(-1)).toBe('last');
    expect(there.texts.length).toBe(count + 1);
    expect(drained).toBe(3);
  });

  test('says that all is sent when there is nothing to send, but not at once', async () => {
    let isDrained = false;
    server.onceDrained(() => {
      isDrained = true;
    });
    expect(isDrained).toBe(false);
    await expect.poll(() => isDrained).toBe(true);
  });

  test('says nothing of what could not be sent when the connection ended', async () => {
    client.pause();
    while (!server.isFull) server.send(bigText);
    let isDrained = false;
    server.onceDrained(() => {
      isDrained = true;
    });
    server.terminate();
    await expect.poll(() => here.closings.length).toBe(1);
    await settled();
    expect(isDrained).toBe(false);
  });

  test('paused, reads nothing; resumed, reads all in order', async () => {
    client.send('before');
    await expect.poll(() => here.texts).toEqual(['before']);
    server.pause();
    expect(server.isPaused).toBe(true);
    for (const text of ['one', 'two', 'three']) client.send(text);
    server.send('written all the same');
    await expect.poll(() => there.texts).toEqual(['written all the same']);
    await settled();
    expect(here.texts).toEqual(['before']);
    server.resume();
    expect(server.isPaused).toBe(false);
    await expect.poll(() => here.texts).toEqual(['before', 'one', 'two', 'three']);
  });

  test('hears that its peer is alive for each time it asks', async () => {
    server.ping();
    await expect.poll(() => here.signs).toBe(1);
    server.ping();
    await expect.poll(() => here.signs).toBe(2);
    expect(here.texts).toEqual([]);
  });

  test('hears nothing of a peer that does not read', async () => {
    client.pause();
    server.ping();
    await settled();
    expect(here.signs).toBe(0);
    client.resume();
    await expect.poll(() => here.signs).toBe(1);
  });

  test('closes with a code and a reason, after what was sent before', async () => {
    server.cork();
    server.send('last');
    server.close(4400, 'ISLET_ERR');
    expect(server.isOpen).toBe(false);
    server.send('too late');
    server.ping();
    server.close(4401, 'ANOTHER');
    await expect
      .poll(() => [here.closings, there.closings])
      .toEqual([[{ code: 4400, reason: expect.any(String) }], [{ code: 4400, reason: 'ISLET_ERR' }]]);
    expect(there.texts).toEqual(['last']);
    expect(there.signs).toBe(0);
  });

  test('closed, hears nothing of what was under way', async () => {
    client.send('one');
    await expect.poll(() => here.texts).toEqual(['one']);
    client.send('two');
    client.sendBinary(Buffer.from('three'));
    server.close(4400, 'ISLET_ERR');
    await expect.poll(() => [here.closings.length, there.closings.length]).toEqual([1, 1]);
    expect([here.texts, here.binaries]).toEqual([['one'], 0]);
  });

  test('closed by its listener in the middle of what came together, hears no more of it', async () => {
    here.onText = (text) => {
      here.texts.push(text);
      server.close(4400, 'ISLET_ERR');
    };
    for (const text of ['one', 'two', 'three']) client.send(text);
    await expect.poll(() => here.closings.length).toBe(1);
    expect(here.texts).toEqual(['one']);
  });

  test('closes although it was paused', async () => {
    server.pause();
    client.send('unheard');
    server.close(4400, 'ISLET_ERR');
    await expect.poll(() => [here.closings.length, there.closings.length]).toEqual([1, 1]);
    expect(here.texts).toEqual([]);
  });

  test('hears with which code and reason its peer closes, after what it sent before', async () => {
    client.send('last');
    client.close(4001, 'enough');
    await expect.poll(() => here.closings).toEqual([{ code: 4001, reason: 'enough' }]);
    expect(here.texts).toEqual(['last']);
    expect(server.isOpen).toBe(false);
    server.send('too late');
    await expect.poll(() => there.closings.map(({ code }) => code)).toEqual([4001]);
    expect(there.texts).toEqual([]);
  });

  test('terminates at once, and its peer hears that nobody took leave', async () => {
    server.terminate();
    expect(server.isOpen).toBe(false);
    server.send('too late');
    server.terminate();
    await expect
      .poll(() => [here.closings, there.closings])
      .toEqual([[{ code: 1006, reason: '' }], [{ code: 1006, reason: '' }]]);
    expect(there.texts).toEqual([]);
  });

  test('hears that its peer went without a word', async () => {
    client.terminate();
    await expect.poll(() => here.closings).toEqual([{ code: 1006, reason: '' }]);
    expect(server.isOpen).toBe(false);
  });

  test('terminates although its peer does not answer to a close', async () => {
    client.pause();
    server.close(4400, 'ISLET_ERR');
    await settled();
    expect(here.closings).toEqual([]);
    server.terminate();
    await expect.poll(() => here.closings.length).toBe(1);
  });

  test('does nothing when it has ended', async () => {
    server.close(4400, 'ISLET_ERR');
    await expect.poll(() => [here.closings.length, there.closings.length]).toEqual([1, 1]);
    server.send('nothing');
    server.cork();
    server.pause();
    server.resume();
    server.ping();
    server.close(4401, 'AGAIN');
    server.terminate();
    await settled();
    expect([here.closings.length, there.closings.length, there.texts]).toEqual([1, 1, []]);
  });
});

test('what breaks the rules of WebSockets is told, and closes', async () => {
  const app = Fastify();
  await app.register(websocket, { errorHandler: () => {} });
  const here = new Ear();
  app.get('/', { websocket: true }, (socket, request) => {
    new WebSocketTransport(socket, request.raw.socket, { address: request.ip, maxBufferedBytes }).listen(here);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new WebSocket(url.replace('http', 'ws'));
  const [response] = await once(client, 'upgrade');
  // a client has to mask what it sends
  (response.socket as Socket).write(encodeTextFrame('unmasked'));
  await expect.poll(() => here.closings.length).toBe(1);
  expect(here).toMatchObject({ texts: [], errors: [{ code: 'WS_ERR_EXPECTED_MASK' }] });
  await app.close();
});

test('a frame for many is encoded once, by the kind of transport that asks first', () => {
  let count = 0;
  const encode = (text: string): Buffer => {
    count++;
    return Buffer.from(text);
  };
  const frame = new SharedFrame('text');
  expect(frame.toBytes(encode)).toBe(frame.toBytes(encode));
  expect(count).toBe(1);
  expect(frame.toBytes(() => Buffer.from('another'))).toEqual(Buffer.from('another'));
  expect(frame.toBytes(encode)).toEqual(Buffer.from('text'));
  expect(count).toBe(1);
});

describe('a WebSocket that ends', () => {
  const ends = {
    'as its client closes it': (client: WebSocket) => client.close(1000),
    'as its client goes away without a word': (client: WebSocket) => client.terminate(),
    'as the server closes it': (_: WebSocket, server: Transport) => server.close(4400, 'ISLET_ERR'),
    'as the server gives it up': (_: WebSocket, server: Transport) => server.terminate(),
  };

  test.each(Object.entries(ends))('%s ends no stream in vain: Node would make an error of it', async (_, end) => {
    await using app = Fastify();
    await app.register(websocket);
    const accepted = Promise.withResolvers<Transport>();
    const ended = new Map<Writable, number>();
    using _counting = countEnds((stream) => {
      if (ended.has(stream)) ended.set(stream, (ended.get(stream) as number) + 1);
    });
    app.get('/', { websocket: true }, (socket, { raw, ip }) => {
      const { _receiver: receiver } = socket as unknown as { _receiver: Writable };
      for (const stream of [raw.socket, receiver]) ended.set(stream, 0);
      accepted.resolve(new WebSocketTransport(socket, raw.socket, { address: ip, maxBufferedBytes }));
    });
    const client = new WebSocket((await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws'));
    await once(client, 'open');
    const server = await accepted.promise;
    const ear = new Ear();
    server.listen(ear);
    end(client, server);
    await expect.poll(() => ear.closings.length).toBe(1);
    await settled();
    expect([...ended.values()]).toEqual([0, 0]);
  });
});

/** Has each end of a stream told that has ended already. */
function countEnds(note: (stream: Writable) => void): Disposable {
  const undo = [Writable.prototype, Duplex.prototype].map((prototype) => {
    const { end } = prototype;
    prototype.end = function (this: Writable, ...parameters: unknown[]) {
      if (this.writableEnded) note(this);
      return (end as (...parameters: unknown[]) => never).apply(this, parameters);
    };
    return () => Object.assign(prototype, { end });
  });
  return { [Symbol.dispose]: () => undo.forEach((each) => void each()) };
}
