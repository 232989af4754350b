/*
 * What a person did that the server does not know yet. Input: events, and which of them have an outcome. Output: each
 * event sent in its order and under its own number, over however many connections that takes; what a field holds only
 * as it was typed last.
 */

import type { Json } from '../../shared/language/events.ts';
import type { PredictedPlace } from '../../shared/wire/frames.ts';
import type { DomInstance } from '../dom/dom-tree.ts';
import type { Report } from '../dom/fields.ts';
import type { Awaited } from './pending.ts';
import * as times from './times.ts';

/** What somebody did, in words that outlive the page. */
export interface What {
  /** Kind of the event: `click`. */
  readonly type: string;
  /** What the page's own code took it for. */
  readonly message?: unknown;
  readonly route: string;
  /** What its control is called, as far as the page says. */
  readonly label: string;
  /** When it happened. */
  readonly at: number;
}

/** An event that the server is to hear of. */
export interface OutgoingEvent extends Awaited, Report {
  /** Where it happened: it keeps its nodes, whatever its id becomes. */
  readonly instance: DomInstance;
  readonly hole: number;
  /** What was shown then. */
  readonly epoch: string;
  readonly seen: number;
  readonly data: Json | undefined;
  readonly type: string;
  /** Of a submission, its handler and all that it says: the same one again says nothing new. */
  readonly submission: string | false;
  /** Where it happened in what the page has rendered by itself. */
  place?: PredictedPlace;
  /** Says to its person what it was, should it be lost. */
  what?: What;
  /** Given when it is first sent, and kept from then on. */
  number?: number;
  /** When it was first sent, by the time of day: a page may sleep for days. */
  sentAt?: number;
  /** How often somebody has looked since it was sent. */
  looks?: number;
  /** It was sent over the present connection. */
  isSent?: boolean;
}

export interface Outbox {
  /** Adds an event; false if there are too many. A form that is being submitted with equal fields is not sent again. */
  add(event: OutgoingEvent): boolean;
  /**
   * Sends what was not sent over this connection.
   *
   * @param from It is a new one: it has to hear of all numbers from here on.
   */
  flush(from?: number): void;
  /** All events up to a number have an outcome. */
  acknowledge(number: number): void;
  /** Removes events that have an outcome. */
  remove(isSettled: (event: OutgoingEvent) => unknown): OutgoingEvent[];
  /** Uses up a number: the next join says by it that what was said of the numbers before it was heard. */
  skip(): void;
  /** Gives up events. Returns those that are lost: not those that say what fields hold, since that is told anew. */
  drop(isLost: (event: OutgoingEvent) => unknown): OutgoingEvent[];
  /** Looks at the oldest event that was sent; returns how often that was done. */
  look(): number;
  /** Number of the last event that nobody waits for any more. */
  readonly settled: number;
  /** How many numbers were told over this connection and have no outcome yet. */
  readonly unsettled: number;
  /** Whether anything would be lost with the page. */
  readonly isBusy: boolean;
}

/**
 * Makes an island's outbox.
 *
 * @param transmit Sends an event under a number, or (undefined) says that nothing comes under it any more. Returns
 *   false if that is not possible now, undefined if it is too big, 0 if it is not to be done any more.
 * @param settle Hears of what events told that have an outcome, or are lost.
 * @param onChange Is told which events have no outcome.
 * @param last Number of the last event that was sent, where one goes on that another page had.
 * @param events What that page has left.
 */
export function createOutbox(
  transmit: (event: OutgoingEvent | undefined, number: number) => boolean | undefined | 0,
  settle: (reports: readonly Report[], areLost?: boolean) => void,
  onChange: (events: readonly OutgoingEvent[]) => void,
  last = 0,
  events: OutgoingEvent[] = [],
): Outbox {
  /** The next number that this connection hears of, and the last one of which it has said the outcome. */
  let next = 1;
  let known = 0;

  const take = (isGone: (event: OutgoingEvent) => unknown, areLost?: boolean): OutgoingEvent[] => {
    const gone: OutgoingEvent[] = [];
    events = events.filter((event) => !isGone(event) || !gone.push(event));
    onChange(events);
    settle(gone, areLost);
    return gone;
  };

  /** Tells of the numbers before this one that nothing comes under them; false if that is not possible now. */
  const skipTo = (number: number): boolean => {
    while (next < number && transmit(undefined, next)) next++;
    return next >= number;
  };

  return {
    add(event) {
      const { instance, hole, target, type, submission } = event;
      if (submission && events.some((each) => each.submission === submission && each.target === target)) {
        settle([event]);
        return true;
      }
      // what a field holds is as it was typed last, unless something else happened since
      for (let at = events.length; type === 'input' && at--; ) {
        const before = events[at] as OutgoingEvent;
        if (before.number || before.type !== type || before.target !== target) break;
        if (before.instance !== instance || before.hole !== hole) continue;
        events[at] = event;
        onChange(events);
        settle([before]);
        return true;
      }
      const isAdded = events.length < times.maxEvents && events.push(event) > 0;
      onChange(events);
      return isAdded;
    },
    flush(from) {
      if (from) {
        next = from;
        known = from - 1;
        for (const event of events) event.isSent = false;
      }
      for (const event of [...events]) {
        if (event.isSent) continue;
        if (!skipTo(event.number ?? last + 1)) return;
        const isSent = transmit(event, next);
        if (isSent === false) return;
        if (isSent) {
          event.sentAt ??= Date.now();
          Object.assign(event, { number: next, looks: 0, isSent });
          last = Math.max(last, next++);
        } else take((each) => each === event, true);
      }
      skipTo(last + 1);
    },
    acknowledge(event) {
      known = Math.max(known, event);
      // who goes on for another page may not know all that it has sent
      last = Math.max(last, event);
      take(({ number }) => (number as number) <= event);
    },
    remove: take,
    skip() {
      last++;
    },
    drop: (isLost) => take(isLost, true).filter(({ type, controls }) => !controls[0] || !/^(input|change)$/.test(type)),
    look() {
      const [first] = events;
      return first?.isSent ? ++(first.looks as number) : 0;
    },
    get settled() {
      return (events[0]?.number ?? last + 1) - 1;
    },
    get unsettled() {
      return next - 1 - known;
    },
    get isBusy() {
      return !!events[0];
    },
  };
}
