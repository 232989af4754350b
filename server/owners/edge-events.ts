/*
 * Events of pages at an edge that have no outcome yet, for each island in their order: they are said again, to whoever
 * is the owner, until it is known what became of them. Input: events, and outcomes that owners tell, perhaps twice.
 * Output: what is to be sent, and word to each island.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Json } from '../../shared/language/events.ts';
import type { PlacedEvent, Refusal, Subscriber } from '../actors/actor-port.ts';
import type { ClientEvents, SentEvent, ToldOutcome, Viewer } from './frames.ts';

/** What may wait for an owner, of all islands together: more is refused. */
const maxWaitingBytes = 1024 * 1024;
/** What an event takes besides its data. */
const eventBytes = 64;

interface Waiting {
  readonly event: SentEvent;
  readonly bytes: number;
  /** Some owner may have had it. */
  wasSent: boolean;
}

/** One island of a page here. */
interface Seat {
  readonly name: string;
  readonly subscriber: Subscriber;
  /** In their order, from the first without an outcome on. */
  waiting: Waiting[];
  /** How many of them were sent. */
  sent: number;
  /** Up to here its page has been told. */
  told: number;
  /** The owner may be another one than told of refusals: it hears of them first. */
  isOwnerNew: boolean;
}

export class EdgeEvents {
  private readonly seats = new Map<string, Seat>();
  /** Those with events that were not sent. */
  private readonly unsent = new Set<Seat>();
  /** Islands that have come while no owner could say what it knows of them, with the epochs that they show. */
  private readonly unheard = new Map<string, string | undefined>();
  private bytes = 0;

  noteUnheard(name: string, epoch: string | undefined): void {
    this.unheard.set(name, epoch);
  }

  add(subscriber: Subscriber): void {
    const name = nameOf(subscriber);
    const told = subscriber.sealed;
    this.seats.set(name, { name, subscriber, waiting: [], sent: 0, told, isOwnerNew: false });
  }

  /** Its events are forgotten: its page says them again, wherever it is. */
  remove(subscriber: Subscriber): boolean {
    const seat = this.seatOf(subscriber);
    if (!seat) return false;
    for (const { bytes } of seat.waiting) this.bytes -= bytes;
    this.unsent.delete(seat);
    return this.seats.delete(seat.name);
  }

  get size(): number {
    return this.seats.size;
  }

  get isWaiting(): boolean {
    for (const { waiting } of this.seats.values()) if (waiting.length > 0) return true;
    return false;
  }

  /** Islands with events that have no outcome, and those of which nobody has said anything. */
  waitingNames(): string[] {
    const isAwaited = ({ name, waiting }: Seat): boolean => waiting.length > 0 || this.unheard.has(name);
    return [...this.seats.values()].filter(isAwaited).map(({ name }) => name);
  }

  subscribers(): Subscriber[] {
    return [...this.seats.values()].map(({ subscriber }) => subscriber);
  }

  viewers(): Viewer[] {
    return this.subscribers().map(toViewer);
  }

  /** Takes an event. */
  push({ number, seen, instance, hole, data }: PlacedEvent, subscriber: Subscriber): void {
    const bytes = eventBytes + JSON.stringify([instance, data]).length;
    const fits = this.bytes + bytes <= maxWaitingBytes;
    const after = this.lastOf(subscriber, number);
    this.take(
      subscriber,
      fits ? { number, after, seen, instance, hole, data } : { number, after, code: 'ISLET_ERR_STORE' },
      bytes,
    );
  }

  skip(number: number, code: ErrorCode | undefined, subscriber: Subscriber): void {
    this.take(subscriber, { number, after: this.lastOf(subscriber, number), code: code ?? null }, eventBytes);
  }

  /** Whether an event of an island has no outcome yet. */
  waits(subscriber: Subscriber): boolean {
    return (this.seatOf(subscriber)?.waiting.length ?? 0) > 0;
  }

  /** Has all that has no outcome sent again. @param names Of those islands alone. */
  sendAgain(names: Iterable<string> = this.seats.keys()): void {
    for (const name of names) {
      const seat = this.seats.get(name);
      if (!seat || seat.waiting.length === 0) continue;
      seat.sent = 0;
      this.unsent.add(seat);
    }
  }

  /** Somebody else may be the owner from now on, who does not know what the one before has refused and could not keep. */
  meetOwner(): void {
    for (const seat of this.seats.values()) seat.isOwnerNew = true;
    this.sendAgain();
  }

  /** Another epoch is shown from now on: pages say again what has no outcome, as its place is called there. */
  expectAgain(): void {
    for (const seat of this.seats.values()) this.empty(seat, false);
  }

