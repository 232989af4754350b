// One actor, many who look: it renders and encodes once for all of them, not more often than a screen can show, and
// nobody has to wait for a slow one. What was done is counted by `app.islet.counters`.

import { describe, expect, test } from 'vitest';
import { type Component, component, effect, html } from '../shared/index.ts';
import { encodeClientFrame } from '../shared/wire/client-frames.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const atOnce = { maxFramesPerSecond: Number.POSITIVE_INFINITY };

/** What was counted while `act` ran. */
async function counted(server: TestServer, act: () => Promise<unknown>): Promise<Record<string, number>> {
  const names = ['views', 'encodings', 'frames', 'failures', 'droppedEvents'] as const;
  const before = { ...server.app.islet.counters };
  await act();
  const { counters } = server.app.islet;
  return Object.fromEntries(names.map((name) => [name, counters[name] - before[name]]));
}

describe('a hundred pages on one actor', () => {
  test('cost one view and one encoding a change; all get the same bytes', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), atOnce);
    const pages = await Promise.all(Array.from({ length: 100 }, () => server.visit('/ws/rate')));
    const [first] = pages as [TestClient];
    expect(server.app.islet.size).toEqual({ actors: 1, sessions: 100, connections: 100 });
    expect(server.app.islet.counters.views).toBe(1);

    const counts = await counted(server, async () => {
      first.click();
      await Promise.all(pages.map((page) => page.until(() => page.slots()[1] === 1)));
    });
    expect(counts).toEqual({ views: 1, encodings: 1, frames: 100, failures: 0, droppedEvents: 0 });
    // the one who clicked also hears that its event has arrived, in the same frame
    expect(first.texts.slice(2)).toEqual(['[1,[1,1,1],1]']);
    expect(new Set(pages.slice(1).flatMap((page) => page.texts.slice(2)))).toEqual(new Set(['[1,[1,1,1]]']));
  });

  test('that give the island different channels still cost one encoding', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), atOnce);
    const page = await server.visit('/ws/rate');
    const other = await server.connect();
    for (const channel of [3, 4, 500]) await other.join('/ws/rate', { channel });
    const counts = await counted(server, async () => {
      page.click();
      await other.until(() => [3, 4, 500].every((channel) => other.slots(channel)[1] === 1));
    });
    expect(counts).toMatchObject({ views: 1, encodings: 1, frames: 4 });
    expect(other.texts.slice(-3).sort()).toEqual(['[3,[1,1,1]]', '[4,[1,1,1]]', '[500,[1,1,1]]']);
  });
});

describe('a message that is refused', () => {
  type Message = { readonly type: 'PersonCounted' | 'PersonBrokeUpdate' | 'PersonBrokeView' };
  const breakable = component<number, Message>({
    init: () => [0, effect.none],
    update(count, { type }) {
      if (type === 'PersonBrokeUpdate') throw new Error('update throws');
      return [type === 'PersonBrokeView' ? -1 : count + 1, effect.emit('counted', count)];
    },
    view(count) {
      if (count < 0) throw new Error('view throws');
      return html`
        <button @click=${{ type: 'PersonCounted' }}>${count}</button>
        <button @click=${{ type: 'PersonBrokeUpdate' }}></button>
        <button @click=${{ type: 'PersonBrokeView' }}></button>
        <button @click=${() => {
          throw new Error('handler throws');
        }}></button>`;
    },
  });

  test('costs a thousand others who look no frame; what came with it costs them one', { timeout: 60_000 }, async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/rate', breakable, { shared: true }), {
      clock,
    });
    const pages = await Promise.all(Array.from({ length: 1_000 }, () => server.visit('/ws/rate')));
    const [first, second] = pages as [TestClient, TestClient];
    await clock.advance(1_000);
    for (const page of pages) page.rest();

    const refusals = await counted(server, async () => {
      for (const hole of [2, 3, 4, 9]) {
        first.click(hole);
        const answer = first.next('patch');
        await first.handled();
        await clock.advance(20);
        expect((await answer).operations.map(([kind]) => kind)).toEqual(['refused']);
      }
    });
    expect(refusals).toMatchObject({ encodings: 0, frames: 4, failures: 0, droppedEvents: 4 });
    await Promise.all(pages.slice(1).map((page) => page.handled()));
    for (const page of pages.slice(1)) expect(page.rest()).toEqual([]);

    // in one turn, which waits since there has just been a patch: the refused one is told, the others are shown
    first.click(0);
    await Promise.all(pages.map((page) => page.until(() => page.slots()[1] === 1)));
    const mixed = await counted(server, async () => {
      first.click(0);
      second.click(3);
      first.click(0);
      await Promise.all([first.handled(), second.handled()]);
      await clock.advance(20);
      await Promise.all(pages.map((page) => page.until(() => page.slots()[1] === 3)));
    });
    expect(mixed).toMatchObject({ encodings: 1, frames: 1_000, failures: 0, droppedEvents: 1 });
    expect(second.texts.at(-1)).toMatch(/^\[1,.*\[1,1,3\],.*\["refused",1,"ISLET_ERR_MESSAGE_REFUSED",.*\],1\]$/);
  });
});

