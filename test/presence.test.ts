// Who is here: pages of one person are one, in one process and in many alike. Nobody flickers whose page is loaded
// again, and who was in a process that has died is away after fifteen seconds.

import { describe, expect, test } from 'vitest';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { Numbered } from '../server/cluster/numbered.ts';
import { Presences } from '../server/cluster/presences.ts';
import { type IsletOptions, memoryStore, serverComponent } from '../server/index.ts';
import { sliceLength } from '../server/slices.ts';
import { component, effect, html, type Person, type Presence } from '../shared/index.ts';
import { randomOf } from './chaos/random.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const log = { error() {}, warn() {}, info() {} };
const ann = { id: '1', name: 'Ann', meta: null };
const ben = { id: '2', name: 'Ben', meta: null };

/** Processes on one hub; without a bus where there is one alone. */
function open(count: number, clock = new ManualClock(), hub = createMemoryHub({ clock })) {
  const processes = Array.from({ length: count }, () => {
    const bus = hub.connect();
    const numbered = new Numbered(bus, clock);
    const presences = new Presences(count === 1 ? undefined : numbered, clock, log);
    return {
      bus,
      presences,
      room: presences.presence<unknown>('room'),
      /** As SIGKILL ends it. */
      kill: () => bus.close(),
      stop: () => {
        presences.close();
        numbered.close();
        return bus.close();
      },
    };
  });
  const [first, last] = [processes[0], processes.at(-1)];
  if (!first || !last) throw new Error('there is one at least');
  return { clock, processes, first, last };
}

/** What is shown of people, each time that it changes. */
function watch(room: Presence<unknown>): string[] {
  const seen: string[] = [];
  room.subscribe((people) => seen.push(people.map(({ name, tabs }) => `${name} ${tabs}`).join(', ')));
  return seen;
}

