// A conversation as the server leads it, over a transport in memory: it needs no socket, no Fastify and no time.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { Registry } from '../server/actors/registry.ts';
import { toSettings } from '../server/options.ts';
import { Conversation } from '../server/sessions/conversation.ts';
import { Sessions } from '../server/sessions/sessions.ts';
import { createMemoryPair, type MemoryTransport } from '../server/transport/memory.ts';
import { Inspector } from '../shared/runtime/inspect.ts';
import { decodeServerFrame } from '../shared/wire/server-frames.ts';
import { ManualClock, settled } from './support/clock.ts';
import { counter } from './support/counter.ts';

const silentLog = { error() {}, warn() {}, info() {} };

let clock: ManualClock;
let inspector: Inspector;
let registry: Registry;
let sessions: Sessions;
let ended: Conversation[];

beforeEach(() => {
  clock = new ManualClock();
  const settings = toSettings({ clock });
  inspector = new Inspector();
  registry = new Registry(settings, inspector, silentLog);
  registry.add('/ws/own', counter, {});
  registry.add('/ws/rate', counter, { shared: true });
  sessions = new Sessions(settings, registry);
  ended = [];
});

afterEach(async () => {
  sessions.close();
  await registry.close();
});

interface Page {
  readonly conversation: Conversation;
  readonly client: MemoryTransport;
  readonly texts: string[];
  readonly closings: string[];
}

function open(): Page {
  const { server, client } = createMemoryPair();
  const texts: string[] = [];
  const closings: string[] = [];
  client.listen({
    onText: (text) => texts.push(text),
    onBinary() {},
    onAlive() {},
    onError() {},
    onClose: (code, reason) => closings.push(`${code} ${reason}`),
  });
  const settings = toSettings({ clock });
  const onEnd = (conversation: Conversation): void => {
    ended.push(conversation);
  };
  const conversation = new Conversation(server, null, { registry, sessions, settings, log: silentLog, onEnd });
  return { conversation, client, texts, closings };
}

/** The epoch of the island that was mounted last. */
function epochOf(texts: readonly string[]): string {
  const mount = texts.map((text) => decodeServerFrame(text)).findLast((frame) => frame?.kind === 'mount');
  return mount?.kind === 'mount' ? mount.epoch : '';
}

test('says hello, brings an island, and answers a click', async () => {
  const { conversation, client, texts } = open();
  conversation.awaitHello();
  for (const frame of ['[0,"hello",3,null,1]', '[1,"join","/ws/own",{"start":"4"},0]']) client.send(frame);
  await settled();
  expect(texts.map((text) => text.slice(0, 11))).toEqual(['[0,"hello",', '[1,"mount",']);
  client.send(`[1,1,"${epochOf(texts)}",1,1,0]`);
  await settled();
  expect(texts.slice(2)).toEqual(['[1,[1,1,5],1]']);
  client.close(1000, '');
  await settled();
  expect(ended).toEqual([conversation]);
});

test('of an island of its own nothing is kept that its page has said it has', async () => {
  const { conversation, client, texts } = open();
  conversation.awaitHello();
  for (const frame of ['[0,"hello",3,null,1]', '[1,"join","/ws/own",{"start":"4"},0]']) client.send(frame);
  await settled();
  const epoch = epochOf(texts);
  for (let number = 1; number <= 3; number++) {
    client.send(`[1,${number},"${epoch}",${number},1,0]`);
    await settled();
  }
  const [, , session] = JSON.parse(texts[0] as string);
  /** What the page gets that comes back with a version. */
  const comeBackWith = async (version: number): Promise<unknown> => {
    const again = open();
    again.conversation.awaitHello();
    again.client.send(`[0,"hello",3,"${session}",${10 - version}]`);
    again.client.send(`[1,"join","/ws/own",{"start":"4"},3,["${epoch}",${version},1]]`);
    await settled();
    return JSON.parse(again.texts[1] as string).filter(
      (_: unknown, place: number) => place === 1 || place === 3 || place > 4,
    );
  };
  // its third event said that it had version 3
  expect(await comeBackWith(4)).toEqual(['live', 4]);
  expect(await comeBackWith(3)).toEqual(['live', 4, [1, 1, 7]]);
  expect(await comeBackWith(2)).toContain('mount');
});

test('opened straight to a component begins with its island', async () => {
  const { conversation, texts, client } = open();
  conversation.joinDirectly('/ws/own', {});
  await settled();
  expect(texts.map((text) => text.slice(0, 11))).toEqual(['[1,"mount",']);
  client.terminate();
  await settled();
  expect([registry.size, sessions.size, clock.waits]).toEqual([0, 0, []]);
});

test('without a hello ends after ten seconds', async () => {
  const { conversation, texts, closings } = open();
  conversation.awaitHello();
  await clock.advance(9_999);
  expect(closings).toEqual([]);
  await clock.advance(1);
  expect(texts.map((text) => text.slice(0, 40))).toEqual(['[0,"error","ISLET_ERR_HELLO_EXPECTED","T']);
  expect(closings).toEqual(['4400 ISLET_ERR_HELLO_EXPECTED']);
  expect(ended).toEqual([conversation]);
});

