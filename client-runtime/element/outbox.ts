/*
 * What a person did that the server does not know yet: events on their way, and typing that no event has reported.
 * Input: typing, events, and which of them the server has applied; they are numbered by counting. Output: each event
 * sent in its order, once, over however many connections that takes; and no field set to what is older than its typing.
 */

import type { Json } from '../../shared/language/events.ts';

/** An event that the server is to hear of. */
export interface OutgoingEvent {
  readonly instance: number;
  readonly hole: number;
  readonly data: Json | undefined;
}

export interface Outbox {
  /**
   * Adds an event; false if there are too many.
   *
   * @param target Where it happened: the event reports what was typed in this field or form.
   */
  add(event: OutgoingEvent, target: Element): boolean;
  /** Sends what was not sent yet. */
  flush(): void;
  /** The server has applied the events up to this number: fields are set to what had to wait for that. */
  acknowledge(number: number): void;
  /** There is a new connection to the same session: what was sent over the last one may not have arrived. */
  resume(): void;
  /** Counts anew, and forgets the events that were sent, or all of them. Returns how many that were. */
  restart(areAll?: boolean): number;
  /** Tells whether a property may be set. If not, it is kept and set later. */
  maySet(field: Node, name: string, value: unknown): boolean;
}

// Less than a server takes at once.
const maxEvents = 200;

/**
 * Makes an island's outbox.
 *
 * @param root What holds the island's fields.
 * @param transmit Sends an event; false if there is no connection.
 */
export function createOutbox(root: ParentNode & EventTarget, transmit: (event: OutgoingEvent) => boolean): Outbox {
  const events: { readonly event: OutgoingEvent; readonly target: Element }[] = [];
  const waiting = new Map<Node, readonly [name: string, value: unknown]>();
  /** Fields with typing that no event has reported. */
  const typed = new WeakSet<EventTarget>();
  /** The field in which a word is being composed, by an input method or a spelling aid. */
  let composing: unknown;
  let applied = 0;
  let sent = 0;

  const maySet = (field: Node, name: string, value: unknown): boolean => {
    const { form } = field as HTMLInputElement;
    const isBusy =
      field === composing || typed.has(field) || events.some(({ target }) => target === field || target === form);
    if (!isBusy || !/^(value|checked)$/.test(name)) return true;
    waiting.set(field, [name, value]);
    return false;
  };

  const settle = (): void => {
    const entries = [...waiting];
    waiting.clear();
    for (const [node, [name, value]] of entries) {
      const field = node as Node & Record<string, unknown>;
      if (maySet(field, name, value) && field[name] !== value) field[name] = value;
    }
  };

  const forget = (count: number): number => {
    sent = Math.max(0, sent - count);
    const { length } = events.splice(0, count);
    settle();
    return length;
  };

  // on its way down, before the listener that reports it
  const note = ({ target, isComposing }: Event & { isComposing?: boolean }): void => {
    typed.add(target as Element);
    composing = isComposing && target;
  };
  root.addEventListener('input', note, true);
  root.addEventListener('compositionend', () => {
    composing = false;
    settle();
  });
  // what was typed before this script ran
  for (const field of root.querySelectorAll<HTMLInputElement>('input,textarea')) {
    if (field.value !== field.defaultValue) typed.add(field);
  }

  return {
    add(event, target) {
      for (const field of (target as HTMLFormElement).elements ?? [target]) typed.delete(field);
      return events.length < maxEvents && events.push({ event, target }) > 0;
    },
    flush() {
      for (const { event } of events.slice(sent)) if (transmit(event)) sent++;
    },
    acknowledge(number) {
      forget(number - applied);
      applied = number;
    },
    resume() {
      sent = 0;
    },
    restart(areAll) {
      applied = 0;
      return forget(areAll ? maxEvents : sent);
    },
    maySet,
  };
}
