// What one client makes a server keep has a budget in bytes, of which its own oldest goes first: islands that wait for
// it, shared actors that it started, frames that it does not read. What others have stays.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverComponent } from '../server/index.ts';
import { type Booking, Budgets, type Kept } from '../server/limits/budgets.ts';
import { component, effect, html } from '../shared/index.ts';
import { islandsOf } from './support/adoption.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { startServer, type TestServer } from './support/server.ts';

const noCaps = {
  islands: Number.POSITIVE_INFINITY,
  actors: Number.POSITIVE_INFINITY,
  unread: Number.POSITIVE_INFINITY,
};

describe('an account', () => {
  function start(maxBytes: number, maxCounts = noCaps) {
    const budgets = new Budgets({ maxBytes, maxCounts });
    const released: string[] = [];
    const book = (client: string, name: string, bytes: number, kind: Kept = 'actors', count = 1): Booking =>
      budgets.book(client, { kind, bytes, count, release: () => released.push(name) });
    return { budgets, released, book };
  }

  test('gives up its own oldest, of whatever kind, and never what is on another', () => {
    const { budgets, released, book } = start(100);
    book('stranger', 'quiet', 90);
    book('enemy', 'first', 40, 'islands');
    book('enemy', 'second', 40, 'unread');
    book('enemy', 'third', 40);
    expect(released).toEqual(['first']);
    book('enemy', 'fourth', 70);
    expect(released).toEqual(['first', 'second', 'third']);
    expect([budgets.bytesOf('enemy'), budgets.bytesOf('stranger')]).toEqual([70, 90]);
  });

  test('keeps nothing that is too big by itself', () => {
    const { budgets, released, book } = start(100);
    const booking = book('one', 'big', 101);
    expect(released).toEqual(['big']);
    booking.end();
    booking.resize(5);
    expect(budgets.size).toBe(0);
  });

  test('counts what grows, and no longer what has ended', () => {
    const { budgets, released, book } = start(100);
    const first = book('one', 'first', 40);
    const second = book('one', 'second', 40);
    first.end();
    first.end();
    second.resize(100);
    expect([budgets.bytesOf('one'), released]).toEqual([100, []]);
    book('one', 'third', 1);
    expect([budgets.bytesOf('one'), released]).toEqual([1, ['second']]);
  });

  test('ends with the last thing on it', () => {
    const { budgets, book } = start(100);
    const holdings = [book('one', 'first', 10), book('two', 'second', 0)];
    expect(budgets.size).toBe(2);
    for (const booking of holdings) booking.end();
    expect(budgets.size).toBe(0);
  });

  test('with most of a kind gives up its oldest of it, where all together have too many', () => {
    const { released, book } = start(1_000, { ...noCaps, islands: 12 });
    book('stranger', 'old', 1, 'islands', 2);
    book('enemy', 'an actor', 1);
    for (const name of ['a', 'b', 'c', 'd']) book('enemy', name, 1, 'islands', 2);
    expect(released).toEqual([]);
    book('another', 'new', 1, 'islands', 4);
    expect(released).toEqual(['a']);
  });

  test('is never over its budget, and takes nothing from another, whatever happens in whatever order', () => {
    const client = fc.constantFrom('a', 'b', 'c');
    const action = fc.oneof(
      fc.record({ do: fc.constant('book' as const), client, bytes: fc.nat(60) }),
      fc.record({ do: fc.constant('resize' as const), at: fc.nat(30), bytes: fc.nat(120) }),
      fc.record({ do: fc.constant('end' as const), at: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const budgets = new Budgets({ maxBytes: 100, maxCounts: noCaps });
        const kept: { client: string; bytes: number; booking: Booking | undefined; isKept: boolean }[] = [];
        let acting = '';
        for (const each of actions) {
          if (each.do === 'book') {
            acting = each.client;
            const one = {
              client: each.client,
              bytes: each.bytes,
              booking: undefined as Booking | undefined,
              isKept: true,
            };
            kept.push(one);
            const release = (): void => {
              expect(one.client).toBe(acting);
              // the oldest of its client
              expect(kept.find(({ client, isKept }) => client === acting && isKept)).toBe(one);
              one.isKept = false;
            };
            one.booking = budgets.book(each.client, { kind: 'actors', bytes: each.bytes, release });
          } else {
            const one = kept[each.at % Math.max(1, kept.length)];
            if (!one) continue;
            acting = one.client;
            if (each.do === 'end') {
              one.isKept = false;
              one.booking?.end();
            } else {
              if (one.isKept) one.bytes = each.bytes;
              one.booking?.resize(each.bytes);
            }
          }
          for (const name of ['a', 'b', 'c']) {
            const own = kept.filter(({ client, isKept }) => client === name && isKept);
            const bytes = own.reduce((sum, one) => sum + one.bytes, 0);
            expect(budgets.bytesOf(name)).toBe(bytes);
            expect(bytes).toBeLessThanOrEqual(100);
          }
        }
        for (const { booking } of kept) booking?.end();
        expect(budgets.size).toBe(0);
      }),
    );
  });
});