describe('how often there is a patch', () => {
  test('no more than so many a second when several look; the last state is shown', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      clock,
      maxFramesPerSecond: 50,
    });
    const [one, other] = [await server.visit('/ws/rate'), await server.visit('/ws/rate')];
    await clock.advance(20);
    const counts = await counted(server, async () => {
      for (let round = 1; round <= 3; round++) {
        for (let count = 0; count < 20; count++) one.click();
        for (let count = 0; count < 20; count++) other.click();
        await Promise.all([one.handled(), other.handled()]);
        await clock.advance(19);
        await Promise.all([one.handled(), other.handled()]);
        await clock.advance(1);
        await one.until(() => one.slots()[1] === 40 * round);
        await other.until(() => other.slots()[1] === 40 * round);
      }
    });
    // the first click of all is shown at once, then each 20 ms what has come together
    expect(counts).toMatchObject({ views: 4, encodings: 4 });
  });

  test('once for the messages of one step', async () => {
    type Message = { readonly type: 'UserClicked' } | { readonly type: 'EffectCounted' };
    const eager = component<number, Message>({
      init: () => [0, effect.none],
      update: (count, message) => [
        count + 1,
        message.type === 'EffectCounted'
          ? effect.none
          : effect.from<Message>((dispatch) => {
              for (let times = 0; times < 5; times++) dispatch({ type: 'EffectCounted' });
            }),
      ],
      view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/own', eager));
    const page = await server.visit('/ws/own');
    const counts = await counted(server, async () => {
      page.click();
      await page.handled();
    });
    // a run starts when the click has been shown; what it dispatches is the next turn
    expect(counts).toMatchObject({ views: 2, encodings: 2, frames: 2 });
    expect(page.texts.slice(-2)).toEqual(['[1,[1,1,1],1]', '[1,[1,1,6]]']);
  });

  test('none when nothing is to be seen: who clicked hears that it arrived, the others nothing', async () => {
    const modest = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count > 2 ? 'many' : 'few'}</button>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/x', modest, { shared: true }), atOnce);
    const [one, other] = [await server.visit('/ws/x'), await server.visit('/ws/x')];
    for (let count = 1; count <= 2; count++) {
      one.click();
      expect(await one.next('patch')).toEqual({ kind: 'patch', channel: 1, operations: [], event: count });
    }
    await other.handled();
    expect(other.rest()).toEqual([]);
    one.click();
    expect(await other.next('patch')).toEqual({
      kind: 'patch',
      channel: 1,
      operations: [[1, 1, 'many']],
      event: undefined,
    });
    expect(other.version()).toBe(one.version());
  });
});

/** Bytes that wait in the fullest socket of a server. */
function mostBuffered(server: TestServer): number {
  return Math.max(0, ...server.buffered());
}

