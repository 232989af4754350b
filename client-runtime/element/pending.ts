/*
 * Shows what a person waits for: of which controls, forms and islands an event is under way. Input: the events of an
 * island's outbox, whenever they change. Output: the attribute `data-pending`, and `:state(pending)` of the island.
 */

import { toggleAttribute } from '../dom/native.ts';

/** What an event means for those who wait for it. */
export interface Awaited {
  /** Elements that show it. */
  readonly marks: readonly Element[];
}

/**
 * Returns what shows that events are under way, and no others.
 *
 * @param onPending Tells the island whether any is.
 */
export function createPending(onPending: (isPending: boolean) => void): (events: readonly Awaited[]) => void {
  let before: readonly Element[] = [];
  return (events) => {
    const marks = events.flatMap((each) => each.marks);
    for (const element of [...before, ...marks]) {
      toggleAttribute.call(element, 'data-pending', marks.includes(element));
    }
    before = marks;
    onPending(!!events[0]);
  };
}
