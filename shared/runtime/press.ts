/*
 * From an event to a message: what the handler in a hole makes of it, through the maps of the views around it. Input: a
 * listener that was found, and what the event says. Output: a message, if the handler makes one.
 */

import { type EventClient, type EventData, type EventHandler, On } from '../language/events.ts';
import type { AnyMessage } from '../language/html.ts';
import { isThenable } from '../language/thenable.ts';
import type { FoundListener } from '../tree/rendering.ts';
import type { HeardOn } from '../wire/on.ts';

/** An event that is to be handled: where it happened, and who causes it. */
export interface Pressed {
  /** Finds the listener, when the event's turn has come. What it throws refuses that. */
  find(): FoundListener | undefined;
  /** Who causes it, for a handler that is a function: most are messages. */
  toClient(): EventClient;
}

/** Gives the message of a handler. @throws what the handler throws, and TypeError for what is no message. */
export function press(
  { listener, maps }: FoundListener,
  data: EventData,
  by: Pick<Pressed, 'toClient'>,
): AnyMessage | undefined {
  const isOn = listener instanceof On;
  const handler = isOn ? listener.handler : listener;
  let message: unknown = handler;
  if (typeof handler === 'function') {
    const known = isOn ? (listener as HeardOn).pick(data) : data;
    message = (handler as EventHandler<unknown>)(known, by.toClient());
  }
  if (message === null) return undefined;
  if (isThenable(message)) {
    // what it rejects with is told by this refusal
    message.then(undefined, () => {});
    throw new TypeError('a handler cannot wait: it gives a message or null at once, and an effect does the rest');
  }
  if (message !== undefined) for (const map of maps) message = map(message as never);
  if (!isMessage(message)) throw new TypeError(`a handler must give a message or null; got ${typeof message}`);
  return message;
}

function isMessage(value: unknown): value is AnyMessage {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
