/*
 * Whose a node is. Input: the browser's records of what others did (`foreign.ts`). Output: whether a node is theirs,
 * and whether any of ours was moved or taken out. Part of `repair.ts`, which is loaded when there is a first record.
 */

import { firstOf, nextOf } from './native.ts';

export interface Others {
  /** Whether somebody else has added a node. */
  isTheirs(node: Node): boolean;
  /** Whether somebody else has added a node, and there is nothing of ours in it. */
  isJunk(node: Node): boolean;
  /** Whether somebody else has added, moved or taken out a node. */
  isMet(node: Node): boolean;
  /** Says that a node is somebody else's. */
  claim(node: Node): void;
  /** Takes note of records; tells whether nodes of ours were moved or taken out. */
  note(records: readonly MutationRecord[]): boolean;
}

export function createOthers(): Others {
  /** False: ours, since it was there when it was first met. */
  const isTheirs = new WeakMap<Node, boolean>();

  const meet = (node: Node, isNew: boolean): boolean => {
    if (!isTheirs.has(node)) isTheirs.set(node, isNew);
    return isTheirs.get(node) as boolean;
  };

  const holdsOurs = (node: Node): boolean => {
    for (let child = firstOf(node); child; child = nextOf(child)) {
      if (isTheirs.get(child) === false || holdsOurs(child)) return true;
    }
    return false;
  };

  return {
    isMet: (node) => isTheirs.has(node),
    isJunk: (node) => isTheirs.get(node) === true && !holdsOurs(node),
    isTheirs: (node) => isTheirs.get(node) === true,
    claim: (node) => void isTheirs.set(node, true),
    note(records) {
      /** Texts of ours that nothing was put in the place of. */
      let lost = 0;
      let isMoved = false;
      for (const { addedNodes, removedNodes } of records) {
        for (const node of removedNodes) {
          // what others have put around ours, they may take out with it
          if (meet(node, false)) isMoved ||= holdsOurs(node);
          else if (node instanceof Text) lost++;
          else isMoved = true;
        }
        for (const node of addedNodes) {
          if (meet(node, true) || node instanceof Text) lost--;
          else isMoved = true;
        }
      }
      return isMoved || lost > 0;
    },
  };
}
