/*
 * What a person did that the server does not know yet: the events that have no outcome, and typing that no event has
 * reported. Input: typing, events, and which of them have an outcome. Output: each event sent in its order and under its
 * own number, over however many connections that takes; and no field set to what is older than its typing.
 */

import type { Json } from '../../shared/language/events.ts';
import type { Awaited } from './pending.ts';
import * as times from './times.ts';

/** An event that the server is to hear of. */
export interface OutgoingEvent extends Awaited {
  readonly instance: number;
  readonly hole: number;
  readonly data: Json | undefined;
  /** Where it happened: the event reports what was typed in this field or form. */
  readonly target: Element;
  /** Another event with the same key and target says all that this one says. */
  readonly key: string | false;
  /** Given when it is first sent, and kept from then on. */
  number?: number;
  /** The epoch in which it was sent. */
  epoch?: string;
  /** How often somebody has looked since it was sent. */
  looks?: number;
}

export interface Outbox {
  /** Adds an event; false if there are too many. */
  add(event: OutgoingEvent): boolean;
  /** Sends what was not sent over this connection. @param isNew It is a new one: nothing was. */
  flush(epoch: string, isNew?: boolean): void;
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
 * @param onChange Is told which events have no outcome.
 */
export function createOutbox(
  root: ParentNode & EventTarget,
  transmit: (event: OutgoingEvent, number: number) => boolean | undefined,
  onChange: (events: readonly OutgoingEvent[]) => void,
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
    onChange(events);
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
      // a field may be called `elements`
      const isForm = target instanceof HTMLFormElement;
      for (const field of isForm ? Reflect.get(HTMLFormElement.prototype, 'elements', target) : [target]) {
        typed.delete(field);
      }
      const before = events.at(-1);
      if (key && before?.key === key && before.target === target && !before.number) events.pop();
      const isAdded = events.length < times.maxEvents && events.push(event) > 0;
      onChange(events);
      return isAdded;
    },
    flush(epoch, isNew) {
      for (const event of events) {
        if (!isNew && event.number) continue;
        const number = event.number ?? last + 1;
        const isSent = transmit(event, number);
        if (isSent === false) return;
        if (isSent) {
          Object.assign(event, { number, epoch, looks: 0 });
          last = Math.max(last, number);
        } else remove((each) => each === event);
      }
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
