/*
 * Notices what others do to an island's nodes: translators, extensions, libraries that sort. Input: the browser's
 * records of which nodes came and went; those of our own changes are none. Output: that it happened, and the records,
 * for `repair.ts`, which is loaded then. A page to which nobody does anything pays for no more than the question.
 */

import { special } from './parts.ts';

export interface Foreign {
  /** Somebody else has added or taken out any node so far: nothing may be taken for granted. */
  isSeen: boolean;
  /** What they did that nobody has looked into. */
  records: MutationRecord[];
  /** Tells whether they have done anything so far. */
  look(): boolean;
  /** All that stands there now is ours, or will be looked at. */
  forget(): void;
  /** What happens from here on is our own doing, until `resume`. */
  pause(): void;
  resume(): void;
}

/** @param onSeen Is told soon after others have done anything. */
export function watchForeign(root: Node, onSeen: () => void): Foreign {
  let isWatching = false;

  const note = (records: readonly MutationRecord[]): void => {
    for (const record of records) {
      if (special.part?.isNotOurs(record.target, root)) continue;
      foreign.records.push(record);
      foreign.isSeen = true;
    }
  };

  const observer = new MutationObserver((records) => {
    note(records);
    if (foreign.isSeen) onSeen();
  });
  const foreign: Foreign = {
    isSeen: false,
    records: [],
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
