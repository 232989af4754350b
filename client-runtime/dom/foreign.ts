/*
 * Notices what others do to an island's nodes: translators, extensions, libraries that sort. Input: the browser's
 * records of which nodes came and went; those of our own changes are none. Output: that it happened, and the records,
 * for `repair.ts`, which is loaded then. A page to which nobody does anything pays for no more than the question.
 */

import { closest, contains } from './native.ts';

export interface Foreign {
  /** Somebody else has added or taken out any node so far: nothing may be taken for granted. */
  isSeen: boolean;
  /** What they did that nobody has looked into. */
  records: MutationRecord[];
  /** Tells whether they have done anything so far. */
  look(): boolean;
  /** Elements of which what stands in them is their person's. */
  readonly edited: WeakSet<Node>;
  /** All that stands there now is ours, or will be looked at. */
  forget(): void;
  /** What happens from here on is our own doing, until `resume`. */
  pause(): void;
  resume(): void;
}

/** For so long somebody may take an element out of the page, to put it somewhere else. */
const takenMs = 50;

/**
 * @param onSeen Is told once.
 * @param onTaken Others have taken elements away, and not put them back.
 */
export function watchForeign(root: Node, onSeen: () => void, onTaken: () => void): Foreign {
  let isWatching = false;
  let taken: Node[] = [];

  const note = (records: readonly MutationRecord[]): void => {
    for (const record of records) {
      // what stands in there is other code's
      const { target } = record;
      const own = target instanceof Element && closest.call(target, '[data-islet-own],server-component');
      if (own && own !== root && root.contains(own)) continue;
      const edited = target instanceof Element && closest.call(target, '[contenteditable]');
      if (edited && foreign.edited.has(edited)) continue;
      for (const node of record.removedNodes) if (node instanceof Element) taken.push(node);
      foreign.records.push(record);
      if (!foreign.isSeen) onSeen();
      foreign.isSeen = true;
    }
  };

  const look = (): void => {
    const isGone = taken.some((node) => !contains.call(root, node));
    taken = [];
    if (isGone) onTaken();
  };

  const observer = new MutationObserver((records) => {
    note(records);
    // what a person could press may be gone, and nothing else may happen that would have us look
    if (taken[0]) setTimeout(look, takenMs);
  });
  const foreign: Foreign = {
    isSeen: false,
    records: [],
    edited: new WeakSet(),
    look() {
      note(observer.takeRecords());
      return foreign.isSeen;
    },
    forget() {
      observer.takeRecords();
      foreign.records = [];
      foreign.isSeen = false;
    },
    pause() {
      if (!isWatching) return;
      note(observer.takeRecords());
      observer.disconnect();
      isWatching = false;
    },
    resume() {
      if (!isWatching) observer.observe(root, { childList: true, subtree: true });
      isWatching = true;
    },
  };
  foreign.resume();
  return foreign;
}