  /**
   * Gives up what may have come to an owner that is no more, where the one of now cannot know. Gives those whose pages
   * are to be told.
   *
   * @param outcomes What the owner of now says of those that were asked for.
   * @param epoch What it shows. @param shown What was shown here before.
   * @param isKept It goes on from what a store has, with what was done before.
   */
  giveUpUnknown(outcomes: readonly ToldOutcome[], epoch: string, shown: string, isKept: boolean): Subscriber[] {
    const forgotten = new Set(outcomes.filter(({ upTo }) => upTo < 0).map(({ name }) => name));
    const unknown: Subscriber[] = [];
    for (const seat of this.seats.values()) {
      const { name, subscriber } = seat;
      if (isKept && !forgotten.has(name)) continue;
      const isElsewhere = this.unheard.has(name) ? isKept || this.unheard.get(name) !== epoch : shown !== epoch;
      // what a page has said at another machine was sent there
      const wasSentThere = isElsewhere && subscriber.attempt > 1;
      const wasSentHere = (isKept || isElsewhere) && seat.waiting.some(({ wasSent }) => wasSent);
      if (!wasSentThere && !wasSentHere) continue;
      this.empty(seat, true);
      unknown.push(subscriber);
    }
    this.unheard.clear();
    return unknown;
  }

  /** What is to be sent now. */
  takeUnsent(): ClientEvents[] {
    const all: ClientEvents[] = [];
    for (const seat of this.unsent) {
      const { waiting, sent, subscriber } = seat;
      const [first] = waiting;
      if (!first) continue;
      const unsent = waiting.slice(sent).map((each) => {
        each.wasSent = true;
        return each.event;
      });
      const refusals = seat.isOwnerNew ? toSent(subscriber.refusals) : [];
      const { number } = refusals[0] ?? first.event;
      const events = sent === 0 ? follow(refusals, unsent) : unsent;
      all.push({ ...toViewer(subscriber), base: number - 1, events });
      seat.sent = waiting.length;
    }
    this.unsent.clear();
    return all;
  }

  /** Notes outcomes. Gives those whose pages are to be told. */
  settle(outcomes: readonly ToldOutcome[]): Subscriber[] {
    const told: Subscriber[] = [];
    for (const { name, upTo, refused } of outcomes) {
      const seat = this.seats.get(name);
      if (!seat) continue;
      const { subscriber } = seat;
      for (const refusal of refused) {
        if (refusal.event > seat.told) subscriber.onRefused(refusal);
      }
      this.drop(seat, upTo);
      if (upTo > seat.told) {
        seat.told = upTo;
        // it has taken what was sent first
        seat.isOwnerNew = false;
        subscriber.onHandled(upTo);
        subscriber.seal();
        subscriber.onKept();
      }
      told.push(subscriber);
    }
    return told;
  }

  /** The event that an island has sent before one. */
  private lastOf(subscriber: Subscriber, number: number): number {
    return this.seatOf(subscriber)?.waiting.at(-1)?.event.number ?? number - 1;
  }

  private take(subscriber: Subscriber, event: SentEvent, bytes: number): void {
    const seat = this.seatOf(subscriber);
    // it has left
    if (!seat) return;
    seat.waiting.push({ event, bytes, wasSent: false });
    this.bytes += bytes;
    this.unsent.add(seat);
  }

  private empty(seat: Seat, isUnknown: boolean): void {
    for (const { bytes } of seat.waiting) this.bytes -= bytes;
    seat.waiting = [];
    seat.sent = 0;
    this.unsent.delete(seat);
    seat.subscriber.expectAgain(isUnknown);
  }

  private drop(seat: Seat, upTo: number): void {
    const first = seat.waiting.findIndex(({ event }) => event.number > upTo);
    const gone = seat.waiting.splice(0, first < 0 ? seat.waiting.length : first);
    for (const { bytes } of gone) this.bytes -= bytes;
    seat.sent = Math.max(0, seat.sent - gone.length);
  }

  private seatOf(subscriber: Subscriber): Seat | undefined {
    const seat = this.seats.get(nameOf(subscriber));
    return seat?.subscriber === subscriber ? seat : undefined;
  }
}

/** What was refused, as it is sent: the first follows on what has another outcome. */
function toSent(refusals: readonly Refusal[]): SentEvent[] {
  let last: number | undefined;
  return refusals.map(({ event, code }) => {
    const after = last ?? event - 1;
    last = event;
    return { number: event, after, code };
  });
}

/** Some events after others: what lies between them has an outcome. */
function follow(before: readonly SentEvent[], events: readonly SentEvent[]): readonly SentEvent[] {
  const [first, ...others] = events;
  const last = before.at(-1);
  return first && last ? [...before, { ...first, after: last.number }, ...others] : events;
}

export function toViewer(subscriber: Subscriber): Viewer {
  const { client, attempt, account = null } = subscriber;
  // what `authenticate` gives is plain JSON where there is a bus
  return { name: nameOf(subscriber), id: client.id, user: (client.user ?? null) as Json, account, attempt };
}

/** A socket that was opened straight to a component has no name, and does not come back. */
export function nameOf({ name, client }: Pick<Subscriber, 'name' | 'client'>): string {
  return name ?? `direct.${client.id}`;
}
