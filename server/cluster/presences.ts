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
import { maxNameLength, type PersonHere, Room } from './room.ts';

/** How often a process says that it lives. */
const leaseMs = 5_000;

export class Presences {
  private readonly numbered: Numbered | undefined;
  private readonly clock: Clock;
  private readonly log: Log;
  /** Those that somebody here is in, or listens to. */
  private readonly rooms = new Map<string, Room>();
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
    return room;
  }

  private renew(): void {
    let isNeeded = false;
    for (const room of this.rooms.values()) isNeeded = room.renew() || isNeeded;
    this.timer = isNeeded ? this.clock.setTimeout(() => this.renew(), leaseMs) : undefined;
  }
}
