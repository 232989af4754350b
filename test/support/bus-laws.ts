// What every bus promises, as tests to run against each kind. Input: a function that makes a place with nobody on it.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { toSubject } from '../../server/cluster/subject.ts';
import { type Bus, BusError, type BusMessage } from '../../server/index.ts';

export interface BusPlace {
  /** The connection of another process. */
  connect(): Promise<Bus>;
  /** Cuts a connection; the bus does not know beforehand. */
  cut(bus: Bus): void;
  /** Lets it connect again. */
  restore(bus: Bus): void;
  end(): Promise<void>;
}

/** Nobody waits as long as this in a test. */
const longMs = 60_000;
const subject = toSubject('test', 'a');

export function describeBusLaws(open: () => Promise<BusPlace>): void {
  const places: BusPlace[] = [];
  afterEach(async () => {
    for (const place of places.splice(0)) await place.end();
  });
  const openPlace = async (): Promise<BusPlace> => {
    const place = await open();
    places.push(place);
    return place;
  };
  const openBuses = async (count: number): Promise<readonly Bus[]> => {
    const place = await openPlace();
    return Promise.all(Array.from({ length: count }, () => place.connect()));
  };
  const pair = async (): Promise<readonly [Bus, Bus]> => {
    const [one, other] = await openBuses(2);
    if (!one || !other) throw new Error('two are opened');
    return [one, other];
  };

  describe('what is said', () => {
    test('is heard by all who have subscribed, whoever says it, and by nobody else', async () => {
      const buses = await openBuses(3);
      const heard = buses.map((bus) => listen(bus, subject));
      const elsewhere = buses.map((bus) => listen(bus, toSubject('test', 'b')));
      await all(buses, (bus) => bus.flush());
      for (const [index, bus] of buses.entries()) expect(bus.publish(subject, `from ${index}`)).toBe(true);
      const expected = ['from 0', 'from 1', 'from 2'];
      for (const texts of heard) await expect.poll(() => [...texts].sort()).toEqual(expected);
      expect(elsewhere).toEqual([[], [], []]);
    });

    test('is heard by who has subscribed right before saying it, and not before it was said', async () => {
      const [bus] = await openBuses(1);
      const heard = listen(bus as Bus, subject);
      bus?.publish(subject, 'said');
      expect(heard).toEqual([]);
      await expect.poll(() => heard).toEqual(['said']);
    });

    test('is heard in the order in which each says it', async () => {
      const [listener, ...speakers] = await openBuses(4);
      const heard = listen(listener as Bus, subject);
      await listener?.flush();
      const numbers = Array.from({ length: 300 }, (_, index) => index);
      for (const number of numbers) {
        for (const [index, bus] of speakers.entries()) bus.publish(subject, `${index} ${number}`);
      }
      await expect.poll(() => heard.length).toBe(900);
      for (const index of speakers.keys()) {
        const own = heard.filter((text) => text.startsWith(`${index} `));
        expect(own).toEqual(numbers.map((number) => `${index} ${number}`));
      }
    });

    test('is not heard by who has ended it, though others of the same process hear on', async () => {
      const [speaker, bus] = await pair();
      const heard: string[] = [];
      const end = bus.subscribe(subject, ({ text }) => heard.push(`one ${text}`));
      bus.subscribe(subject, ({ text }) => heard.push(`two ${text}`));
      await bus.flush();
      speaker.publish(subject, '1');
      await expect.poll(() => heard).toEqual(['one 1', 'two 1']);
      end();
      end();
      speaker.publish(subject, '2');
      await expect.poll(() => heard).toEqual(['one 1', 'two 1', 'two 2']);
    });

    test('arrives as it was, however long it is', async () => {
      const [speaker, bus] = await pair();
      const heard = listen(bus, subject);
      await bus.flush();
      const texts = ['', 'é', '🙂'.repeat(700_000), 'a'.repeat(3_000_000), '€'.repeat(1_000_001), 'last'];
      for (const text of texts) speaker.publish(subject, text);
      await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(texts.length);
      // compared one by one: nobody wants to read the difference
      for (const [index, text] of texts.entries()) expect(heard[index] === text).toBe(true);
    });

    test('is refused when it is longer than the longest', async () => {
      const [bus] = await openBuses(1);
      const text = '€'.repeat(Math.ceil(((bus?.maxBytes ?? 0) + 1) / 3));
      expect(() => bus?.publish(subject, text)).toThrow(BusError);
      await expect(bus?.request(subject, text, longMs)).rejects.toMatchObject({ kind: 'too-big' });
    });
  });

  describe('who is asked', () => {
    test('answers, and many at the same time get their own answers', async () => {
      const [asker, bus] = await pair();
      bus.subscribe(subject, ({ text, answer }) => answer?.(`${text}!`));
      await bus.flush();
      const answers = await all(numbersTo(200), (number) => asker.request(subject, `${number}`, longMs));
      expect(answers).toEqual(numbersTo(200).map((number) => `${number}!`));
    });

    test('gives long answers to long questions', async () => {
      const [asker, bus] = await pair();
      bus.subscribe(subject, ({ text, answer }) => answer?.(text + text));
      await bus.flush();
      const question = '€'.repeat(600_000);
      expect((await asker.request(subject, question, longMs)) === question + question).toBe(true);
    });

    test('may answer later, and only the first answer counts', async () => {
      const [asker, bus] = await pair();
      const asked: BusMessage[] = [];
      bus.subscribe(subject, (message) => asked.push(message));
      await bus.flush();
      const answer = asker.request(subject, 'now?', longMs);
      await expect.poll(() => asked.length).toBe(1);
      asked[0]?.answer?.('first');
      asked[0]?.answer?.('second');
      expect(await answer).toBe('first');
    });

    test('is nobody, and that is told at once', async () => {
      const [asker, bus] = await pair();
      await expect(asker.request(subject, '?', longMs)).rejects.toMatchObject({ kind: 'nobody' });
      const end = bus.subscribe(subject, ({ answer }) => answer?.('here'));
      await bus.flush();
      expect(await asker.request(subject, '?', longMs)).toBe('here');
      end();
      await bus.flush();
      await expect(asker.request(subject, '?', longMs)).rejects.toMatchObject({ kind: 'nobody' });
    });

    test('is not waited for beyond the limit', async () => {
      const [asker, bus] = await pair();
      bus.subscribe(subject, () => {});
      await bus.flush();
      await expect(asker.request(subject, '?', 20)).rejects.toMatchObject({ kind: 'late' });
    });

    test('knows whether anybody waits for an answer', async () => {
      const [speaker, bus] = await pair();
      const isAsked: boolean[] = [];
      bus.subscribe(subject, ({ answer }) => {
        isAsked.push(answer !== undefined);
        answer?.('yes');
      });
      await bus.flush();
      speaker.publish(subject, 'said');
      await speaker.request(subject, 'asked', longMs);
      expect(isAsked).toEqual([false, true]);
    });
  });

  describe('who listens', () => {
    test.each([
      [
        'throws',
        () => {
          throw new Error('broken');
        },
      ],
      [
        'rejects',
        async () => {
          throw new Error('broken');
        },
      ],
    ])('and %s is reported, keeps nobody from hearing, and fails who asked', async (_, hear) => {
      const [speaker, bus] = await pair();
      const errors: unknown[] = [];
      bus.onError((error) => errors.push(error));
      bus.subscribe(subject, hear);
      const heard = listen(bus, subject);
      await bus.flush();
      speaker.publish(subject, '1');
      await expect(speaker.request(subject, '2', longMs)).rejects.toMatchObject({ kind: 'failed' });
      speaker.publish(subject, '3');
      await expect.poll(() => heard).toEqual(['1', '2', '3']);
      await expect.poll(() => errors).toEqual(Array(3).fill(new Error('broken')));
    });

    test('and is slow holds up neither others nor what it hears next', async () => {
      const [speaker, bus] = await pair();
      const { promise, resolve } = Promise.withResolvers<void>();
      const begun: string[] = [];
      bus.subscribe(subject, ({ text }) => {
        begun.push(text);
        return promise;
      });
      bus.subscribe(toSubject('test', 'other'), ({ answer }) => answer?.('here'));
      await bus.flush();
      for (const text of ['1', '2', '3']) speaker.publish(subject, text);
      await expect.poll(() => begun).toEqual(['1', '2', '3']);
      expect(await speaker.request(toSubject('test', 'other'), '?', longMs)).toBe('here');
      resolve();
    });

    test('hears all that was said while the process was busy', async () => {
      const [speaker, bus] = await pair();
      const heard = listen(bus, subject);
      await bus.flush();
      for (const number of numbersTo(500)) speaker.publish(subject, `${number}`);
      const until = performance.now() + 50;
      while (performance.now() < until);
      await expect.poll(() => heard.length).toBe(500);
    });
  });

  test('whatever people name, a subject is a word and a hash, and another one for another name', {
    timeout: 60_000,
  }, async () => {
    const [speaker, bus] = await pair();
    const names = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('*', '>', 'a.b', '', ' ', '\r\n')));
    const used = new Map<string, string>();
    const heard: string[] = [];
    fc.assert(
      fc.property(names, (parts) => {
        const made = toSubject('test', ...parts);
        expect(made).toMatch(/^test\.[\w-]{22}$/);
        const name = JSON.stringify(parts);
        expect(used.get(made) ?? name).toBe(name);
        if (!used.has(made)) bus.subscribe(made, ({ text }) => heard.push(text === name ? 'own' : 'other'));
        used.set(made, name);
      }),
    );
    await bus.flush();
    for (const [made, name] of used) speaker.publish(made as typeof subject, name);
    await expect.poll(() => heard).toEqual(Array(used.size).fill('own'));
  });

  describe('a connection that is cut', () => {
    test('says so, asks and says nothing, and hears again when it is back', async () => {
      const place = await openPlace();
      const [bus, other] = [await place.connect(), await place.connect()];
      const states: string[] = [];
      bus.onState((state) => states.push(state));
      const heard = listen(bus, subject);
      const heardThere = listen(other, subject);
      other.subscribe(toSubject('test', 'silent'), () => {});
      await all([bus, other], (each) => each.flush());
      const waiting = expect(bus.request(toSubject('test', 'silent'), '?', longMs)).rejects.toMatchObject({
        kind: 'lost',
      });
      place.cut(bus);
      await waiting;
      expect(bus.state).toBe('lost');
      expect(bus.publish(subject, 'while away')).toBe(false);
      await expect(bus.request(subject, '?', longMs)).rejects.toMatchObject({ kind: 'lost' });
      await expect(bus.flush()).rejects.toMatchObject({ kind: 'lost' });
      expect(other.publish(subject, 'missed')).toBe(true);
      await expect.poll(() => heardThere).toEqual(['missed']);
      const late = listen(bus, toSubject('test', 'late'));

      place.restore(bus);
      await expect.poll(() => bus.state).toBe('connected');
      await bus.flush();
      other.publish(subject, 'back');
      other.publish(toSubject('test', 'late'), 'subscribed while away');
      await expect.poll(() => late).toEqual(['subscribed while away']);
      expect(heard).toEqual(['back']);
      bus.publish(subject, 'here again');
      await expect.poll(() => heardThere).toEqual(['missed', 'back', 'here again']);
      expect(states).toEqual(['lost', 'connected']);
    });
  });

  describe('a bus that is closed', () => {
    test('refuses what waits, hears nothing and says nothing', async () => {
      const [bus, other] = await pair();
      const states: string[] = [];
      bus.onState((state) => states.push(state));
      other.subscribe(toSubject('test', 'silent'), () => {});
      const heard = listen(bus, subject);
      const heardThere = listen(other, subject);
      await all([bus, other], (each) => each.flush());
      const waiting = [1, 2].map(() =>
        expect(bus.request(toSubject('test', 'silent'), '?', longMs)).rejects.toMatchObject({ kind: 'closed' }),
      );
      bus.publish(subject, 'last words');
      await all([bus, bus], (each) => each.close());
      await Promise.all(waiting);
      expect([bus.state, ...states]).toEqual(['closed', 'closed']);
      expect(bus.publish(subject, 'too late')).toBe(false);
      await expect(bus.request(subject, '?', longMs)).rejects.toMatchObject({ kind: 'closed' });
      await expect(bus.flush()).rejects.toMatchObject({ kind: 'closed' });
      bus.subscribe(subject, () => heard.push('after the end'))();
      other.publish(subject, 'who is there?');
      await expect.poll(() => heardThere).toEqual(['last words', 'who is there?']);
      expect(heard.filter((text) => text !== 'last words')).toEqual([]);
      await expect(other.request(toSubject('test', 'gone'), '?', longMs)).rejects.toMatchObject({ kind: 'nobody' });
    });
  });
}

function listen(bus: Bus, to: typeof subject): string[] {
  const heard: string[] = [];
  bus.subscribe(to, ({ text }) => heard.push(text));
  return heard;
}

function all<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  return Promise.all(items.map((item) => run(item)));
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
