/*
 * What a light client (`client.ts`) knows of one island: its tree, and which of its events have an outcome. Input: what
 * happened on the page, and what the server said of it. Output: events with their numbers, and what became of each.
 */

import { repeatableMs } from '../../shared/wire/remembered.ts';
import { type Json, Tree } from './tree.ts';

/** An event of a page: where it happened, and what is known of it. */
export interface Press {
  /** The epoch that the instance belongs to. */
  readonly epoch: string;
  readonly instance: number;
  readonly hole: number;
  readonly data: Json | undefined;
}

/** What became of an event. `dropped`: it is not known, or was never tried, as its place was gone. */
export type Outcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'dropped'; readonly why: string };

export interface IslandError {
  readonly code: string;
  readonly message: string;
  readonly redirect: string | undefined;
}

/** A version of an island's content. */
export interface Seen {
  readonly epoch: string;
  readonly version: number;
}

/** An event that has a number and no outcome yet. */
export interface Waiting extends Press {
  readonly number: number;
  /** What was shown when it was made. */
  readonly seen: Seen;
  /** When it was first sent, by the time of day. */
  readonly sentAt: number;
  /** It was refused before those before it have an outcome: should its number be asked for, nothing is done for it. */
  isRefused: boolean;
  readonly tell: (outcome: Outcome) => void;
}

/** An event that has no number yet. */
interface Unsent {
  readonly seen: Seen;
  readonly press: () => Press;
  readonly tell: (outcome: Outcome) => void;
}

/** What is known of one island. */
export class LightIsland {
  readonly channel: number;
  readonly route: string;
  /** Those that may count; which of them do, the server says. */
  attributes: { readonly [name: string]: string };
  readonly tree = new Tree();
  epoch = '';
  version = -1;
  /** Up to here it has heard what became of its events. */
  settled = 0;
  /** The same, as its last join has said. */
  settledAtJoin = 0;
  isJoined = false;
  error: IslandError | undefined;
  /** Whether what is done is not stored yet, since the store does not answer. */
  isSaving = false;
  /** Names of the attributes that count, once they are known. */
  names: readonly string[] | undefined;
  waiting: Waiting[] = [];
  readonly unsent: Unsent[] = [];
  acknowledged = -1;
  private lastNumber = 0;

  constructor(
    channel: number,
    route: string,
    attributes: LightIsland['attributes'],
    names: LightIsland['names'] = undefined,
  ) {
    this.channel = channel;
    this.route = route;
    this.attributes = attributes;
    this.names = names;
  }

  /** What is shown now. */
  get seen(): Seen {
    return { epoch: this.epoch, version: this.version };
  }

  /** Whether all that was sent has an outcome. */
  get isQuiet(): boolean {
    return this.isJoined && this.waiting.length === 0 && this.unsent.length === 0;
  }

  /** Gives the oldest event without a number the next one. */
  number(): Waiting {
    const { press, seen, tell } = this.unsent.shift() as Unsent;
    const event = { ...press(), seen, number: ++this.lastNumber, sentAt: Date.now(), isRefused: false, tell };
    this.waiting.push(event);
    return event;
  }

  /** Everything up to a number has an outcome: what was not refused was applied. */
  settle(number: number): void {
    this.settled = Math.max(this.settled, number);
    const settled = this.waiting.filter((event) => event.number <= number);
    this.waiting = this.waiting.filter((event) => event.number > number);
    for (const { tell } of settled) tell({ kind: 'applied' });
  }

  refuse(number: number, code: string, message: string): void {
    // one that was told before is told again until `settled` has gone past it
    const refused = this.waiting.find((event) => event.number === number);
    if (!refused) return;
    refused.isRefused = true;
    refused.tell({ kind: 'refused', code, message });
  }

  /** Drops what waits, and uses up a number more, so that the next join says that this was heard. */
  giveUp(why: string): void {
    this.lastNumber++;
    this.drop(why);
  }

  /** All numbers after one that were given, with the events that wait under them. */
  *numbersAfter(last: number): Iterable<readonly [number: number, event: Waiting | undefined]> {
    for (let number = last + 1; number <= this.lastNumber; number++) {
      yield [number, this.waiting.find((event) => event.number === number)];
    }
  }

  /** Nobody knows any more what became of events that were sent so long ago. */
  dropForgotten(): void {
    const before = Date.now() - repeatableMs;
    const forgotten = this.waiting.filter(({ sentAt }) => sentAt < before);
    for (const { tell } of forgotten) tell({ kind: 'dropped', why: 'unknown' });
    this.settle(forgotten.at(-1)?.number ?? 0);
  }

  /** Nobody knows what became of the events that wait. */
  drop(why: string): void {
    for (const { tell } of this.waiting) tell({ kind: 'dropped', why });
    this.settle(this.lastNumber);
  }

  /** Nothing will be sent any more. */
  abandon(why: string): void {
    this.drop(why);
    for (const { tell } of this.unsent.splice(0)) tell({ kind: 'dropped', why });
  }
}