type Padded = { readonly type: 'UserClicked' } | { readonly type: 'UserWrote'; readonly text: string };

/** A room with as much in it as somebody writes. */
const room = component<string, Padded>({
  init: () => ['', effect.none],
  update: (text, message) => [message.type === 'UserWrote' ? message.text : `${text}.`, effect.none],
  view: (text) => html`
    <button @click=${{ type: 'UserClicked' }}>${text}</button>
    <input @input=${({ value }) => ({ type: 'UserWrote', text: String(value) })}>`,
});
const [shown, written] = [1, 2];

async function from(server: TestServer, address: string, session: string | null = null) {
  const page = await server.open('/islet', { localAddress: address }).opened();
  return { page, session: await page.hello(session) };
}

/** Joins a room, does something in it, and leaves. */
async function makeRoom(page: TestClient, name: string, text = 'x', channel = 1): Promise<void> {
  await page.join(`/ws/room/${name}`, { channel });
  page.click(written, { channel, data: { value: text } });
  await page.until(() => page.slots(channel)[shown] === text);
  page.send({ kind: 'leave', channel });
  await page.handled();
}

const declare: Parameters<typeof startServer>[0] = (app) => {
  app.islet.route('/ws/room/:id', room, { shared: true });
  app.islet.route('/ws/own', room);
  app.get('/page/:id', ({ params }, reply) =>
    reply.html(html`${serverComponent({ route: `/ws/room/${(params as { id: string }).id}` })}`),
  );
};

const [enemy, stranger] = ['127.0.0.1', '127.0.0.2'];