describe.each([1, 3])('in %i processes', (count) => {
  test('pages of one person are one, until the last has been gone for five seconds', async () => {
    const { clock, first, last } = open(count);
    const seen = [watch(first.room), watch(last.room)];
    first.room.enter('a', ann);
    await clock.advance(0);
    last.room.enter('b', ann);
    last.room.enter('c', ben);
    await clock.advance(0);
    first.room.leave('a');
    await clock.advance(0);
    last.room.leave('b');
    await clock.advance(4_999);
    const so = ['', 'Ann 1', 'Ann 2, Ben 1', 'Ann 1, Ben 1', 'Ann 0, Ben 1'];
    for (const each of seen) expect(each.filter((text, index) => text !== each[index - 1])).toEqual(so);
    await clock.advance(1);
    for (const each of seen) expect(each.at(-1)).toBe('Ben 1');
  });

  test('nobody is away whose page is loaded again, wherever it arrives', async () => {
    const { clock, first, last } = open(count);
    const seen = watch(last.room);
    first.room.enter('a', ann);
    await clock.advance(10_000);
    first.room.leave('a');
    await clock.advance(4_000);
    last.room.enter('b', ann);
    await clock.advance(60_000);
    expect(seen.slice(1).every((text) => text.startsWith('Ann'))).toBe(true);
    expect(seen.at(-1)).toBe('Ann 1');
  });

  test('whoever begins to listen hears at once who is here, or a moment later', async () => {
    const { clock, first, last } = open(count);
    first.room.enter('a', ann);
    await clock.advance(60_000);
    const seen = watch(last.room);
    await clock.advance(0);
    expect(seen.at(-1)).toBe('Ann 1');
  });

  test('name and meta are as the last page says them, and people in the order of their ids', async () => {
    const { clock, first, last } = open(count);
    const seen: (readonly Person<unknown>[])[] = [];
    last.room.subscribe((people) => seen.push(people));
    first.room.enter('b', { ...ben, meta: { mood: ['so', 'so'] } });
    first.room.enter('a', ann);
    await clock.advance(0);
    first.room.enter('a', { ...ann, name: 'Anna', meta: 7 });
    await clock.advance(0);
    expect(seen.at(-1)).toEqual([
      { id: '1', name: 'Anna', meta: 7, tabs: 1 },
      { id: '2', name: 'Ben', meta: { mood: ['so', 'so'] }, tabs: 1 },
    ]);
  });

  test('a page that enters as somebody else is no longer the first one’s', async () => {
    const { clock, first, last } = open(count);
    const seen = watch(last.room);
    first.room.enter('a', ann);
    first.room.enter('a', ben);
    await clock.advance(5_000);
    expect(seen.at(-1)).toBe('Ben 1');
  });

  test('the signal takes a page out, and ends listening', async () => {
    const { clock, first, last } = open(count);
    const [here, listening] = [new AbortController(), new AbortController()];
    const seen = watch(last.room);
    let heard = 0;
    last.room.subscribe(() => heard++, { signal: listening.signal });
    first.room.enter('a', ann, here.signal);
    await clock.advance(0);
    const before = heard;
    listening.abort();
    here.abort();
    await clock.advance(5_000);
    expect(seen.at(-1)).toBe('');
    expect(heard).toBe(before);
  });

  test('nothing is left when all have gone: no timer, no subscription', async () => {
    const { clock, first, last } = open(count);
    const end = last.room.subscribe(() => {});
    first.room.enter('a', ann);
    await clock.advance(0);
    first.room.leave('a');
    end();
    await clock.advance(200_000);
    expect(clock.waits).toEqual([]);
  });

  test.each([
    ['no id', { ...ann, id: '' }],
    ['a long name', { ...ann, name: 'x'.repeat(201) }],
    ['a long meta', { ...ann, meta: 'x'.repeat(4_096) }],
    ['a meta that is no JSON', { ...ann, meta: 1n }],
  ])('somebody with %s cannot enter', async (_, person) => {
    const { clock, first } = open(count);
    expect(() => first.room.enter('a', person)).toThrow('ISLET_ERR_PRESENCE');
    await clock.advance(200_000);
    expect(clock.waits).toEqual([]);
  });

  test('what one presence takes is bounded, and who has left makes room', () => {
    const { first } = open(count);
    const meta = 'x'.repeat(4_000);
    const enter = (id: number) => first.room.enter(`tab ${id}`, { id: `${id}`, name: 'x', meta });
    let entered = 0;
    expect(() => {
      for (; entered < 1_000; entered++) enter(entered);
    }).toThrow('ISLET_ERR_PRESENCE');
    expect(entered).toBeGreaterThan(200);
    expect(entered).toBeLessThan(262);
    first.room.leave('tab 0');
    enter(1_000);
    // however many pages one person opens
    for (let tab = 0; tab < 10_000; tab++) first.room.enter(`more ${tab}`, { id: '1', name: 'x', meta });
  });
});

test('of thousands who leave together everybody is told once, and once again when their time is over', async () => {
  const { clock, first } = open(1);
  for (let id = 0; id < 2_000; id++) first.room.enter(`tab ${id}`, { ...ann, id: `${id}` });
  await clock.advance(0);
  const counts: number[] = [];
  first.room.subscribe((people) => counts.push(people.length));
  for (let id = 0; id < 2_000; id++) first.room.leave(`tab ${id}`);
  await clock.advance(4_999);
  expect(counts).toEqual([2_000, 2_000]);
  await clock.advance(1);
  expect(counts).toEqual([2_000, 2_000, 0]);
});

test('those who leave one after the other go one after the other, and at the latest a twentieth of a second after their time', async () => {
  const { clock, first } = open(1);
  for (let id = 0; id < 100; id++) first.room.enter(`tab ${id}`, { ...ann, id: `${id}` });
  await clock.advance(0);
  const gone: [number, number][] = [];
  first.room.subscribe((people) => gone.push([clock.now(), 100 - people.length]));
  const begin = clock.now() + 5_000;
  for (let id = 0; id < 100; id++) {
    first.room.leave(`tab ${id}`);
    await clock.advance(10);
  }
  const told = gone.length;
  await clock.advance(6_000);
  for (const [at, count] of gone) {
    expect(count).toBeLessThanOrEqual(Math.max(0, (at - begin) / 10 + 1));
    if (at > begin) expect(count).toBeGreaterThanOrEqual(Math.min(100, (at - 50 - begin) / 10));
  }
  expect(gone.at(-1)?.[1]).toBe(100);
  expect(gone.length - told).toBeLessThan(30);
});

