// Clients that mean harm, beside one that does not: frames that are none, frames that look right, numbers and data
// without measure, sockets that nobody reads. The honest client's clicks are all applied, and what the server keeps is
// bounded. `HOSTILE=100000 npx vitest run --project node test/hostile.test.ts` sends so many frames; the suite sends
// fewer.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { component, effect, html, keyed } from '../shared/index.ts';
import { decodeClientFrame } from '../shared/wire/client-frames.ts';
import { protocolVersion } from '../shared/wire/frames.ts';
import type { TestClient } from './support/client.ts';
import { outcomeOf, refusalsIn, refusedTo } from './support/outcomes.ts';
import { startServer, type TestServer } from './support/server.ts';

const frameCount = Number(process.env.HOSTILE ?? 5_000);
const seed = 11;

type Message =
  | { readonly type: 'PersonClicked' }
  | { readonly type: 'PersonTyped'; readonly text: string }
  | { readonly type: 'ParentSetName'; readonly name: string | null };

/** Its handlers believe what they are told: whoever makes things up makes them throw. */
const guestbook = component<{ readonly clicks: number; readonly texts: readonly string[] }, Message>({
  init: () => [{ clicks: 0, texts: [] }, effect.none],
  update(model, message) {
    if (message.type === 'PersonClicked') return [{ ...model, clicks: model.clicks + 1 }, effect.none];
    const text = message.type === 'PersonTyped' ? message.text : (message.name ?? '');
    return [{ ...model, texts: [...model.texts.slice(-9), text] }, effect.none];
  },
  view: ({ clicks, texts }) => html`
    <button @click=${{ type: 'PersonClicked' }}>${clicks}</button>
    <input @input=${({ value }) => ({ type: 'PersonTyped', text: (value as string).trim() })}>
    <button @click=${({ detail }) => ({ type: 'PersonTyped', text: `${detail}`.toUpperCase() })}></button>
    <ul>${keyed(
      texts.map((text, at) => ({ text, at })),
      ({ at }) => at,
      ({ text }) => html`<li @click=${{ type: 'PersonTyped', text: 'again' }}>${text}</li>`,
    )}</ul>`,
  attributes: { name: (text) => ({ type: 'ParentSetName', name: text }) },
});

// what a page never says, and what it might
const count = fc.oneof(
  { weight: 20, arbitrary: fc.nat(5) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(-1, 0.5, 65_535, 65_536, 1e6, 2 ** 31, Number.MAX_SAFE_INTEGER, 2 ** 53, 1e308),
  },
);
const text = fc.oneof(
  fc.constantFrom('/ws/shared', '/ws/own', '/ws/nowhere', 'name', '__proto__', 'constructor', '', '\u0000', '\ud800'),
  fc.string({ maxLength: 40 }),
);
const deep = fc.integer({ min: 1, max: 40 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)));
const data = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  deep,
  fc.record({
    value: fc.oneof(text, fc.jsonValue()),
    detail: fc.jsonValue(),
    fields: fc.jsonValue(),
    files: fc.jsonValue(),
  }),
  fc.constant({ detail: { toString: 1, valueOf: 2 } }),
);
const have = fc.tuple(text, count, count, text);
/** `@number`, `@settled` and `@epoch` stand for what would be right. */
const number = fc.oneof({ weight: 12, arbitrary: fc.constant('@number') }, { weight: 1, arbitrary: count });
const settled = fc.oneof({ weight: 12, arbitrary: fc.constant('@settled') }, { weight: 1, arbitrary: count });
const epoch = fc.oneof({ weight: 12, arbitrary: fc.constant('@epoch') }, { weight: 1, arbitrary: text });
const channel = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(1, 2) }, { weight: 1, arbitrary: count });
const frame = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(channel, number, epoch, count, count, count, data) },
  { weight: 3, arbitrary: fc.tuple(channel, number, epoch, count, count, count) },
  {
    weight: 2,
    arbitrary: fc.tuple(channel, fc.constant('join'), text, fc.option(fc.dictionary(text, text)), settled, have),
  },
  { weight: 1, arbitrary: fc.tuple(channel, fc.constant('join'), text, fc.dictionary(text, text), settled) },
  { weight: 1, arbitrary: fc.tuple(channel, fc.constant('leave')) },
  { weight: 2, arbitrary: fc.tuple(channel, fc.constant('attribute'), text, fc.option(text)) },
  { weight: 2, arbitrary: fc.tuple(channel, fc.constant('void'), number) },
  { weight: 2, arbitrary: fc.tuple(channel, fc.constant('need'), count, count) },
  { weight: 2, arbitrary: fc.tuple(channel, count) },
  { weight: 1, arbitrary: fc.constant([0, 'probe']) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant(0),
      fc.constant('hello'),
      fc.constantFrom(2, protocolVersion),
      fc.option(text),
      count,
    ),
  },
  { weight: 1, arbitrary: fc.array(fc.jsonValue()) },
);
const hostile = fc.oneof(
  { weight: 20, arbitrary: frame.map((each) => JSON.stringify(each)) },
  { weight: 1, arbitrary: fc.string() },
);