describe('rooms that somebody opens and leaves', () => {
  test.each<[string, object, number]>([
    ['within its bytes', { maxBytesPerClient: 70_000 }, 11],
    ['and by count, as a last resort', { maxIdleActors: 10 }, 10],
  ])('push each other out, %s, and no stranger’s quiet room', async (_, limits, most) => {
    await using server = await startServer(declare, { limits });
    const { page: quiet } = await from(server, stranger);
    await makeRoom(quiet, 'quiet', 'kept');
    const { page } = await from(server, enemy);
    for (let id = 0; id < 40; id++) await makeRoom(page, `room${id}`);
    expect(server.app.islet.size.actors).toBeGreaterThan(3);
    expect(server.app.islet.size.actors).toBeLessThanOrEqual(most + 1);
    await page.join('/ws/room/room39');
    expect(page.slots()[shown]).toBe('x');
    await page.join('/ws/room/room0', { channel: 2 });
    expect(page.slots(2)[shown]).toBe(null);
    await quiet.join('/ws/room/quiet');
    expect(quiet.slots()[shown]).toBe('kept');
  });

  test('are no more than one when it is the same again and again', async () => {
    await using server = await startServer(declare, { limits: { maxBytesPerClient: 70_000 } });
    const { page } = await from(server, enemy);
    await makeRoom(page, 'kept', 'kept');
    for (let round = 0; round < 40; round++) await makeRoom(page, 'same');
    await page.join('/ws/room/kept');
    expect(page.slots()[shown]).toBe('kept');
  });

  test('count by what is in them', async () => {
    await using server = await startServer(declare, { limits: { maxBytesPerClient: 600_000 } });
    const { page } = await from(server, enemy);
    for (let id = 0; id < 10; id++) await makeRoom(page, `room${id}`, 'x'.repeat(30_000));
    expect(server.app.islet.size.actors).toBeLessThan(8);
    expect(server.app.islet.size.actors).toBeGreaterThan(0);
  });

  test('by many requests for pages are those of who asked for the pages', async () => {
    await using server = await startServer(declare, { limits: { maxBytesPerClient: 70_000 } });
    const { page: quiet } = await from(server, stranger);
    await makeRoom(quiet, 'quiet', 'kept');
    for (let id = 0; id < 40; id++) await server.app.inject(`/page/room${id}`);
    await expect.poll(() => server.app.islet.size.actors).toBeLessThanOrEqual(12);
    await quiet.join('/ws/room/quiet');
    expect(quiet.slots()[shown]).toBe('kept');
  });

  test('that others look at stay, whoever opened them', async () => {
    await using server = await startServer(declare, { limits: { maxBytesPerClient: 70_000 } });
    const { page } = await from(server, enemy);
    await makeRoom(page, 'used', 'kept');
    const { page: guest } = await from(server, stranger);
    await guest.join('/ws/room/used');
    for (let id = 0; id < 40; id++) await makeRoom(page, `room${id}`);
    guest.click(0);
    await guest.until(() => guest.slots()[shown] === 'kept.');
  });

  test('end soon where nothing was changed in them', async () => {
    const clock = new ManualClock();
    await using server = await startServer(declare, { clock, idleMs: 60_000, unchangedIdleMs: 5_000 });
    const { page } = await from(server, enemy);
    await page.join('/ws/room/looked-at');
    page.send({ kind: 'leave', channel: 1 });
    await makeRoom(page, 'changed');
    await clock.advance(4_999);
    expect(server.app.islet.size.actors).toBe(2);
    await clock.advance(1);
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(54_999);
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(1);
    expect(server.app.islet.size.actors).toBe(0);
  });

  test('stay as long as ever where something changes after they were left', async () => {
    const clock = new ManualClock();
    const ticking = component<number, { readonly type: 'TimerTicked' }>({
      init: () => [0, effect.after(3_000, { type: 'TimerTicked' })],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count}</p>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/ticking', ticking, { shared: true }), {
      clock,
      idleMs: 60_000,
      unchangedIdleMs: 5_000,
    });
    const page = await server.visit('/ws/ticking');
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(20_000);
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(60_000);
    expect(server.app.islet.size.actors).toBe(0);
  });
});

