// Every kind of bus keeps the same promises: in memory, and over NATS. What only one of them can meet is below.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusFaults, createMemoryHub, type MemoryBus } from '../server/cluster/memory.ts';
import { Assembly, toParts } from '../server/cluster/parts.ts';
import { toSubject } from '../server/cluster/subject.ts';
import { type Bus, natsBus } from '../server/index.ts';
import { randomOf } from './chaos/random.ts';
import { type BusPlace, describeBusLaws } from './support/bus-laws.ts';
import { ManualClock } from './support/clock.ts';
import { type NatsServer, natsReason, startNats } from './support/nats.ts';
import { startProxy, type TestProxy } from './support/proxy.ts';

const subject = toSubject('test', 'a');

const inMemory = (partBytes?: number) => async (): Promise<BusPlace> => {
  const hub = createMemoryHub(partBytes === undefined ? {} : { partBytes });
  const buses = new Map<Bus, MemoryBus>();
  return {
    async connect() {
      const bus = hub.connect();
      buses.set(bus, bus);
      return bus;
    },
    cut: (bus) => buses.get(bus)?.cut(),
    restore: (bus) => buses.get(bus)?.restore(),
    end: async () => {
      for (const bus of buses.keys()) await bus.close();
    },
  };
};

describe('in memory', () => describeBusLaws(inMemory()));
describe('in memory, in small parts', () => describeBusLaws(inMemory(4_096)));

if (natsReason !== undefined) console.warn(`NATS is not tested: ${natsReason}`);
describe.runIf(natsReason === undefined).each([
  ['NATS', ''],
  ['NATS that takes little at once', 'max_payload: 8192'],
])('%s', (_, settings) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats(settings);
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  describeBusLaws(async () => {
    const proxies = new Map<Bus, TestProxy>();
    return {
      async connect() {
        const proxy = await startProxy(server.url);
        const bus = await natsBus({ url: proxy.url.replace('http', 'nats') });
        proxies.set(bus, proxy);
        return bus;
      },
      cut: (bus) => proxies.get(bus)?.refuse(),
      restore: (bus) => proxies.get(bus)?.accept(),
      async end() {
        for (const [bus, proxy] of proxies) {
          await bus.close();
          await proxy[Symbol.asyncDispose]();
        }
      },
    };
  });
});

