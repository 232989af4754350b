// `http` against a real server, by a component's effect host as both places offer it. What needs a browser (offline,
// another origin) is tested in test/e2e/.

import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpError, http } from '../shared/browser/http.ts';
import { type Effect, type EffectHost, perform } from '../shared/language/effect.ts';
import type { AnyMessage } from '../shared/language/html.ts';

let server: FastifyInstance;
let url: string;
let stop: AbortController;
let told: AnyMessage[];
let reported: unknown[];

beforeEach(async () => {
  stop = new AbortController();
  told = [];
  reported = [];
  server = Fastify({ forceCloseConnections: true });
  server.all('/echo', async ({ method, body, headers }) => ({
    method,
    body,
    type: headers['content-type'] ?? null,
    by: headers.by,
  }));
  server.get('/nothing', (_, reply) => reply.code(204).send());
  server.get('/page', (_, reply) => reply.type('text/html').send('<p>'));
  server.get('/missing', (_, reply) => reply.code(404).send({ title: 'There is no such anime' }));
  server.get('/broken', (_, reply) => reply.code(502).type('text/html').send('<h1>Bad gateway</h1>'));
  server.get('/never', () => new Promise(() => {}));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => server.close());

describe('an answer', () => {
  test('is decoded and told', async () => {
    run(http.get(`${url}/echo`, options));
    await expect.poll(() => told).toEqual([{ type: 'Returned', value: { method: 'GET', type: null } }]);
  });

  test('without content is null', async () => {
    run(http.get(`${url}/nothing`, options));
    await expect.poll(() => told).toEqual([{ type: 'Returned', value: null }]);
  });
});

test.each(['post', 'put', 'patch', 'delete'] as const)('%s sends its body as JSON, and its headers', async (method) => {
  run(http[method](`${url}/echo`, { ...options, body: { score: 7 }, headers: { by: 'me' } }));
  const value = { method: method.toUpperCase(), body: { score: 7 }, type: 'application/json', by: 'me' };
  await expect.poll(() => told).toEqual([{ type: 'Returned', value }]);
});

describe('an error is told with its kind:', () => {
  test('a status that is none of success, with what the answer says', async () => {
    run(http.get(`${url}/missing`, options));
    await expect
      .poll(() => told)
      .toEqual([failed({ kind: 'status', status: 404, json: { title: 'There is no such anime' } })]);
  });

  test('a status with an answer that is no JSON', async () => {
    run(http.get(`${url}/broken`, options));
    await expect.poll(() => told).toEqual([failed({ kind: 'status', status: 502, json: null })]);
  });

  test('an answer that is no JSON', async () => {
    run(http.get(`${url}/page`, options));
    await expect.poll(() => told).toEqual([failed({ kind: 'decode', problem: expect.stringContaining('JSON') })]);
  });

  test('an answer that the decoder does not expect', async () => {
    const decode = (): never => {
      throw new TypeError('not a list');
    };
    run(http.get(`${url}/echo`, { ...options, decode }));
    await expect.poll(() => told).toEqual([failed({ kind: 'decode', problem: 'TypeError: not a list' })]);
  });

  test('a server that cannot be reached', async () => {
    await server.close();
    run(http.get(`${url}/echo`, options));
    await expect.poll(() => told).toEqual([failed({ kind: 'network', problem: expect.stringContaining('fetch') })]);
  });

  test('no answer in time', async () => {
    run(http.get(`${url}/never`, { ...options, timeoutMs: 20 }));
    await expect.poll(() => told).toEqual([failed({ kind: 'timeout' })]);
  });
});

test('a component that stops ends its request, and hears nothing of it', async () => {
  const asked = new Promise<IncomingMessage>((resolve) => server.server.once('request', resolve));
  run(http.get(`${url}/never`, options));
  const { socket } = await asked;
  const ended = new Promise((resolve) => socket.once('close', resolve));
  stop.abort();
  await ended;
  expect(told).toEqual([]);
  expect(reported).toEqual([]);
});

test("an error in the app's own functions is reported, and is no error of the request", async () => {
  const onSuccess = (): never => {
    throw new Error('this is meant to fail');
  };
  run(http.get(`${url}/echo`, { ...options, onSuccess }));
  await expect.poll(() => reported).toEqual([new Error('this is meant to fail')]);
  expect(told).toEqual([]);
});

const options = {
  decode: (json: unknown) => json,
  onSuccess: (value: unknown) => ({ type: 'Returned', value }),
  onError: failed,
};

function failed(error: HttpError): AnyMessage {
  return { type: 'Failed', error } as AnyMessage;
}

function run(effect: Effect<AnyMessage>): void {
  const host: EffectHost = {
    signal: stop.signal,
    dispatch: (message) => told.push(message),
    tell: () => {},
    latest: () => host,
    delay: () => {},
    contain: (action) => action(),
    report: (error) => reported.push(error),
    fail: (error) => reported.push(error),
  };
  perform(effect, host);
}
