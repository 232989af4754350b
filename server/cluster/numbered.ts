/*
 * What is said on a bus, numbered, so that those who listen know when they have missed something. Input: JSON under a
 * subject. Output: the same, once and in its order, and a word about each gap. Who has said something repeats its last
 * number every five seconds for a minute; a connection that was lost and is back is a gap as well.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Bus } from './bus.ts';
import type { Subject } from './subject.ts';

/** How often the last number is repeated. */
export const repeatMs = 5_000;
/** For so long after something was said: every gap is known by then, however much is lost. */
const repeatForMs = 60_000;
/** Who is silent for longer begins anew. */
const forgetMs = 2 * repeatForMs;
/** Bounds for what is remembered of those who speak. */
const maxSpeaking = 10_000;
const maxSpeakers = 1_000;

/** What this process has said under one subject. */
interface Spoken {
  /** Names it and its numbers; who falls silent and speaks again has another name. */
  readonly speaker: string;
  number: number;
  at: number;
}

/** What is known of somebody who speaks. */
interface Known {
  number: number;
  heardAt: number;
}

export interface NumberedListener {
  /** @param process Who says it. */
  hear(body: unknown, process: string): void;
  /** Something was missed. @param process Of whom; undefined: of anybody. */
  onGap(process: string | undefined): void;
}

export class Numbered {
  /** Names this process to the others. */
  readonly process = randomBytes(9).toString('base64url');
  readonly bus: Bus;
  private readonly clock: Clock;
  private readonly spoken = new Map<Subject, Spoken>();
  private readonly audiences = new Set<NumberedAudience>();
  private readonly endState: () => void;
  private timer: unknown;
  private speakers = 0;
  private isClosed = false;

  constructor(bus: Bus, clock: Clock) {
    this.bus = bus;
    this.clock = clock;
    this.endState = bus.onState((state) => {
      if (state !== 'connected') return;
      this.repeat();
      for (const audience of [...this.audiences]) audience.onReconnected();
    });
  }

  /** @param json What is said, as JSON. @throws BusError `too-big` */
  say(subject: Subject, json: string): void {
    if (this.isClosed) return;
    const now = this.clock.now();
    const spoken = this.spoken.get(subject) ?? this.begin(subject);
    const age = spoken.number === 0 ? 0 : Math.floor(now - spoken.at);
    spoken.number++;
    spoken.at = now;
    this.bus.publish(subject, `["${spoken.speaker}",${spoken.number},${age},${json}]`);
    this.timer ??= this.clock.setTimeout(() => this.onTimer(), repeatMs);
  }

  /** Hears what other processes say from now on. Returns what ends it. */
  listen(subject: Subject, listener: NumberedListener): () => void {
    const audience = new NumberedAudience(this.process, this.clock, listener);
    this.audiences.add(audience);
    const end = this.bus.subscribe(subject, ({ text }) => audience.hear(text));
    return () => {
      this.audiences.delete(audience);
      end();
    };
  }

  close(): void {
    this.isClosed = true;
    this.clock.clearTimeout(this.timer);
    this.endState();
  }

  private begin(subject: Subject): Spoken {
    const [oldest] = this.spoken.keys();
    if (this.spoken.size >= maxSpeaking && oldest !== undefined) this.spoken.delete(oldest);
    const begun = { speaker: `${this.process}.${++this.speakers}`, number: 0, at: 0 };
    this.spoken.set(subject, begun);
    return begun;
  }

  private onTimer(): void {
    const now = this.clock.now();
    for (const [subject, { at }] of this.spoken) if (now - at > repeatForMs) this.spoken.delete(subject);
    this.repeat();
    this.timer = this.spoken.size > 0 ? this.clock.setTimeout(() => this.onTimer(), repeatMs) : undefined;
  }

  private repeat(): void {
    const now = this.clock.now();
    for (const [subject, { speaker, number, at }] of this.spoken) {
      this.bus.publish(subject, `["${speaker}",${number},${Math.floor(now - at)}]`);
    }
  }
}

/** One who listens, and what they know of those who speak. */
class NumberedAudience {
  private readonly own: string;
  private readonly clock: Clock;
  private readonly listener: NumberedListener;
  private readonly known = new Map<string, Known>();
  private since: number;

  constructor(own: string, clock: Clock, listener: NumberedListener) {
    this.own = own;
    this.clock = clock;
    this.listener = listener;
    this.since = clock.now();
  }

  hear(text: string): void {
    const said = decode(text);
    if (said === undefined) return;
    const { speaker, number, ageMs, body } = said;
    const process = speaker.slice(0, speaker.indexOf('.'));
    if (process === this.own) return;
    const now = this.clock.now();
    const known = this.known.get(speaker);
    const isNew = body !== undefined;
    if (known && number <= known.number) {
      known.heardAt = now;
      return;
    }
    // what stands before this: the message before, or what a repetition is about
    const before = isNew ? number - 1 : number;
    const isGap = known ? before > known.number : before > 0 && now - ageMs >= this.since;
    this.note(speaker, number, now);
    if (isGap) this.listener.onGap(process);
    if (isNew) this.listener.hear(body, process);
  }

  /** What was said while the connection was lost is not known: from here on it is as if all had just begun. */
  onReconnected(): void {
    this.known.clear();
    this.since = this.clock.now();
    this.listener.onGap(undefined);
  }

  private note(speaker: string, number: number, now: number): void {
    this.known.delete(speaker);
    this.known.set(speaker, { number, heardAt: now });
    for (const [oldest, { heardAt }] of this.known) {
      if (this.known.size <= maxSpeakers && now - heardAt < forgetMs) return;
      this.known.delete(oldest);
    }
  }
}

interface Said {
  readonly speaker: string;
  readonly number: number;
  /** How long before this the last number was said; of a message the one before. */
  readonly ageMs: number;
  /** Undefined: it is a repetition. */
  readonly body: unknown;
}

/** Undefined: it is none of ours. */
function decode(text: string): Said | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(said)) return undefined;
  const [speaker, number, ageMs, body] = said as readonly unknown[];
  if (typeof speaker !== 'string' || !/^[\w-]+\.\d+$/.test(speaker)) return undefined;
  if (!Number.isSafeInteger(number) || typeof ageMs !== 'number') return undefined;
  return { speaker, number: number as number, ageMs, body };
}
