/*
 * An event of a page that is to be handled. Input: what the page says, decoded. Output: the listener that it means, who
 * causes it, and for its page the outcome. One object for all of that: it is made for each event.
 */

import type { EventClient } from '../../shared/language/events.ts';
import type { Pressed } from '../../shared/runtime/press.ts';
import type { FoundListener } from '../../shared/tree/rendering.ts';
import type { ServerClock } from '../system-clock.ts';
import type { PlacedEvent, Subscriber } from './actor-port.ts';
import { EventOrigin, type OutcomeListener } from './event-origin.ts';
import { EventSender } from './event-sender.ts';

/** Where it happened. */
export interface ListenerFinder extends OutcomeListener {
  readonly clock: Pick<ServerClock, 'timeOfDay'>;
  /** Finds what somebody who saw a version has pressed; undefined: it is gone, or not known any more. */
  findListener(instance: PlacedEvent['instance'], hole: number, seen: number): FoundListener | undefined;
}

export class PageEvent extends EventOrigin implements Pressed {
  private readonly finder: ListenerFinder;
  private readonly subscriber: Subscriber;
  private readonly placed: PlacedEvent;

  constructor(finder: ListenerFinder, subscriber: Subscriber, placed: PlacedEvent) {
    super(finder, subscriber, placed.number);
    this.finder = finder;
    this.subscriber = subscriber;
    this.placed = placed;
  }

  find(): FoundListener | undefined {
    const { instance, hole, seen } = this.placed;
    return this.finder.findListener(instance, hole, seen);
  }

  toClient(): EventClient {
    const { client, channel } = this.subscriber;
    const { number, instance } = this.placed;
    const place = typeof instance === 'number' ? undefined : instance;
    return new EventSender(client, channel, number, place, this.finder.clock);
  }
}
