/*
 * Who is here, in all processes of an app (`app.islet.presence`). Input: pages that come and go here, and what other
 * processes say of theirs. Output: people, to those who listen. Each process says what changes with its own people,
 * repeats every five seconds that it lives, and says all of them to who asks.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import type { Presence } from '../../shared/language/topic.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import type { Numbered } from './numbered.ts';
import type { PersonHere } from './people-shown.ts';
import { decodePeople, type PersonWord } from './presence-words.ts';
import { graceMs, maxNameLength, Room } from './room.ts';

/** How often a process says that it lives. */
const leaseMs = 5_000;

export class Presences {
  private readonly numbered: Numbered | undefined;
  private readonly clock: Clock;
  private readonly log: Log;
  /** Those that somebody here is in, or listens to. */
  private readonly rooms = new Map<string, Room>();
  /** Who was in the process before this one. */
  private readonly expected = new Map<string, readonly PersonWord[]>();
  private expectedAt = 0;
  private timer: unknown;
  private isClosed = false;

  /** @param numbered Undefined: there is no bus. */
  constructor(numbered: Numbered | undefined, clock: Clock, log: Log) {
    this.numbered = numbered;
    this.clock = clock;
    this.log = log;
  }

  /** @throws IsletError ISLET_ERR_PRESENCE for a name that is none. */
  presence<Meta>(name: string): Presence<Meta> {
    if (typeof name !== 'string' || name === '' || name.length > maxNameLength) {
      throw new IsletError('ISLET_ERR_PRESENCE', `a presence has a name, of ${maxNameLength} characters at most`);
    }
    const presence: Presence<Meta> = {
      name,
      subscribe: (listener, { signal } = {}) => {
        if (this.isClosed || signal?.aborted) return () => {};
        const room = this.roomOf(name);
        // whoever enters says what type `meta` has
        const end = room.subscribe(listener as (people: readonly PersonHere[]) => void);
        const endOnce = (): void => {
          signal?.removeEventListener('abort', endOnce);
          end();
        };
        signal?.addEventListener('abort', endOnce, { once: true });
        return endOnce;
      },
      enter: (tab, person, signal) => {
        if (this.isClosed || signal?.aborted) return;
        const room = this.roomOf(name);
        try {
          room.enter(tab, person);
        } finally {
          // it may have been refused
          room.endIfEmpty();
        }
        signal?.addEventListener('abort', () => presence.leave(tab), { once: true });
        this.timer ??= this.numbered && this.clock.setTimeout(() => this.renew(), leaseMs);
      },
      leave: (tab) => this.rooms.get(name)?.leave(tab),
    };
    return presence;
  }

  /** All who are here, as JSON; undefined: nobody is. */
  list(): string | undefined {
    const people = [...this.rooms].map(([name, room]) => [name, room.list()] as const);
    const present = people.filter(([, each]) => each.length > 0);
    return present.length > 0 ? JSON.stringify(Object.fromEntries(present)) : undefined;
  }

  /** Shows for a while who was in the process before this one. @param listed What that said of them. */
  expect(listed: string): void {
    this.expectedAt = this.clock.now();
    for (const [name, people] of decodePeople(listed)) {
      const room = this.rooms.get(name);
      if (room) room.expect(people);
      else this.expected.set(name, people);
    }
  }

  /** Takes leave of the other processes: their people need not wait to see that ours have gone. */
  close(): void {
    this.isClosed = true;
    this.clock.clearTimeout(this.timer);
    for (const room of this.rooms.values()) room.close();
    this.rooms.clear();
  }

  private roomOf(name: string): Room {
    const present = this.rooms.get(name);
    if (present) return present;
    const { numbered, clock, log } = this;
    const room = new Room(name, { numbered, clock, log, onEmpty: () => this.rooms.delete(name) });
    this.rooms.set(name, room);
    if (this.clock.now() - this.expectedAt > graceMs) this.expected.clear();
    room.expect(this.expected.get(name) ?? []);
    this.expected.delete(name);
    return room;
  }

  private renew(): void {
    let isNeeded = false;
    for (const room of this.rooms.values()) isNeeded = room.renew() || isNeeded;
    this.timer = isNeeded ? this.clock.setTimeout(() => this.renew(), leaseMs) : undefined;
  }
}