test('all who listen get the same list, which is in order and stays as it was, whoever comes and goes', async () => {
  const { clock, first } = open(1);
  const random = randomOf(7);
  const seen: (readonly Person<unknown>[])[][] = [[], []];
  for (const each of seen) first.room.subscribe((people) => each.push(people));
  const expected: string[] = [];
  const here = new Set<string>();
  for (let step = 0; step < 300; step++) {
    const id = String(random.between(0, 60));
    if (here.delete(id)) first.room.leave(id);
    else {
      here.add(id);
      first.room.enter(id, { ...ann, id });
    }
    await clock.advance(10_000);
    expected.push([...here].sort().join());
    expect(seen[0]?.at(-1)).toBe(seen[1]?.at(-1));
    expect((seen[0]?.at(-1) ?? []).map((person) => person.id).join()).toBe(expected.at(-1));
  }
  const shown = seen[0]?.map((people) =>
    people
      .filter(({ tabs }) => tabs > 0)
      .map((person) => person.id)
      .join(),
  );
  for (const text of expected) expect(shown).toContain(text);
});

test('of what changes while many are being told, each hears the last of it when all have been told', async () => {
  const { first } = open(1);
  const slices = 4;
  const seen = Array.from({ length: slices * sliceLength }, () => watch(first.room));
  const before = seen.map(({ length }) => length);
  const changes = 20 * slices;
  for (let change = 0; change < changes; change++) {
    first.room.enter(`page ${change}`, ann);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => seen.every((each) => each.at(-1) === `Ann ${changes}`)).toBe(true);
  const times = seen.map(({ length }, index) => length - (before[index] ?? 0));
  // a slice is told in a turn, and who comes is said in each
  expect(Math.max(...times)).toBeLessThanOrEqual(changes / slices + 2);
});

describe('a process', () => {
  test('that dies takes its people with it after fifteen seconds, and not before', async () => {
    const { clock, first, last } = open(3);
    const seen = watch(last.room);
    first.room.enter('a', ann);
    await clock.advance(20_000);
    await first.kill();
    await clock.advance(9_999);
    expect(seen.at(-1)).toBe('Ann 1');
    await clock.advance(5_001);
    expect(seen.at(-1)).toBe('');
  });

  test('that stops says so: its people have five seconds to come to another', async () => {
    const { clock, first, last } = open(3);
    const seen = watch(last.room);
    first.room.enter('a', ann);
    first.room.enter('b', ben);
    await clock.advance(1_000);
    await first.stop();
    await clock.advance(2_000);
    last.room.enter('a', ann);
    await clock.advance(3_000);
    expect(seen.at(-1)).toBe('Ann 1');
    expect(seen).not.toContain('Ben 1');
  });

  test('that was cut off is heard again as soon as it is back, with what has changed meanwhile', async () => {
    const { clock, first, last } = open(3);
    const seen = [watch(first.room), watch(last.room)];
    first.room.enter('a', ann);
    last.room.enter('b', ben);
    await clock.advance(0);
    first.bus.cut();
    await clock.advance(30_000);
    expect(seen.map((each) => each.at(-1))).toEqual(['Ann 1', 'Ben 1']);
    first.room.enter('c', ann);
    first.bus.restore();
    await clock.advance(1_000);
    expect(seen.map((each) => each.at(-1))).toEqual(['Ann 2, Ben 1', 'Ann 2, Ben 1']);
  });
});

test('whatever is lost, late or doubled, all show the same people in the end', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomOf(seed);
    const clock = new ManualClock();
    const network = { isBad: true };
    const next = (): number => (network.isBad ? random.next() : 0.99);
    const faults = { random: next, lost: 0.3, late: 0.3, doubled: 0.2, maxLateMs: 2_000 };
    const { processes } = open(3, clock, createMemoryHub({ clock, faults }));
    const seen = processes.map(({ room }) => watch(room));
    const tabs = processes.map(() => new Map<string, string>());
    for (let step = 0; step < 40; step++) {
      const at = random.between(0, 2);
      const [process, own] = [processes[at], tabs[at]];
      if (!process || !own) continue;
      const tab = `tab ${random.between(0, 3)}`;
      if (random.next() < 0.6) {
        const id = String(random.between(1, 3));
        own.set(tab, id);
        process.room.enter(tab, { id, name: id, meta: null });
      } else {
        own.delete(tab);
        process.room.leave(tab);
      }
      await clock.advance(random.between(0, 3_000));
    }
    network.isBad = false;
    await clock.advance(70_000);
    const people = tabs.flatMap((each) => [...each.values()]);
    const expected = ['1', '2', '3']
      .map((id) => `${id} ${people.filter((each) => each === id).length}`)
      .filter((text) => !text.endsWith(' 0'))
      .join(', ');
    for (const each of seen) expect([seed, each.at(-1)]).toEqual([seed, expected]);
  }
});

