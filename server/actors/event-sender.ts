/*
 * Who causes an event, as its handler on the server knows them. Input: the client, and what its page has made new names
 * of, where it predicts. Output: names and a time that page and server make alike.
 */

import type { Client, EventClient } from '../../shared/language/events.ts';
import type { PredictedPlace } from '../../shared/wire/frames.ts';
import type { ServerClock } from '../system-clock.ts';

/** For so long a page may have kept what happened in it. */
const maxAgeMs = 24 * 60 * 60 * 1_000;

export class EventSender implements EventClient {
  readonly id: string;
  readonly user: unknown;
  private readonly channel: number;
  private readonly number: number;
  /** What a page says that new names were made of. It collides at most with names of the same client. */
  private readonly seed: string | undefined;
  private readonly clock: Pick<ServerClock, 'timeOfDay'>;
  private time: number | undefined;
  private count = 0;

  /** @param place What a page says that has handled it, too; its time may be anything. */
  constructor(
    { id, user }: Client,
    channel: number,
    number: number,
    place: PredictedPlace | undefined,
    clock: Pick<ServerClock, 'timeOfDay'>,
  ) {
    this.id = id;
    this.user = user;
    this.channel = channel;
    this.number = number;
    this.seed = place?.i;
    this.clock = clock;
    if (place?.t === undefined) return;
    const now = clock.timeOfDay();
    this.time = Math.min(now, Math.max(now - maxAgeMs, place.t));
  }

  newId(): string {
    return `${this.id}-${this.seed ?? `${this.channel}.${this.number}`}-${this.count++}`;
  }

  now(): number {
    this.time ??= this.clock.timeOfDay();
    return this.time;
  }
}
