// Topics: what is published is heard by all who have subscribed, in one process and in many alike; who misses something
// knows it within ten seconds, whatever is lost.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { Numbered } from '../server/cluster/numbered.ts';
import { maxTelling, Topics } from '../server/cluster/topics.ts';
import { serverComponent } from '../server/index.ts';
import { component, effect, html, type Topic } from '../shared/index.ts';
import { type EffectHost, perform } from '../shared/language/effect.ts';
import { randomOf } from './chaos/random.ts';
import { ManualClock } from './support/clock.ts';
import { startServer } from './support/server.ts';

const log = { error() {}, warn() {}, info() {} };

/** Processes on one hub, each with its topics. */
function createProcesses(count: number, clock: ManualClock, hub = createMemoryHub({ clock })) {
  return Array.from({ length: count }, () => {
    const bus = hub.connect();
    const numbered = new Numbered(bus, clock);
    return { bus, numbered, topics: new Topics(numbered, log) };
  });
}

/** What one process hears: values, and gaps. */
function listen(topic: Topic<number>, signal?: AbortSignal): (number | 'gap')[] {
  const heard: (number | 'gap')[] = [];
  topic.subscribe((value) => heard.push(value), { onGap: () => heard.push('gap'), ...(signal && { signal }) });
  return heard;
}

test('where many listen each hears all values in their order, unless they have stopped listening', async () => {
  const topic = new Topics(undefined, log).topic<number>('a');
  const last = new AbortController();
  const heard = Array.from({ length: 300 }, (_, index) => listen(topic, index === 299 ? last.signal : undefined));
  topic.subscribe((value) => value === 1 && topic.publish(4));
  for (const value of [1, 2, 3]) topic.publish(value);
  expect(heard[0]).toEqual([1]);
  const late = listen(topic);
  last.abort();
  await expect.poll(() => heard[298]).toEqual([1, 2, 3, 4]);
  expect(heard.slice(0, 299).every((values) => values.join() === '1,2,3,4')).toBe(true);
  expect(heard[299]).toEqual([]);
  expect(late).toEqual([4]);
});

test('who publishes faster than many can hear waits for them: what is yet to be told is bounded', async () => {
  const topic = new Topics(undefined, log).topic<number>('a');
  const heard = Array.from({ length: 300 }, () => listen(topic));
  topic.subscribe((value) => value === 50 && topic.publish(1_000));
  const values = Array.from({ length: 100 }, (_, value) => value);
  for (const value of values) topic.publish(value);
  expect(Math.min(...heard.map(({ length }) => length))).toBeGreaterThanOrEqual(values.length - maxTelling);
  await expect.poll(() => heard[299]?.length).toBe(101);
  const told = heard[0] as number[];
  expect(told.filter((value) => value !== 1_000)).toEqual(values);
  expect(heard.every((each) => each.join() === told.join())).toBe(true);
});

test('who publishes what it hears, for ever, keeps nobody else waiting', async () => {
  const topic = new Topics(undefined, log).topic<number>('a');
  const end = new AbortController();
  topic.subscribe((value) => topic.publish(value + 1), { signal: end.signal });
  topic.publish(0);
  await new Promise((resolve) => setImmediate(resolve));
  end.abort();
});

