/*
 * What a person did that the server does not know yet. Input: events, and which of them have an outcome. Output: each event
 * sent in its order and under its own number, over however many connections that takes; what a field holds only as it was
 * typed last.
 */

import type { Json } from '../../shared/language/events.ts';
import type { Report } from '../dom/fields.ts';
import type { Awaited } from './pending.ts';
import * as times from './times.ts';

/** An event that the server is to hear of. */
export interface OutgoingEvent extends Awaited {
  readonly instance: number;
  readonly hole: number;
  readonly data: Json | undefined;
  readonly type: string;
  readonly target: EventTarget | null;
  /** What it tells of controls. */
  readonly report: Report;
  /** Given when it is first sent, and kept from then on. */
  number?: number;
  /** The epoch in which it was sent. */
  epoch?: string;
  /** How often somebody has looked since it was sent. */
  looks?: number;
  /** It was sent over the present connection. */
  isSent?: boolean;
  /** It has lost its place: only its number is told. */
  isVoid?: boolean;
}

export interface Outbox {
  /** Adds an event; false if there are too many. */
  add(event: OutgoingEvent): boolean;
  /** Sends what was not sent over this connection. @param isNew It is a new one: nothing was. */
  flush(epoch: string, isNew?: boolean): void;
  /** Removes events that have an outcome. */
  remove(isSettled: (event: OutgoingEvent) => unknown): void;
  /**
   * Gives up events, whose number is told unless they may be removed. Returns how many are lost: not those that say what
   * fields hold, since that is told anew.
   */
  drop(isLost: (event: OutgoingEvent) => unknown, mayRemove: boolean): number;
  /** Looks at the oldest event that was sent; returns how often that was done. */
  look(): number;
  /** Number of the last event that nobody waits for any more. */
  readonly settled: number;
  /** How many events were sent over this connection and have no outcome yet. */
  readonly unsettled: number;
  /** Whether anything would be lost with the page. */
  readonly isBusy: boolean;
}

/**
 * Makes an island's outbox.
 *
 * @param transmit Sends an event under a number; false if that is not possible now, undefined if it is too big.
 * @param settle Hears of what events told that have an outcome, or are lost.
 * @param onChange Is told which events have no outcome.
 */
export function createOutbox(
  transmit: (event: OutgoingEvent, number: number) => boolean | undefined,
  settle: (reports: readonly Report[], areLost?: boolean) => void,
  onChange: (events: readonly OutgoingEvent[]) => void,
): Outbox {
  let events: OutgoingEvent[] = [];
  /** Number of the last event that was sent. */
  let last = 0;
  let unsettled = 0;

  const take = (isGone: (event: OutgoingEvent) => unknown, areLost?: boolean): OutgoingEvent[] => {
    const gone: OutgoingEvent[] = [];
    events = events.filter((event) => !isGone(event) || !gone.push(event));
    onChange(events);
    for (const { isSent } of gone) if (isSent) unsettled--;
    settle(
      gone.map(({ report }) => report),
      areLost,
    );
    return gone;
  };

  return {
    add(event) {
      const { instance, hole, target, type } = event;
      // what a field holds is as it was typed last, unless something else happened since
      for (let at = events.length; type === 'input' && at--; ) {
        const before = events[at] as OutgoingEvent;
        if (before.number || before.type !== type) break;
        if (before.target !== target || before.instance !== instance || before.hole !== hole) continue;
        events[at] = event;
        settle([before.report]);
        return true;
      }
      const isAdded = events.length < times.maxEvents && events.push(event) > 0;
      onChange(events);
      return isAdded;
    },
    flush(epoch, isNew) {
      if (isNew) {
        unsettled = 0;
        for (const event of events) event.isSent = false;
      }
      for (const event of [...events]) {
        if (event.isSent) continue;
        const number = event.number ?? last + 1;
        const isSent = transmit(event, number);
        if (isSent === false) return;
        if (isSent) {
          Object.assign(event, { number, looks: 0, isSent });
          event.epoch ??= epoch;
          last = Math.max(last, number);
          unsettled++;
        } else take((each) => each === event, true);
      }
    },
    remove: take,
    drop(isLost, mayRemove) {
      const isGone = (event: OutgoingEvent): unknown => !event.isVoid && isLost(event);
      const lost = mayRemove ? take(isGone, true) : events.filter(isGone);
      if (!mayRemove) {
        for (const event of lost) event.isVoid = true;
        settle(
          lost.map(({ report }) => report),
          true,
        );
      }
      return lost.filter(({ type, report }) => !report.controls[0] || !/^(input|change)$/.test(type)).length;
    },
    look() {
      const [first] = events;
      return first?.isSent ? ++(first.looks as number) : 0;
    },
    get settled() {
      return (events[0]?.number ?? last + 1) - 1;
    },
    get unsettled() {
      return unsettled;
    },
    get isBusy() {
      return !!events[0];
    },
  };
}