describe.runIf(natsReason === undefined)('a NATS server', () => {
  test('that crashes and starts again has all listeners as before', { timeout: 30_000 }, async () => {
    await using server = await startNats();
    await using buses = await connectTo(server.url, server.url);
    const [bus, other] = buses.all;
    const heard = listen(bus);
    await server.kill();
    await expect.poll(() => [bus.state, other.state]).toEqual(['lost', 'lost']);
    await server.start();
    await expect.poll(() => [bus.state, other.state], { timeout: 30_000 }).toEqual(['connected', 'connected']);
    await bus.flush();
    other.publish(subject, 'back');
    await expect.poll(() => heard).toEqual(['back']);
  });

  test('that says nothing any more is noticed', { timeout: 30_000 }, async () => {
    await using server = await startNats();
    await using buses = await connectTo(server.url);
    const [bus] = buses.all;
    server.pause();
    await expect.poll(() => bus.state, { timeout: 30_000 }).toBe('lost');
    server.resume();
    await expect.poll(() => bus.state, { timeout: 30_000 }).toBe('connected');
  });

  test('lets in who has its password or token, by the address', async () => {
    await using server = await startNats('authorization { user: ann, password: "p@ss:w/rd" }');
    const address = (who: string): string => server.url.replace('//', `//${who}@`);
    await using buses = await connectTo(address(`ann:${encodeURIComponent('p@ss:w/rd')}`));
    expect(buses.all[0].state).toBe('connected');
    await expect(natsBus({ url: address('ann:wrong') })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(natsBus({ url: address('ann:wrong') })).rejects.toThrow(/^no connection to NATS at 127[^@]*$/);

    await using other = await startNats('authorization { token: secret }');
    await using more = await connectTo(other.url.replace('//', '//secret@'));
    expect(more.all[0].state).toBe('connected');
  });

  test('that forbids a subject has that told', async () => {
    await using server = await startNats(`authorization {
      users = [{ user: ann, password: x, permissions: { publish: ">", subscribe: { deny: "islet.test.>" } } }]
    }`);
    await using buses = await connectTo(server.url.replace('//', '//ann:x@'));
    const [bus] = buses.all;
    const errors: unknown[] = [];
    bus.onError((error) => errors.push(error));
    listen(bus);
    await expect.poll(() => String(errors[0])).toContain('islet.test.');
  });

  test('is shared by apps that name themselves, and do not hear each other', async () => {
    await using server = await startNats();
    const [one, other] = [await natsBus({ url: server.url, prefix: 'one' }), await natsBus({ url: server.url })];
    const heard = [listen(one), listen(other)];
    await Promise.all([one.flush(), other.flush()]);
    one.publish(subject, 'from one');
    other.publish(subject, 'from the other');
    await expect.poll(() => heard).toEqual([['from one'], ['from the other']]);
    await Promise.all([one.close(), other.close()]);
  });

  test('that takes almost nothing at once ends the start', async () => {
    await using server = await startNats('max_payload: 512');
    await expect(natsBus({ url: server.url })).rejects.toThrow('max_payload of NATS must be at least 1024');
  });

  test('that is not there ends the start, with its address', { timeout: 30_000 }, async () => {
    const started = natsBus({ url: 'nats://ann:secret@127.0.0.1:1, 127.0.0.1:2' });
    await expect(started).rejects.toThrow('no connection to NATS at 127.0.0.1:1, 127.0.0.1:2: ');
  });
});

test.each([
  ['', 'natsBus needs an address'],
  ['http://host', "is like nats://host:4222 or tls://host; got 'http://host'"],
  ['nats://ann:secret@ho st', "got '...@ho st'"],
])('the address %j is refused, without what is secret in it', async (url, message) => {
  await expect(natsBus({ url })).rejects.toThrow(message);
});

test.each(['a.b', '*', 'a b', ''])('the prefix %j is refused', async (prefix) => {
  await expect(natsBus({ url: 'nats://127.0.0.1', prefix })).rejects.toThrow('prefix must be letters');
});

describe('parts', () => {
  const text = '🙂€a'.repeat(200);
  const parts = toParts(text, 'x-1', 300);

  test('are no longer than the line takes, and make the text again', () => {
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(300);
    for (const part of parts) expect(part.isWellFormed()).toBe(true);
    expect(gather(parts)).toEqual([text]);
  });

  test('of any text make it again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 500 }),
        fc.integer({ min: 256, max: 512 }),
        (any, partBytes) => {
          const made = toParts(any, 'any', partBytes);
          for (const part of made) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(partBytes);
          expect(gather(made)).toEqual([any]);
        },
      ),
    );
  });

  test.each(parts.map((_, index) => index))('without part %i make nothing, and the next text is whole', (index) => {
    const others = toParts(`${text}!`, 'x-2', 300);
    expect(gather([...parts.toSpliced(index, 1), ...others])).toEqual([`${text}!`]);
  });

  test.each(parts.map((_, index) => index))('with part %i twice never make another text', (index) => {
    const doubled = parts.toSpliced(index, 0, parts[index] ?? '');
    expect(gather(doubled).filter((made) => made !== text)).toEqual([]);
  });

  test('of several texts may come in between each other', () => {
    const others = toParts(`${text}!`, 'y-1', 300);
    expect(gather(parts.flatMap((part, index) => [part, others[index] ?? '']))).toEqual([text, `${text}!`]);
  });

  test('that never become whole are kept up to a bound, and the newest stay', () => {
    const assembly = new Assembly(10_000);
    for (let number = 0; number < 1_000; number++) {
      assembly.take('s', toParts(text, `lost-${number}`, 300)[0] ?? '');
    }
    expect(assembly.bytes).toBeLessThanOrEqual(10_000);
    expect(gather(parts, assembly)).toEqual([text]);
  });

  test.each(['', 'x', 'p', 'p,,,', 'pa,0,0,', 'pa,1,2,b', 'pa,0,9999999,b', 'pa,-1,2,b'])('%j is no text', (said) => {
    expect(gather([said])).toEqual([]);
  });

  function gather(said: readonly string[], assembly = new Assembly(1_000_000)): string[] {
    return said.map((each) => assembly.take('s', each)).filter((whole) => whole !== undefined);
  }
});

describe('a bus in memory that loses, delays and doubles', () => {
  const run = async (seed: number, faults: Omit<BusFaults, 'random'>) => {
    const clock = new ManualClock();
    const hub = createMemoryHub({ clock, faults: { ...faults, random: randomOf(seed).next, maxLateMs: 100 } });
    const [speaker, bus] = [hub.connect(), hub.connect()];
    const heard = listen(bus);
    for (let number = 0; number < 1_000; number++) {
      speaker.publish(subject, `${number}`);
      await clock.advance(1);
    }
    await clock.advance(1_000);
    return heard.map(Number);
  };
  const all = Array.from({ length: 1_000 }, (_, number) => number);

  test('does what its seed says', async () => {
    const faults = { lost: 0.1, late: 0.3, doubled: 0.1 };
    expect(await run(1, faults)).toEqual(await run(1, faults));
    expect(await run(1, faults)).not.toEqual(await run(2, faults));
  });

  test('keeps the order of what is late', async () => {
    expect(await run(3, { late: 0.3 })).toEqual(all);
  });

  test('loses about as many as it is told to, and the others stay in order', async () => {
    const heard = await run(4, { lost: 0.1, late: 0.3 });
    expect(heard).toEqual(all.filter((number) => heard.includes(number)));
    expect(Math.abs(heard.length - 900)).toBeLessThan(50);
  });

  test('doubles what arrives, and may let others in between', async () => {
    const heard = await run(5, { doubled: 1 });
    expect(heard.toSorted((one, other) => one - other)).toEqual(all.flatMap((number) => [number, number]));
    expect(heard).not.toEqual(heard.toSorted((one, other) => one - other));
  });
});

function listen(bus: Bus): string[] {
  const heard: string[] = [];
  bus.subscribe(subject, ({ text }) => heard.push(text));
  return heard;
}

async function connectTo<Urls extends readonly string[]>(...urls: Urls) {
  const all = await Promise.all(urls.map((url) => natsBus({ url })));
  return {
    all: all as unknown as { readonly [Place in keyof Urls]: Bus },
    async [Symbol.asyncDispose]() {
      for (const bus of all) await bus.close();
    },
  };
}
