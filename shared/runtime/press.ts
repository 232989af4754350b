/*
 * From an event to a message: what the handler in a hole makes of it, through the maps of the views around it. Input: a
 * listener that was found, and what the event says. Output: a message, if the handler makes one.
 */

import { type EventClient, type EventData, type EventHandler, On, pickFields } from '../language/events.ts';
import type { AnyMessage } from '../language/html.ts';
import { isThenable } from '../language/thenable.ts';
import type { FoundListener } from '../tree/rendering.ts';

/** Gives the message of a handler. @throws what the handler throws, and TypeError for what is no message. */
export function press({ listener, maps }: FoundListener, data: EventData, client: EventClient): AnyMessage | undefined {
  const { handler, options } = listener instanceof On ? listener : { handler: listener, options: {} };
  let message: unknown = handler;
  if (typeof handler === 'function') {
    message = (handler as EventHandler<unknown>)(pickFields(data, options.fields), client);
  }
  if (message === null) return undefined;
  if (isThenable(message)) {
    // what it rejects with is told by this refusal
    message.then(undefined, () => {});
    throw new TypeError('a handler cannot wait: it gives a message or null at once, and an effect does the rest');
  }
  for (const map of message === undefined ? [] : maps) message = map(message as never);
  if (!isMessage(message)) throw new TypeError(`a handler must give a message or null; got ${typeof message}`);
  return message;
}

function isMessage(value: unknown): value is AnyMessage {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