test('goes on while the page answers when it is asked, and ends when it does not', async () => {
  const { conversation, client, closings } = open();
  for (let beat = 0; beat < 3; beat++) {
    conversation.checkAlive();
    await settled();
  }
  expect(conversation.isOpen).toBe(true);
  client.pause();
  conversation.checkAlive();
  await settled();
  expect(conversation.isOpen).toBe(true);
  conversation.checkAlive();
  expect(conversation.isOpen).toBe(false);
  client.resume();
  await settled();
  expect(closings).toEqual(['1006 ']);
  expect(ended).toEqual([conversation]);
});

test('shares its actor with others, each of whom gets the same frame', async () => {
  const pages = [open(), open(), open()];
  for (const { client } of pages)
    for (const text of ['[0,"hello",3,null,1]', '[1,"join","/ws/rate",{},0]']) client.send(text);
  await settled();
  const [first] = pages as [Page];
  first.client.send(`[1,1,"${epochOf(first.texts)}",1,1,0]`);
  await clock.advance(100);
  expect(pages.map(({ texts }) => texts.at(-1))).toEqual(['[1,[1,1,1],1]', '[1,[1,1,1]]', '[1,[1,1,1]]']);
  expect(registry.counters).toMatchObject({ views: 2, encodings: 1 });
});

test('leaves on its account what waits for the page, and nothing once the times have passed', async () => {
  const { client } = open();
  for (const text of ['[0,"hello",3,null,1]', '[1,"join","/ws/own",{},0]', '[2,"join","/ws/rate",{},0]'])
    client.send(text);
  await settled();
  const { budgets } = registry;
  expect(budgets.size).toBe(0);
  client.terminate();
  await settled();
  const waiting = budgets.bytesOf('address memory');
  // an actor of its own, and the shared one that only this page keeps
  expect(waiting).toBeGreaterThan(2 * 6_000);
  expect(waiting).toBeLessThan(2 * 10_000);
  await clock.advance(60_000);
  expect(budgets.bytesOf('address memory')).toBeLessThan(waiting / 2 + 1_000);
  expect([sessions.size, registry.size]).toEqual([0, 1]);
  await clock.advance(10_000);
  expect([registry.size, budgets.size]).toEqual([0, 0]);
});

test('keeps its limits however often it was asked whether its page is there', async () => {
  const { conversation, client, texts } = open();
  conversation.awaitHello();
  client.send('[0,"hello",3,null,1]');
  client.send('[1,"join","/ws/own",{},0]');
  await settled();
  const epoch = epochOf(texts);
  let number = 0;
  const { maxEventsPerSecond } = toSettings({}).limits;
  const click = async (times: number): Promise<number> => {
    texts.length = 0;
    for (let time = 0; time < times; time++) client.send(`[1,${++number},"${epoch}",1,1,0]`);
    await settled();
    return texts.join().split('ISLET_ERR_LIMIT_EVENTS').length - 1;
  };
  expect(await click(2 * maxEventsPerSecond)).toBe(0);
  conversation.checkAlive();
  await settled();
  expect(await click(1)).toBe(1);
  await clock.advance(10_000);
  conversation.checkAlive();
  await settled();
  expect(await click(2 * maxEventsPerSecond + 1)).toBe(1);
});

test('tells of each island once that it has joined, and once that it has left, however that comes', async () => {
  const told: string[] = [];
  inspector.on(['joined', 'left'], ({ kind, route, actor }) => told.push(`${kind} ${route} ${actor.split('#')[0]}`));
  const { conversation, client, texts } = open();
  conversation.awaitHello();
  client.send('[0,"hello",3,null,1]');
  for (const channel of [1, 2]) client.send(`[${channel},"join","/ws/own",{},0]`);
  client.send('[3,"join","/ws/rate",{},0]');
  await settled();
  expect(told.splice(0)).toEqual(['joined /ws/own /ws/own', 'joined /ws/own /ws/own', 'joined /ws/rate /ws/rate']);
  client.send('[1,"leave"]');
  await settled();
  expect(told.splice(0)).toEqual(['left /ws/own /ws/own']);

  // who comes back has not left
  client.terminate();
  await settled();
  const hello = decodeServerFrame(texts[0] ?? '');
  const back = open();
  back.conversation.awaitHello();
  back.client.send(`[0,"hello",3,"${hello?.kind === 'hello' && hello.session}",2]`);
  back.client.send('[2,"join","/ws/own",{},0]');
  await settled();
  expect(told).toEqual([]);
  back.client.terminate();
  await clock.advance(60_000);
  expect(told).toEqual(['left /ws/own /ws/own', 'left /ws/rate /ws/rate']);
});