/** One who sends whatever it is given, over one connection after the other. Gives the codes that it met. */
async function harm(server: TestServer, frames: readonly string[]): Promise<Set<string>> {
  let client: TestClient | undefined;
  let numbers = new Map<unknown, number>();
  const codes = new Set<string>();
  const note = (): void => {
    for (const frame of client?.rest() ?? []) {
      if (frame.kind === 'error') codes.add(frame.code);
      else if (frame.kind === 'patch') for (const { code } of refusalsIn(frame.operations)) codes.add(code);
    }
  };
  for (const [index, each] of frames.entries()) {
    if (client === undefined || client.socket.readyState !== client.socket.OPEN) {
      note();
      client = await server.open().opened();
      numbers = new Map();
      await client.hello();
      await client.join('/ws/shared');
      client.send({ kind: 'join', channel: 2, route: '/ws/own', attributes: {}, settled: 0, have: undefined });
    }
    const said = toSaid(each, client, numbers);
    client.send(said);
    // what may end the connection is waited for, so that what follows is not sent in vain
    const decoded = decodeClientFrame(said, { maxDepth: 16 });
    const mayEnd =
      decoded === null || typeof decoded === 'string' || decoded.kind === 'hello' || !each.includes('@number');
    if (mayEnd) await Promise.race([client.closed, client.handled()]);
    else if (index % 20 === 0) await new Promise(setImmediate);
  }
  note();
  await client?.close();
  return codes;
}

/** Puts what is right in the places that were left for it. */
function toSaid(each: string, client: TestClient, numbers: Map<unknown, number>): string {
  const channel = Number(/^\[(\d+),/.exec(each)?.[1]);
  const last = numbers.get(channel) ?? 0;
  if (each.includes('"@number"')) numbers.set(channel, last + 1);
  return each
    .replace('"@number"', String(last + 1))
    .replace('"@settled"', String(last))
    .replace('@epoch', client.have(channel)[0]);
}

test('an honest client is served as ever, and nothing piles up', { timeout: 600_000 }, async () => {
  await using server = await startServer(
    (app) => {
      app.islet.route('/ws/shared', guestbook, { shared: true });
      app.islet.route('/ws/own', guestbook);
    },
    { limits: { maxEventsPerSecond: 100_000, maxDetachedIslands: 50 }, maxFramesPerSecond: 200 },
  );
  const honest = await server.visit('/ws/shared');
  const enemies = 5;
  const frames = fc.sample(hostile, { numRuns: frameCount, seed });
  let isOver = false;
  const attack = Promise.all(
    Array.from({ length: enemies }, (_, enemy) =>
      harm(
        server,
        frames.filter((_, index) => index % enemies === enemy),
      ),
    ),
  ).finally(() => {
    isOver = true;
  });

  let clicks = 0;
  let clicksByOthers = 0;
  let most = 0;
  while (!isOver) {
    honest.click();
    clicks++;
    while (((await honest.next('patch')).event ?? 0) < clicks);
    most = Math.max(most, server.app.islet.size.actors);
    clicksByOthers = (honest.slots()[1] as number) - clicks;
  }
  const codes = new Set((await attack).flatMap((each) => [...each]));
  // they came as far as the component, and did not only talk to the decoder
  expect([...codes]).toEqual(
    expect.arrayContaining([
      'ISLET_ERR_FRAME_MALFORMED',
      'ISLET_ERR_FRAME_TOO_DEEP',
      'ISLET_ERR_JOIN_TWICE',
      'ISLET_ERR_EVENT_UNKNOWN_TARGET',
      'ISLET_ERR_MESSAGE_REFUSED',
    ]),
  );
  expect(refusedTo(honest)).toEqual([]);
  expect(clicks).toBeGreaterThan(10);
  // others may have clicked, too; nobody can take a click away
  expect(clicksByOthers).toBeGreaterThanOrEqual(0);
  expect(honest.slots()[1]).toBe(clicks + clicksByOthers);
  expect(honest.socket.readyState).toBe(honest.socket.OPEN);

  // islands of those who are away, one for each enemy, and the shared one
  expect(most).toBeLessThanOrEqual(50 + enemies * 20 + 1);
  await expect.poll(() => server.app.islet.size.connections).toBe(1);
  expect(server.app.islet.size.actors).toBeLessThanOrEqual(50 + 1);
  expect(server.app.islet.counters.failures).toBe(0);
  // what a handler throws at made-up data is a refusal, and no failure of the server
  expect(server.errors.filter(({ msg }) => !msg.includes('did not take an event'))).toEqual([]);
});

test('fifty who never read keep nobody waiting, and no more than so many bytes', { timeout: 60_000 }, async () => {
  const blob = component<number, { readonly type: 'PersonClicked' }>({
    init: () => [0, effect.none],
    update: (clicks) => [clicks + 1, effect.none],
    view: (clicks) => html`<button @click=${{ type: 'PersonClicked' }}>${String(clicks).padEnd(100_000, '.')}</button>`,
  });
  const maxBufferedBytes = 200_000;
  await using server = await startServer((app) => app.islet.route('/ws/blob', blob, { shared: true }), {
    maxFramesPerSecond: Number.POSITIVE_INFINITY,
    limits: { maxBufferedBytes, maxEventsPerSecond: 10_000, maxUnacknowledgedFrames: 10_000 },
  });
  const honest = await server.visit('/ws/blob');
  const deaf = await Promise.all(Array.from({ length: 50 }, () => server.visit('/ws/blob')));
  for (const client of deaf) client.socket.pause();
  for (let click = 1; click <= 100; click++) {
    honest.click();
    await outcomeOf(honest, click);
    // they go on asking
    for (const client of deaf) if (click <= 20) client.click();
  }
  await honest.handled();
  expect(Math.max(...server.buffered())).toBeLessThan(maxBufferedBytes + 2 * 100_100);
  const clicksOf = (client: TestClient): number => Number.parseInt(String(client.slots()[1]), 10);
  // who reads no answers is heard no more
  expect(clicksOf(honest)).toBeLessThan(100 + 50 * 20);
  // and is where everybody is when it reads again
  for (const client of deaf) client.socket.resume();
  for (const client of [honest, ...deaf]) await client.until(() => clicksOf(client) === 100 + 50 * 20);
});