describe.each([1, 3])('in %i processes', (count) => {
  const open = () => {
    const clock = new ManualClock();
    const topics =
      count === 1 ? [new Topics(undefined, log)] : createProcesses(count, clock).map((each) => each.topics);
    return { clock, topics, first: topics[0] as Topics };
  };

  test('all hear what is published, and nobody hears another topic', async () => {
    const { clock, topics } = open();
    const heard = topics.map((each) => listen(each.topic<number>('a')));
    const other = topics.map((each) => listen(each.topic<number>('b')));
    for (const [index, each] of topics.entries()) each.topic<number>('a').publish(index);
    await clock.advance(0);
    for (const values of heard) expect(values.toSorted()).toEqual(topics.map((_, index) => index));
    expect(other.flat()).toEqual([]);
  });

  test('who has ended it hears nothing more', async () => {
    const { clock, topics, first } = open();
    const ends = topics.map(() => new AbortController());
    const heard = topics.map((each, index) => listen(each.topic<number>('a'), ends[index]?.signal));
    first.topic<number>('a').publish(1);
    await clock.advance(0);
    for (const end of ends) end.abort();
    first.topic<number>('a').publish(2);
    await clock.advance(60_000);
    expect(heard).toEqual(topics.map(() => [1]));
  });

  test('what is heard is a copy, as JSON has it', async () => {
    const { clock, topics, first } = open();
    const heard: unknown[] = [];
    for (const each of topics) each.topic<unknown>('a').subscribe((value) => heard.push(value));
    const value = { at: new Date(0), left: undefined, list: [1, undefined] };
    first.topic<unknown>('a').publish(value);
    await clock.advance(0);
    expect(heard).toEqual(topics.map(() => ({ at: '1970-01-01T00:00:00.000Z', list: [1, null] })));
    expect(heard[0]).not.toBe(value);
  });

  test('who throws keeps nobody else from hearing', async () => {
    const { clock, topics, first } = open();
    const heard = topics.map((each) => {
      each.topic<number>('a').subscribe(() => {
        throw new Error('broken');
      });
      return listen(each.topic<number>('a'));
    });
    first.topic<number>('a').publish(1);
    await clock.advance(0);
    expect(heard).toEqual(topics.map(() => [1]));
  });

  test.each([
    [undefined, 'must be plain JSON'],
    [() => {}, 'must be plain JSON'],
    [1n, 'must be plain JSON'],
    ['x'.repeat(1024 * 1024), 'has 1048578 characters'],
  ])('what cannot be said is refused (%#)', (value, message) => {
    const { first } = open();
    expect(() => first.topic<unknown>('a').publish(value)).toThrow(message);
  });
});

test.each(['', 'x'.repeat(1_001)])('a topic has a name', (name) => {
  expect(() => new Topics(undefined, log).topic(name)).toThrow('ISLET_ERR_TOPIC');
});

describe('who may have missed something', () => {
  const setUp = () => {
    const clock = new ManualClock();
    const network = { isLosing: false };
    const hub = createMemoryHub({ clock, faults: { random: () => (network.isLosing ? 0 : 0.9), lost: 0.5 } });
    const [one, other] = createProcesses(2, clock, hub);
    if (!one || !other) throw new Error('two are made');
    const [topic, there] = [one.topics.topic<number>('a'), other.topics.topic<number>('a')];
    return { clock, network, one, other, topic, there };
  };

  test('is told nothing where nothing was missed, whenever they begin to listen', async () => {
    const { clock, topic, there } = setUp();
    for (const value of [1, 2, 3]) topic.publish(value);
    await clock.advance(7_000);
    const heard = listen(there);
    await clock.advance(7_000);
    topic.publish(4);
    // for longer than numbers are repeated: who speaks again begins anew
    await clock.advance(200_000);
    topic.publish(5);
    await clock.advance(20_000);
    expect(heard).toEqual([4, 5]);
  });

  test.each([
    ['the first', 0],
    ['one in between', 3],
  ])('is told within ten seconds of %s that is lost, and of the repetition after it', async (_, before) => {
    const { clock, topic, there, network } = setUp();
    const heard = listen(there);
    for (let value = 0; value < before; value++) topic.publish(value);
    await clock.advance(1);
    network.isLosing = true;
    topic.publish(99);
    await clock.advance(5_000);
    network.isLosing = false;
    await clock.advance(5_000);
    expect(heard.slice(before)).toEqual(['gap']);
    topic.publish(100);
    await clock.advance(60_000);
    expect(heard.slice(before)).toEqual(['gap', 100]);
  });

  test('is told at once by what is said next', async () => {
    const { clock, topic, there, network } = setUp();
    const heard = listen(there);
    network.isLosing = true;
    topic.publish(1);
    network.isLosing = false;
    topic.publish(2);
    await clock.advance(0);
    expect(heard).toEqual(['gap', 2]);
  });

  test('is told when the connection is back, and of what the other one could not say', async () => {
    const { clock, one, other, topic, there } = setUp();
    const heard = listen(there);
    topic.publish(1);
    await clock.advance(0);
    other.bus.cut();
    topic.publish(2);
    await clock.advance(30_000);
    other.bus.restore();
    await clock.advance(0);
    expect(heard).toEqual([1, 'gap']);
    one.bus.cut();
    topic.publish(3);
    await clock.advance(30_000);
    one.bus.restore();
    await clock.advance(0);
    expect(heard).toEqual([1, 'gap', 'gap']);
    topic.publish(4);
    await clock.advance(0);
    expect(heard).toEqual([1, 'gap', 'gap', 4]);
  });
});

