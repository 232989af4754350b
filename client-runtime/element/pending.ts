/*
 * Shows what a person waits for: of which controls, forms and islands an event is under way. Input: the events of an
 * island's outbox, whenever they change. Output: the attribute `data-pending`, and `:state(pending)` of the island.
 */

import { toggleAttribute } from '../dom/native.ts';

/** What an event means for those who wait for it. */
export interface Awaited {
  /** Elements that show it. */
  readonly marks: readonly Element[];
  /** Of a submission, its handler and all that it says: the same one again says nothing new. */
  readonly submission: string | false;
}

export interface Pending {
  /** Events are under way, and no others. */
  show(events: readonly Awaited[]): void;
  /** Whether the same form is being submitted with equal fields. */
  includes(event: Awaited): boolean;
}

/** @param onPending Tells the island whether any event is under way. */
export function createPending(onPending: (isPending: boolean) => void): Pending {
  let present: readonly Awaited[] = [];
  return {
    show(events) {
      const marks = new Set(events.flatMap((each) => each.marks));
      for (const element of [...present.flatMap((each) => each.marks), ...marks]) {
        toggleAttribute.call(element, 'data-pending', marks.has(element));
      }
      present = [...events];
      onPending(!!events[0]);
    },
    includes: ({ marks, submission }) =>
      !!submission && present.some((each) => each.submission === submission && each.marks[0] === marks[0]),
  };
}