describe('islands that wait for their clients', () => {
  /** A page with islands whose connection is lost. */
  async function lose(server: TestServer, address: string, islands: number, text = 'x'): Promise<string> {
    const { page, session } = await from(server, address);
    for (let channel = 1; channel <= islands; channel++) {
      await page.join('/ws/own', { channel });
      page.click(written, { channel, data: { value: text } });
      await page.until(() => page.slots(channel)[shown] === text);
    }
    const { connections } = server.app.islet.size;
    await page.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(connections - 1);
    return session;
  }

  /** One that is not known any more cannot say what became of its events. */
  const isKept = async (server: TestServer, address: string, session: string): Promise<boolean> => {
    const { page } = await from(server, address, session);
    const answer = await page.join('/ws/own', { channel: 99 });
    return answer.kind === 'mount' && answer.event >= 0;
  };

  test.each<[string, object, number]>([
    ['within its bytes', { maxBytesPerClient: 200_000 }, 26],
    ['and by count, as a last resort', { maxDetachedIslands: 24 }, 24],
  ])('push each other out, %s, and no stranger’s', async (_, limits, most) => {
    await using server = await startServer(declare, { limits });
    const quiet = await lose(server, stranger, 2);
    const sessions: string[] = [];
    for (let round = 0; round < 12; round++) sessions.push(await lose(server, enemy, 4));
    expect(server.app.islet.size.actors).toBeGreaterThan(10);
    expect(server.app.islet.size.actors).toBeLessThanOrEqual(most + 2);
    expect(await isKept(server, enemy, sessions[0] ?? '')).toBe(false);
    expect(await isKept(server, enemy, sessions[11] ?? '')).toBe(true);
    expect(await isKept(server, stranger, quiet)).toBe(true);
  });

  test('count by what is in them, and by the attributes that they were told', async () => {
    const named = { ...room, attributes: { name: (text: string | null) => ({ type: 'UserWrote', text: text ?? '' }) } };
    await using server = await startServer(
      (app) => {
        declare(app);
        app.islet.route('/ws/named', component({ ...named, view: () => html`<p></p>` } as never));
      },
      { limits: { maxBytesPerClient: 100_000 } },
    );
    const big = await lose(server, enemy, 1, 'x'.repeat(55_000));
    expect(await isKept(server, enemy, big)).toBe(false);

    const { page, session } = await from(server, enemy);
    for (let channel = 1; channel <= 8; channel++) {
      await page.join('/ws/named', { channel, attributes: { name: 'x'.repeat(16_000) } });
    }
    await page.vanish();
    await expect.poll(() => server.app.islet.size.sessions).toBe(1);
    expect(await isKept(server, enemy, session)).toBe(false);
  });

  test('keep shared actors from being released, which counts, too: each has its share', async () => {
    await using server = await startServer(declare, { limits: { maxBytesPerClient: 300_000 } });
    const { page: writer } = await from(server, stranger);
    await writer.join('/ws/room/big');
    writer.click(written, { data: { value: 'x'.repeat(40_000) } });
    await writer.until(() => String(writer.slots()[shown]).length === 40_000);
    const pages = await Promise.all(Array.from({ length: 10 }, () => from(server, enemy)));
    for (const { page } of pages) await page.join('/ws/room/big');
    for (const { page } of pages) await page.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(1);
    expect(server.app.islet.size.sessions).toBe(11);
  });

  test('of users who are named are each user’s own', async () => {
    await using server = await startServer(declare, {
      limits: { maxBytesPerClient: 100_000 },
      authenticate: ({ headers }) => headers.cookie,
      userKey: (user) => (user === 'nobody' ? null : String(user)),
    });
    const connect = async (cookie: string, localAddress: string, session: string | null = null) => {
      const page = await server.open('/islet', { localAddress, headers: { cookie } }).opened();
      return { page, session: await page.hello(session) };
    };
    const loseAs = async (cookie: string, address: string): Promise<string> => {
      const { page, session } = await connect(cookie, address);
      for (let channel = 1; channel <= 3; channel++) await page.join('/ws/own', { channel });
      await page.vanish();
      await expect.poll(() => server.app.islet.size.connections).toBe(0);
      return session;
    };
    const ada = await loseAs('ada', enemy);
    const nobody = await loseAs('nobody', enemy);
    // one user from many places
    for (let round = 0; round < 6; round++) await loseAs('bob', `127.0.0.${round + 1}`);
    const bobs = server.app.islet.size.sessions - 2;
    expect(bobs).toBeLessThan(6);
    expect((await connect('ada', stranger, ada)).session).toBe(ada);
    expect((await connect('nobody', enemy, nobody)).session).toBe(nobody);
  });
});