describe('a route with presence', () => {
  const createRoom = (here: Presence<{ tone: string }>) =>
    component<readonly Person<{ tone: string }>[], { type: 'Came'; people: readonly Person<{ tone: string }>[] }>({
      init: () => [[], effect.subscribe(here, (people) => ({ type: 'Came', people }))],
      update: (_, { people }) => [people, effect.none],
      view: (people) => html`<p>${people.map(({ name, meta, tabs }) => `${name} ${meta.tone} ${tabs};`)}</p>`,
    });

  const start = (options: IsletOptions) =>
    startServer(
      (app) => {
        const here = app.islet.presence<{ tone: string }>('room');
        app.islet.route('/ws/room/:tone', createRoom(here), {
          shared: true,
          presence: ({ user }, { tone }) =>
            user === null ? null : { in: here, id: String(user), name: String(user), meta: { tone } },
        });
        app.get('/', (_, reply) => reply.html(html`<main>${serverComponent({ route: '/ws/room/high' })}</main>`));
      },
      { ...options, authenticate: ({ headers }) => headers.cookie ?? null },
    );
  const shownBy = async (server: TestServer) =>
    /<p>(.*?)<\/p>/.exec((await server.app.inject('/')).body)?.[1]?.replaceAll(/<!.*?>/g, '');
  const visit = async (server: TestServer, cookie?: string, route = '/ws/room/low') => {
    const client = await server.open('/islet', cookie === undefined ? {} : { headers: { cookie } }).opened();
    await client.hello();
    await client.join(route);
    return client;
  };

  test('has who looks at its islands listed, while they do, on all machines', async () => {
    const clock = new ManualClock();
    const hub = createMemoryHub({ clock });
    await using one = await start({ bus: hub.connect(), clock });
    await using other = await start({ bus: hub.connect(), clock });
    const shown = () => shownBy(other);
    const page = await visit(one, 'ann');
    await visit(one);
    await visit(other, 'ann', '/ws/room/high');
    await expect.poll(shown).toBe('ann high 2;');
    page.send({ kind: 'leave', channel: 1 });
    await expect.poll(shown).toBe('ann high 1;');
    one.app.islet.disconnect('ann');
    await expect.poll(shown).toBe('ann high 0;');
    await clock.advance(5_000);
    await expect.poll(shown).toBe('');
  });

  test('shows nobody as gone over a deploy whose page comes back, and for five seconds who does not', async () => {
    const kept = memoryStore();
    const clock = new ManualClock();
    const startNext = () => start({ clock, store: { ...kept, close: async () => {} } });
    const first = await startNext();
    await visit(first, 'ann');
    await visit(first, 'ben');
    await expect.poll(() => shownBy(first)).toBe('ann low 1;ben low 1;');
    await first.app.close();

    const second = await startNext();
    await expect.poll(() => shownBy(second)).toBe('ann low 0;ben low 0;');
    await visit(second, 'ann');
    await expect.poll(() => shownBy(second)).toBe('ann low 1;ben low 0;');
    await clock.advance(5_000);
    await expect.poll(() => shownBy(second)).toBe('ann low 1;');
    await second.app.close();

    // a server that begins to be looked at later has nobody to wait for
    await using third = await startNext();
    await expect.poll(() => kept.load('people')).toBeDefined();
    await clock.advance(5_001);
    expect(await shownBy(third)).toBe('');
  });

  test('whose function forgets to return is said in the log, and costs nobody their island', async () => {
    const forgets = (() => {}) as () => null;
    await using server = await startServer((app) => app.islet.route('/ws/room', counter, { presence: forgets }));
    await visit(server, undefined, '/ws/room');
    expect(server.log.map(({ err }) => (err as { message?: string } | undefined)?.message)).toContain(
      'presence gave nothing; give null where nobody is to know',
    );
  });
});