describe('a page that does not keep up', () => {
  // so long that a few dozen fill what the operating system buffers, and change each time
  const blob: Component<number, { readonly type: 'UserClicked' }, unknown> = component<
    number,
    { readonly type: 'UserClicked' }
  >({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.none],
    view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${String(count).padEnd(100_000, '.')}</button>`,
  });
  const countOf = (page: TestClient): number => Number.parseInt(String(page.slots()[1]), 10);

  test('is sent no more while its socket is full, then the present state; nobody waits for it', async () => {
    const limits = { maxBufferedBytes: 300_000, maxEventsPerSecond: 10_000 };
    await using server = await startServer((app) => app.islet.route('/ws/blob', blob, { shared: true }), {
      ...atOnce,
      limits,
    });
    const quick = await server.visit('/ws/blob');
    const slow = await server.visit('/ws/blob');
    slow.socket.pause();
    const changes = 300;
    let mostWaiting = 0;
    for (let count = 1; count <= changes; count++) {
      quick.click();
      await quick.until(() => countOf(quick) === count);
      mostWaiting = Math.max(mostWaiting, mostBuffered(server));
    }
    expect(quick.frames).toHaveLength(2 + changes);
    expect(mostWaiting).toBeGreaterThan(limits.maxBufferedBytes);
    expect(mostWaiting).toBeLessThan(limits.maxBufferedBytes + 2 * 100_100);

    slow.socket.resume();
    await slow.until(() => countOf(slow) === changes);
    expect(slow.frames.length).toBeLessThan(changes);
    expect(slow.frames.at(-1)?.kind).toBe('mount'); // the missing patches were too many to keep

    quick.click();
    await slow.until(() => countOf(slow) === changes + 1);
    expect(slow.frames.at(-1)?.kind).toBe('patch');
    expect(slow.version()).toBe(quick.version());
  });

  test('is heard no more while its socket is full, then to the end: answers do not pile up', async () => {
    const limits = { maxBufferedBytes: 100_000, maxIslands: 1_000_000 };
    await using server = await startServer(() => {}, { limits });
    const greedy = await server.connect();
    greedy.socket.pause();
    const joins = 200_000;
    const frame = encodeClientFrame({
      kind: 'join',
      channel: 1,
      route: '/nowhere',
      attributes: {},
      settled: 0,
      have: undefined,
    });
    for (let count = 0; count < joins; count++) greedy.socket.send(frame);
    await expect.poll(() => mostBuffered(server), { timeout: 30_000 }).toBeGreaterThan(limits.maxBufferedBytes);
    const other = await server.connect();
    for (let count = 0; count < 20; count++) await other.handled();
    // besides what was received in one go
    expect(mostBuffered(server)).toBeLessThan(limits.maxBufferedBytes + 500_000);
    greedy.socket.resume();
    await greedy.until(() => greedy.frames.length === 1 + joins);
  });

  test('is sent one patch when its socket has room again, where the missing ones are kept', async () => {
    const limits = { maxBufferedBytes: 300_000, maxEventsPerSecond: 10_000, maxHistoryBytes: 8_000_000 };
    await using server = await startServer((app) => app.islet.route('/ws/blob', blob, { shared: true }), {
      ...atOnce,
      limits,
    });
    const quick = await server.visit('/ws/blob');
    const slow = await server.visit('/ws/blob');
    slow.socket.pause();
    const changes = 300;
    for (let count = 1; count <= changes; count++) {
      quick.click();
      await quick.until(() => countOf(quick) === count);
    }
    slow.socket.resume();
    await slow.until(() => countOf(slow) === changes);
    expect(slow.frames.length).toBeLessThan(changes);
    expect(slow.frames.at(-1)?.kind).toBe('live');
    expect(slow.frames.filter(({ kind }) => kind === 'live')).toHaveLength(1);
    expect(slow.version()).toBe(quick.version());
  });

  test('and joins all the same is answered when there is room, or not at all if it left', async () => {
    const limits = { maxBufferedBytes: 300_000 };
    await using server = await startServer((app) => app.islet.route('/ws/blob', blob, { shared: true }), {
      ...atOnce,
      limits,
    });
    const greedy = await server.connect();
    greedy.socket.pause();
    for (let channel = 1; channel <= 150; channel++) {
      greedy.send({ kind: 'join', channel, route: '/ws/blob', attributes: {}, settled: 0, have: undefined });
      if (channel < 150) greedy.send({ kind: 'leave', channel });
    }
    const other = await server.visit('/ws/blob');
    await expect.poll(() => server.app.islet.counters.frames).toBeGreaterThan(10);
    await other.handled();
    expect(mostBuffered(server)).toBeLessThan(limits.maxBufferedBytes + 2 * 100_500);
    greedy.socket.resume();
    await greedy.next('mount', 150);
    await greedy.handled();
    expect(greedy.frames.length).toBeLessThan(150);
    other.click();
    await greedy.until(() => String(greedy.slots(150)[1]).startsWith('1.'));
  });

  test('is sent no more when it acknowledges nothing, then what is missing', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      ...atOnce,
      limits: { maxUnacknowledgedFrames: 64 },
    });
    const quick = await server.visit('/ws/rate');
    const silent = await server.visit('/ws/rate');
    silent.rest();
    for (let count = 1; count <= 71; count++) {
      quick.click();
      await quick.until(() => quick.slots()[1] === count);
    }
    await silent.handled();
    expect(silent.rest()).toHaveLength(64);
    expect(silent.slots()[1]).toBe(64);

    // one that has read little of what was sent gets no more to read
    silent.send({ kind: 'ack', channel: 1, version: silent.version() - 32 });
    await silent.handled();
    expect(silent.rest()).toEqual([]);

    silent.send({ kind: 'ack', channel: 1, version: silent.version() });
    await silent.until(() => silent.slots()[1] === 71);
    expect(silent.rest().map(({ kind }) => kind)).toEqual(['live']);
    expect(silent.version()).toBe(quick.version());

    // and from there on what is not acknowledged is counted anew
    for (let count = 72; count < 71 + 64; count++) {
      quick.click();
      await silent.until(() => silent.slots()[1] === count);
    }
    expect(silent.version()).toBe(quick.version());
  });

  test('is sent a thousand changes as the few bytes that they come to', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      ...atOnce,
      limits: { maxUnacknowledgedFrames: 64, maxEventsPerSecond: 10_000 },
    });
    const quick = await server.visit('/ws/rate');
    const silent = await server.visit('/ws/rate');
    const missed = 1_000;
    for (let count = 1; count <= 64 + missed; count++) {
      quick.click();
      await quick.until(() => quick.slots()[1] === count);
    }
    await silent.handled();
    const { length } = silent.texts;
    silent.send({ kind: 'ack', channel: 1, version: silent.version() });
    await silent.until(() => silent.slots()[1] === 64 + missed);
    const [live, ...others] = silent.texts.slice(length) as [string, ...string[]];
    expect(others).toEqual([]);
    expect(live).toMatch(/^\[1,"live",.*,\[1,1,1064\]\]$/);
    expect(live.length).toBeLessThan(50);
    expect(silent.version()).toBe(quick.version());
  });

  test('is sent nothing between what it has and what it misses, even if something is due just then', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      clock,
      maxFramesPerSecond: 50,
      limits: { maxUnacknowledgedFrames: 64 },
    });
    const quick = await server.visit('/ws/rate');
    const silent = await server.visit('/ws/rate');
    for (let count = 1; count <= 70; count++) {
      quick.click();
      await quick.handled();
      await clock.advance(20);
      await quick.until(() => quick.slots()[1] === count);
    }
    await silent.handled();
    silent.rest();
    quick.click();
    await quick.handled();
    silent.send({ kind: 'ack', channel: 1, version: silent.version() });
    await silent.until(() => silent.slots()[1] === 71);
    expect(silent.rest().map(({ kind }) => kind)).toEqual(['live']);
    expect(silent.version()).toBe(quick.version());
  });

  test('is rendered for only as often as a turn must end until it has caught up, if nobody else looks', async () => {
    const source = new EventTarget();
    const feed = component<number, { readonly type: 'SourceTicked' }>({
      init: () => [
        0,
        effect.from((dispatch, { signal }) => {
          source.addEventListener('tick', () => dispatch({ type: 'SourceTicked' }), { signal });
        }),
      ],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<b>${count}</b>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/feed', feed), {
      ...atOnce,
      limits: { maxUnacknowledgedFrames: 64 },
    });
    const silent = await server.visit('/ws/feed');
    const tick = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count++) {
        source.dispatchEvent(new Event('tick'));
        await new Promise(setImmediate);
      }
      await silent.handled();
    };
    await tick(65);
    expect(silent.slots()[0]).toBe(64);
    const counts = await counted(server, () => tick(1_000));
    // after 256 messages, or 250 ms
    expect(counts.views).toBeGreaterThanOrEqual(3);
    expect(counts.views).toBeLessThan(10);
    expect(counts.frames).toBe(0);

    silent.rest();
    silent.send({ kind: 'ack', channel: 1, version: silent.version() });
    await silent.until(() => silent.slots()[0] === 1_065);
    expect(silent.rest().map(({ kind }) => kind)).toEqual(['live']);
    await tick(1);
    expect(silent.slots()[0]).toBe(1_066);
  });

  test('that acknowledges what it was never sent gains nothing by it', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      ...atOnce,
      limits: { maxUnacknowledgedFrames: 64 },
    });
    const quick = await server.visit('/ws/rate');
    const boastful = await server.visit('/ws/rate');
    boastful.rest();
    boastful.send({ kind: 'ack', channel: 1, version: 10_000 });
    await boastful.handled();
    for (let count = 1; count <= 71; count++) {
      quick.click();
      await quick.until(() => quick.slots()[1] === count);
    }
    await boastful.handled();
    expect(boastful.rest()).toHaveLength(64);
    for (const version of [0, 1, 10_000]) boastful.send({ kind: 'ack', channel: 1, version });
    await boastful.handled();
    expect(boastful.rest()).toEqual([]);
  });
});