describe('actors that run for one client', () => {
  const limits = { maxRunningBytesPerClient: 70_000 };
  const refused = { kind: 'error', code: 'ISLET_ERR_LIMIT_RUNNING' };

  test('are so many as its bytes allow; others have their own, and what others started can be joined', async () => {
    await using server = await startServer(declare, { limits });
    const { page } = await from(server, enemy);
    const { page: other } = await from(server, stranger);
    await other.join('/ws/room/theirs', { channel: 99 });
    let started = 0;
    for (let channel = 1; channel <= 20; channel++) {
      const answer = await page.join(channel % 2 === 0 ? '/ws/own' : `/ws/room/${channel}`, { channel });
      if (answer.kind === 'mount') started++;
      else expect(answer).toMatchObject(refused);
    }
    expect(started).toBe(10);
    expect(await page.join('/ws/room/theirs', { channel: 50 })).toMatchObject({ kind: 'mount' });
    for (let channel = 1; channel <= 5; channel++) {
      expect(await other.join('/ws/own', { channel })).toMatchObject({ kind: 'mount' });
    }
    // and again when some have ended
    for (let channel = 2; channel <= 10; channel += 2) page.send({ kind: 'leave', channel });
    expect(await page.join('/ws/own', { channel: 60 })).toMatchObject({ kind: 'mount' });
  });

  test('count by what is in them', async () => {
    const big = component<null, never>({
      init: () => [null, effect.none],
      update: (model) => [model, effect.none],
      view: () => html`<p>${'x'.repeat(20_000)}</p>`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/big', big), { limits });
    const page = await server.connect();
    const answers: string[] = [];
    for (let channel = 1; channel <= 4; channel++) answers.push((await page.join('/ws/big', { channel })).kind);
    expect(answers).toEqual(['mount', 'mount', 'error', 'error']);
  });

  test('count with what leads to them from earlier versions, however somebody joins', async () => {
    const wordy = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (clicks) => [clicks + 1, effect.none],
      view: (clicks) => html`<button @click=${{ type: 'UserClicked' }}>${String(clicks).padEnd(3_000, '.')}</button>`,
    });
    await using server = await startServer(
      (app) => {
        declare(app);
        app.islet.route('/ws/wordy', wordy, { shared: true });
        app.get('/wordy', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/wordy' })}`));
      },
      { limits: { ...limits, maxHistoryBytes: 128_000 }, maxFramesPerSecond: Number.POSITIVE_INFINITY },
    );
    const page = await server.connect();
    await page.join('/ws/wordy');
    for (let clicks = 0; clicks < 20; clicks++) {
      page.click();
      await page.until(() => page.version() === clicks + 2);
    }
    expect((await (await server.connect()).join('/ws/wordy')).kind).toBe('mount');
    expect(await page.join('/ws/own', { channel: 2 })).toMatchObject(refused);
    const [island] = islandsOf((await server.app.inject('/wordy')).body);
    expect(
      await (await server.connect()).join('/ws/wordy', { have: ['another', 1, 1, island?.have[3]] as never }),
    ).toMatchObject({
      kind: 'live',
    });
    expect(await page.join('/ws/own', { channel: 3 })).toMatchObject(refused);
  });

  test('are forgotten with those that could not start', async () => {
    await using server = await startServer(
      (app) => {
        declare(app);
        app.islet.route('/ws/broken', room, { props: () => Promise.reject(new Error('meant to fail')) });
      },
      { limits },
    );
    const page = await server.connect();
    for (let round = 0; round < 20; round++) {
      expect(await page.join('/ws/broken')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
    }
    expect(await page.join('/ws/own')).toMatchObject({ kind: 'mount' });
  });
});

describe('frames that somebody does not read', () => {
  const poster = component<string, Padded>({
    init: () => ['', effect.none],
    update: (text, message) => [message.type === 'UserWrote' ? message.text : `${text}.`, effect.none],
    view: (text) => html`<button @click=${{ type: 'UserClicked' }}>${`${text.length}`.padEnd(400_000, '.')}</button>`,
  });

  test('end its oldest connections, within its bytes, and no stranger’s', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/poster', poster, { shared: true }), {
      maxFramesPerSecond: Number.POSITIVE_INFINITY,
      limits: { maxBytesPerClient: 5_000_000, maxBufferedBytes: 1_000_000 },
    });
    const { page: honest } = await from(server, stranger);
    await honest.join('/ws/poster');
    const deaf: TestClient[] = [];
    for (let count = 0; count < 20; count++) {
      const { page } = await from(server, enemy);
      await page.join('/ws/poster');
      page.socket.pause();
      deaf.push(page);
    }
    for (let click = 1; click <= 30; click++) {
      honest.click();
      await honest.until(() => honest.version() === click + 1);
    }
    const waiting = server.buffered().reduce((sum, bytes) => sum + bytes, 0);
    expect(waiting).toBeLessThan(5_000_000 + 20 * 16_384);
    await expect.poll(() => server.app.islet.size.connections).toBeLessThan(15);
    expect(server.app.islet.size.connections).toBeGreaterThan(1);
    expect(honest.socket.readyState).toBe(honest.socket.OPEN);
    for (const page of deaf) page.socket.resume();
    // which are the oldest depends on which had to wait first
    await Promise.race(deaf.map(({ closed }) => closed));
    // what is drawn here is big: on a busy machine it takes its time
  }, 60_000);

  test('count no more once they are read', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/poster', poster, { shared: true }), {
      maxFramesPerSecond: Number.POSITIVE_INFINITY,
      limits: { maxBytesPerClient: 3_000_000, maxBufferedBytes: 1_000_000 },
    });
    const { page: honest } = await from(server, stranger);
    await honest.join('/ws/poster');
    for (let round = 0; round < 4; round++) {
      const { page } = await from(server, enemy);
      await page.join('/ws/poster');
      page.socket.pause();
      for (let click = 0; click < 25; click++) {
        honest.click();
        const version = honest.version() + 1;
        await honest.until(() => honest.version() === version);
      }
      page.socket.resume();
      await page.until(() => page.version() === honest.version());
    }
    expect(server.app.islet.size.connections).toBe(5);
  });
});