test('whatever is lost, late or doubled, each value is heard once and in order, or a gap is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
      const random = randomOf(seed);
      const clock = new ManualClock();
      const maxLateMs = 3_000;
      const faults = { random: random.next, lost: 0.2, late: 0.3, doubled: 0.2, maxLateMs };
      const processes = createProcesses(3, clock, createMemoryHub({ clock, faults }));
      /** What was said, by whom, and when. */
      const said: { readonly by: number; readonly value: number; readonly at: number }[] = [];
      const heard: { before: number; values: { readonly value: number; readonly at: number }[]; gaps: number[] }[] = [];
      for (let step = 0; step < 60; step++) {
        const by = random.between(0, 2);
        if (random.next() < 0.5) {
          said.push({ by, value: step, at: clock.now() });
          processes[by]?.topics.topic<number>('a').publish(step);
        }
        if (step % 20 === 0) {
          const own = { before: said.length, values: [], gaps: [] } as (typeof heard)[number];
          heard.push(own);
          processes[random.between(0, 2)]?.topics
            .topic<number>('a')
            .subscribe((value) => own.values.push({ value, at: clock.now() }), {
              onGap: () => own.gaps.push(clock.now()),
            });
        }
        await clock.advance(random.between(0, 4_000));
      }
      await clock.advance(70_000);
      for (const { before, values, gaps } of heard) {
        for (const by of [0, 1, 2]) {
          const own = said.filter((each) => each.by === by);
          const got = values.map(({ value }) => value).filter((value) => own.some((each) => each.value === value));
          expect(got).toEqual(got.toSorted((one, other) => one - other));
          expect(new Set(got).size).toBe(got.length);
          for (const { value, at } of own.filter((each) => said.indexOf(each) >= before)) {
            const isTold = got.includes(value) || gaps.some((gap) => gap >= at && gap <= at + 60_000);
            expect(isTold).toBe(true);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});

describe('a server component', () => {
  const createNews = (topic: Topic<string>) =>
    component<readonly string[], { type: 'NewsCame'; text: string } | { type: 'NewsMissed' } | { type: 'Broke' }>({
      init: () => [
        [],
        effect.subscribe(topic, (text) => (text === 'skip' ? null : { type: 'NewsCame', text }), {
          onGap: () => ({ type: 'NewsMissed' }),
        }),
      ],
      update(model, message) {
        if (message.type === 'Broke') {
          return [model, effect.from((_, { fail }) => fail(new Error('broken')))];
        }
        return [[...model, message.type === 'NewsCame' ? message.text : '(missed)'], effect.none];
      },
      view: (texts) => html`<button @click=${{ type: 'Broke' }}>${texts.join(' ')}</button>`,
    });

  test('hears a topic from its start to its end, over restarts, and each value once', async () => {
    const clock = new ManualClock();
    const hub = createMemoryHub({ clock });
    const elsewhere = new Topics(new Numbered(hub.connect(), clock), log).topic<string>('news');
    const bus = hub.connect();
    await using server = await startServer(
      (app) => {
        app.islet.route('/ws/news', createNews(app.islet.topic('news')), { shared: true, idleMs: 1_000 });
        app.get('/', (_, reply) => reply.html(html`<main>${serverComponent({ route: '/ws/news' })}</main>`));
      },
      { bus, clock },
    );
    const shown = async () => /<button>(.*?)<\/button>/.exec((await server.app.inject('/')).body)?.[1];
    const client = await server.visit('/ws/news');
    elsewhere.publish('one');
    server.app.islet.topic<string>('news').publish('two');
    elsewhere.publish('skip');
    await expect.poll(shown).toBe('two one');
    client.click(0);
    await expect.poll(() => clock.waits.includes(100)).toBe(true);
    // nobody hears it while the actor waits to be restarted
    elsewhere.publish('three');
    await clock.advance(1_000);
    elsewhere.publish('four');
    await expect.poll(shown).toBe('two one four');
    bus.cut();
    bus.restore();
    await expect.poll(shown).toBe('two one four (missed)');
    await client.close();
    await expect.poll(() => server.app.islet.size.actors).toBe(1);
    await clock.advance(120_000);
    expect(server.app.islet.size.actors).toBe(0);
    elsewhere.publish('five');
    await clock.advance(0);
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['broken']);
  });

  test('in a browser it is an error that says so', () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const host = { root: {}, report: resolve, contain: (run: () => unknown) => run() };
    perform(
      effect.subscribe(new Topics(undefined, log).topic('a'), () => null),
      host as unknown as EffectHost,
    );
    return expect(promise).resolves.toMatchObject({
      message: expect.stringContaining('effect.subscribe is an effect of the server'),
    });
  });
});
