// Holds docs/protocol.md to the truth: each example named there by `<!-- captured: name -->` is captured anew from a
// running server. Examples may be broken into lines; sessions and epochs have other names each time and are replaced.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serverComponent } from '../server/index.ts';
import { html } from '../shared/index.ts';
import { closeCode, type ErrorCode, errorCatalogue } from '../shared/language/errors.ts';
import { islandsOf } from './support/adoption.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { predictedList } from './support/predicted-list.ts';
import { startServer, type TestServer } from './support/server.ts';
import { showcase } from './support/showcase.ts';

const page = readFileSync(new URL('../docs/protocol.md', import.meta.url), 'utf8');
const examples = Object.fromEntries(
  [...page.matchAll(/<!-- captured: (\S+) -->\n```\w*\n(.*?)\n```/gs)].map(([, name, text]) => [name, text as string]),
);

function start(): Promise<TestServer> {
  return startServer(
    (app) => {
      app.islet.route('/ws/rate', counter, { shared: true });
      app.islet.route('/ws/own', counter);
      app.islet.route('/ws/list', predictedList, {
        shared: true,
        predict: true,
        keeps: ['secret'],
        props: () => ({ word: '', rows: 2 }),
      });
      app.islet.route('/ws/showcase', showcase);
      app.get('/rate', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/rate' })}`));
      app.get('/showcase', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/showcase' })}`));
    },
    { maxFramesPerSecond: Number.POSITIVE_INFINITY },
  );
}

/** What is captured for an example: lines of a transcript, or text. */
const captures: Record<string, (server: TestServer) => Promise<readonly string[] | string>> = {
  async conversation(server) {
    const client = await server.visit('/ws/rate');
    const other = await server.visit('/ws/rate');
    await clickTo(client, 1);
    other.click();
    await client.until(() => client.slots()[1] === 2);
    client.send({ kind: 'ack', channel: 1, version: client.version() });
    return client.transcript;
  },

  async direct(server) {
    const client = await server.open('/ws/rate').opened();
    await client.next('mount');
    await clickTo(client, 1);
    return client.transcript;
  },

  async attribute(server) {
    const client = await server.connect();
    await client.join('/ws/own', { attributes: { start: '4' } });
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '9' });
    await client.until(() => client.slots()[1] === 9);
    client.send({ kind: 'leave', channel: 1 });
    return client.transcript.slice(2);
  },

  async attributes(server) {
    const client = await server.connect();
    await client.askAttributes('/ws/own');
    return client.transcript.slice(2);
  },

  async need(server) {
    const client = await server.visit('/ws/rate');
    await clickTo(client, 1);
    client.send({ kind: 'need', channel: 1, version: 2, instance: 1 });
    await client.next('part');
    return client.transcript.slice(-2);
  },

  async predicted(server) {
    const client = await server.connect();
    client.send(JSON.stringify([1, 'join', '/ws/list', {}, 0, ['', 0, 'any']]));
    const { epoch } = await client.next('model', 1);
    client.send(JSON.stringify([1, 1, epoch, 1, { a: [4111879932, 4, 'r1'] }, 5]));
    await client.next('patch', 1);
    return client.transcript
      .slice(2)
      .map((text) => text.replace(/\["you","[^"]+",null,\d+\]/, '["you","c1",null,1764200000000]'));
  },

  async probe(server) {
    const client = await server.connect();
    client.send({ kind: 'probe', channel: 0 });
    await client.next('probe', 0);
    return client.transcript.slice(-2);
  },

  async templates(server) {
    return (await server.visit('/ws/showcase')).transcript.slice(-1);
  },

  async data(server) {
    const client = await server.visit('/ws/showcase');
    client.click(5, { data: { value: 'cold drink', 'target.name': 'draft' } });
    await client.next('patch');
    return client.transcript.slice(-2);
  },

  holes: (server) => choose(server, 'text', 'attribute', 'boolean', 'property', 'listener'),
  content: (server) => choose(server, 'template', 'other text', 'icon', 'raw', 'nothing'),
  lists: (server) => choose(server, 'append', 'refill', 'reverse', 'refill', 'row', 'empty', 'refill'),
  effects: (server) => choose(server, 'emit', 'emit quietly', 'provide'),

  async page(server) {
    return (await server.app.inject('/rate')).body;
  },

  async shape(server) {
    const [island] = islandsOf((await server.app.inject('/showcase')).body);
    return JSON.stringify(island?.adoption.shape);
  },

  async adopt(server) {
    const [island] = islandsOf((await server.app.inject('/rate')).body);
    const client = await server.connect();
    await client.join('/ws/rate', { have: island?.have });
    return client.transcript.slice(2);
  },

  async resume(server) {
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/rate');
    await clickTo(lost, 1);
    const have = lost.have();
    const other = await server.visit('/ws/rate');
    await lost.vanish();
    for (const count of [2, 3]) await clickTo(other, count);
    const back = await server.open().opened();
    await back.hello(session);
    await back.join('/ws/rate', { have, settled: 1 });
    await back.until(() => back.slots()[1] === 3);
    return back.transcript;
  },

  async refused(server) {
    const client = await server.visit('/ws/own');
    client.click(0, { instance: 9 });
    await client.next('patch');
    return client.transcript.slice(-2);
  },

  async error(server) {
    const client = await server.visit('/ws/own');
    await client.join('/ws/nowhere', { channel: 2 });
    return client.transcript.slice(-2);
  },

  async forbidden(server) {
    const client = await server.visit('/ws/own');
    server.app.islet.revoke((_, route) => route === '/ws/own', { redirect: '/login' });
    await client.next('error');
    return client.transcript.slice(-1);
  },

  async end(server) {
    const client = await server.connect();
    client.send('["not a frame"]');
    const { code, reason } = await client.closed;
    return [...client.transcript.slice(-2), `× ${code} ${reason}`];
  },
};

test.each(Object.keys(examples))('the example `%s` is what is sent', async (name) => {
  const capture = captures[name];
  if (!capture) throw new Error(`protocol.md has an example '${name}' that nothing captures`);
  await using server = await start();
  const captured = await capture(server);
  const text = rename(typeof captured === 'string' ? captured : captured.join('\n'));
  expect(parse(examples[name] as string)).toEqual(parse(text));
});

test('every capture is an example', () => {
  expect(Object.keys(examples).sort()).toEqual(Object.keys(captures).sort());
});

test('the close codes are those of the catalogue', () => {
  const rows = [...page.matchAll(/^\| (\d{4}) \| (.*?) \|/gm)];
  const listed = rows.flatMap(([, close, codes]) =>
    [...(codes as string).matchAll(/ISLET_\w+/g)].map(([code]) => `${close} ${code}`),
  );
  const entries = Object.keys(errorCatalogue).map((code) => `${closeCode(code as ErrorCode)} ${code}`);
  expect(listed.sort()).toEqual(entries.filter((entry) => !entry.startsWith('undefined')).sort());
});

async function clickTo(client: TestClient, count: number): Promise<void> {
  client.click();
  await client.until(() => client.slots()[1] === count);
}

/** Makes choices of the showcase one after the other; gives the patches that followed. */
async function choose(server: TestServer, ...details: string[]): Promise<readonly string[]> {
  const client = await server.visit('/ws/showcase');
  for (const detail of details) {
    client.click(7, { data: { detail } });
    await client.next('patch');
  }
  return client.transcript.filter((line) => line.startsWith('←')).slice(2);
}

/** Gives sessions and epochs the names that they have in the page. */
function rename(text: string): string {
  const sent = /"(?:mount|live)","(\w+)"|>\["(\w+)"|^→ \[\d+,\d+,"(\w+)"/gm;
  const epochs = [...text.matchAll(sent)].map(([, answered, adopted, named]) => answered ?? adopted ?? named);
  let renamed = text.replace(/(?<=")(?!ISLET)[\w-]{22}(?:[\w-]{8})?(?=")/g, 'kZ3vQ8sT1mXy7bLwR2nHcA');
  for (const epoch of epochs) renamed = renamed.replaceAll(`"${epoch}"`, '"k3v9x4qa"');
  return renamed;
}

/** Entries of an example, each with its direction; JSON is compared as values, so that lines may be broken. */
function parse(text: string): unknown[] {
  if (text.startsWith('<')) return [text];
  return text.split(/\n(?=[→←×])/).map((entry) => {
    const [, direction = '', rest = ''] = /^([→←×]? ?)(.*)$/s.exec(entry) ?? [];
    return [direction, direction.startsWith('×') ? rest : JSON.parse(rest)];
  });
}
