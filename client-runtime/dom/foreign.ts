/*
 * What others do to an island's nodes: translators, extensions, libraries that sort. Input: the browser's records of which
 * nodes came and went; those of our own changes are none. Output: whether a node is theirs, and whether any of ours was
 * moved or taken out. A page to which nobody does anything pays for no more than the question.
 */

import { closest, firstOf, nextOf } from './native.ts';

export interface Foreign {
  /** Somebody else has added or taken out any node so far: nothing may be taken for granted. */
  readonly isSeen: boolean;
  /** Whether somebody else has added a node. */
  isTheirs(node: Node): boolean;
  /** Whether somebody else has added a node, and there is nothing of ours in it. */
  isJunk(node: Node): boolean;
  /** Whether somebody else has added, moved or taken out a node. */
  isMet(node: Node): boolean;
  /** Says that a node is somebody else's. */
  claim(node: Node): void;
  /** All that stands there now is ours. */
  forget(): void;
  /** Tells, once, whether nodes of ours were moved or taken out. */
  takeMoved(): boolean;
  /** What happens from here on is our own doing, until `resume`. */
  pause(): void;
  resume(): void;
}

export function watchForeign(root: Node): Foreign {
  /** False: ours, since it was there when it was first met. */
  let isTheirs = new WeakMap<Node, boolean>();
  let isSeen = false;
  let isMoved = false;
  let isPaused = false;

  const meet = (node: Node, isNew: boolean): boolean => {
    if (!isTheirs.has(node)) isTheirs.set(node, isNew);
    return isTheirs.get(node) as boolean;
  };

  const note = (records: readonly MutationRecord[]): void => {
    /** Texts of ours that nothing was put in the place of. */
    let lost = 0;
    for (const { target, addedNodes, removedNodes } of records) {
      // what stands in there is other code's
      if (target instanceof Element && closest.call(target, '[data-islet-own]')) continue;
      isSeen = true;
      for (const node of removedNodes) {
        if (meet(node, false)) continue;
        if (node instanceof Text) lost++;
        else isMoved = true;
      }
      for (const node of addedNodes) {
        if (meet(node, true) || node instanceof Text) lost--;
        else isMoved = true;
      }
    }
    if (lost > 0) isMoved = true;
  };

  const holdsOurs = (node: Node): boolean => {
    for (let child = firstOf(node); child; child = nextOf(child)) {
      if (isTheirs.get(child) === false || holdsOurs(child)) return true;
    }
    return false;
  };

  const observer = new MutationObserver(note);
  const resume = (): void => {
    isPaused = false;
    observer.observe(root, { childList: true, subtree: true });
  };
  resume();

  return {
    get isSeen() {
      return isSeen;
    },
    isMet: (node) => isTheirs.has(node),
    isJunk: (node) => isTheirs.get(node) === true && !holdsOurs(node),
    isTheirs: (node) => isTheirs.get(node) === true,
    claim(node) {
      isSeen = true;
      isTheirs.set(node, true);
    },
    forget() {
      observer.takeRecords();
      isTheirs = new WeakMap();
      isSeen = isMoved = false;
    },
    takeMoved() {
      note(observer.takeRecords());
      const wasMoved = isMoved;
      isMoved = false;
      return wasMoved;
    },
    pause() {
      if (isPaused) return;
      note(observer.takeRecords());
      observer.disconnect();
      isPaused = true;
    },
    resume() {
      if (isPaused) resume();
    },
  };
}
