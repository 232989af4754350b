/*
 * Who causes an event, as its handler on the server knows them. Input: the client, and what its page has made new names
 * of, where it predicts. Output: names and a time that page and server make alike.
 */

import type { Client, EventClient } from '../../shared/language/events.ts';

/** For so long a page may have kept what happened in it. */
const maxAgeMs = 24 * 60 * 60 * 1_000;

export class EventSender implements EventClient {
  readonly id: string;
  readonly user: unknown;
  private readonly seed: string;
  private time: number | undefined;
  private count = 0;

  /**
   * @param seed Of this event alone. What a page says of it collides at most with names of the same client.
   * @param time What a page says, in milliseconds; it may be anything.
   */
  constructor({ id, user }: Client, seed: string, time: number | undefined) {
    this.id = id;
    this.user = user;
    this.seed = seed;
    if (time === undefined) return;
    const now = Date.now();
    this.time = Math.min(now, Math.max(now - maxAgeMs, time));
  }

  newId(): string {
    return `${this.id}-${this.seed}-${this.count++}`;
  }

  now(): number {
    this.time ??= Date.now();
    return this.time;
  }
}
