/*
 * What a person did that the server does not know yet: the events that have no outcome, and typing that no event has
 * reported. Input: typing, events, and which of them have an outcome. Output: each event sent in its order and under its
 * own number, over however many connections that takes; and no field set to what is older than its typing.
 */

import type { Json } from '../../shared/language/events.ts';
import type { DomInstance } from '../dom/dom-tree.ts';
import * as times from './times.ts';

/** An event that the server is to hear of. */
export interface OutgoingEvent {
  /** Where it happened: it keeps its nodes, whatever its id becomes. */
  readonly instance: DomInstance;
  readonly hole: number;
  readonly data: Json | undefined;
  /** The event reports what was typed in this field or form. */
  readonly target: Element;
  /** Another event with the same key and target says all that this one says. */
  readonly key: string | false;
  /** Given when it is first sent, and kept from then on. */
  number?: number;
  /** How often somebody has looked since it was sent. */
  looks?: number;
}

export interface Outbox {
  /** Adds an event; false if there are too many. */
  add(event: OutgoingEvent): boolean;
  /** Sends what was not sent over this connection. @param from It is a new one: it has to hear of all numbers from here on. */
  flush(from?: number): void;
  /** Removes events that nobody waits for any more, and returns them; fields are set to what had to wait for that. */
  remove(isGone: (event: OutgoingEvent) => unknown): OutgoingEvent[];
  /** Looks at the oldest event that was sent; returns how often that was done. */
  look(): number;
  /** Number of the last event that nobody waits for any more. */
  readonly settled: number;
  /** Whether anything would be lost with the page. */
  readonly isBusy: boolean;
  /** Tells whether a property may be set. If not, it is kept and set later. */
  maySet(field: Node, name: string, value: unknown): boolean;
}

/**
 * Makes an island's outbox.
 *
 * @param root What holds the island's fields.
 * @param transmit Sends an event under a number; false if there is no connection, undefined if it is too big.
 * @param skip Says that nothing comes under a number (any more).
 */
export function createOutbox(
  root: ParentNode & EventTarget,
  transmit: (event: OutgoingEvent, number: number) => boolean | undefined,
  skip: (number: number) => void,
): Outbox {
  let events: OutgoingEvent[] = [];
  /** Number of the last event that was sent. */
  let last = 0;
  const waiting = new Map<Node, readonly [name: string, value: unknown]>();
  /** Fields with typing that no event has reported. */
  const typed = new WeakSet<EventTarget>();
  /** The field in which a word is being composed, by an input method or a spelling aid. */
  let composing: unknown;

  const fields = (): HTMLInputElement[] => [...root.querySelectorAll<HTMLInputElement>('input,textarea')];

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

  const remove: Outbox['remove'] = (isGone) => {
    const gone: OutgoingEvent[] = [];
    events = events.filter((event) => !isGone(event) || !gone.push(event));
    settle();
    return gone;
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
  for (const field of fields()) if (field.value !== field.defaultValue) typed.add(field);

  return {
    add(event) {
      const { target, key } = event;
      for (const field of (target as HTMLFormElement).elements ?? [target]) typed.delete(field);
      const before = events.at(-1);
      if (key && before?.key === key && before.target === target && !before.number) events.pop();
      return events.length < times.maxEvents && events.push(event) > 0;
    },
    flush(from = last + 1) {
      const isNew = from <= last;
      const skipTo = (number: number): void => {
        while (from < number) skip(from++);
      };
      for (const event of events) {
        if (!isNew && event.number) continue;
        skipTo(event.number ?? last + 1);
        const isSent = transmit(event, from);
        if (isSent === false) return;
        if (isSent) {
          event.number = from++;
          event.looks = 0;
          last = Math.max(last, event.number);
        } else remove((each) => each === event);
      }
      skipTo(last + 1);
    },
    remove,
    look() {
      const [first] = events;
      return first?.number ? ++(first.looks as number) : 0;
    },
    get settled() {
      return (events[0]?.number ?? last + 1) - 1;
    },
    get isBusy() {
      return !!events[0] || fields().some((field) => typed.has(field));
    },
    maySet,
  };
}
