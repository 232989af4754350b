/*
 * What an island of a server does about instances that are not what they should be: it asks for each anew, and for what
 * holds it where that is in vain. Part of `repair.ts`. Input: what could not be applied, and the answers. Output:
 * requests, and content put into the place, with what a person did in it.
 */

import type { IdRuns, WireContent } from '../../shared/wire/content.ts';
import type { Restore } from './carry.ts';
import type { DomTree } from './dom-tree.ts';

/** How often the same is asked for in vain, until more around it is asked for or none of it. */
const maxTries = 3;
/**
 * How much is asked for within so many looks: who takes a part away whenever it comes is not to keep the server busy.
 */
const maxAsked = 20;
const askedLooks = 10;

/** What is needed of an island. */
export interface IslandInside {
  readonly tree: DomTree;
  /** Takes note of what a person did; returns what puts that into fields that were made anew since. */
  save(): Restore;
  /** Tells what has been lost. */
  tell(): void;
  /** Asks for an instance, if the island is joined; 0: all. */
  ask(instance: number): void;
  /** Says what happened, to the page. */
  announce(name: string, detail: object): void;
  /** Puts back what others have taken away, if the island is shown. */
  mend(): void;
  giveUp(): void;
}

export interface Recovery {
  /** An instance is not what it should be. */
  misfit(instance: number, error: unknown): void;
  /** Whether all is as it should be, as far as is known; then it says what was put right. */
  isDone(): boolean;
  /** The island has joined: asks again for what it has not got. */
  askAgain(): void;
  /** Called once a second. */
  look(): void;
  /** Something is about to be taken out that others have torn apart. */
  tear(): void;
  /** An instance has come, or all of the island; what it was made of is kept if the epoch is the same. */
  part(instance: number, ids: IdRuns, nextId: number, content: WireContent): void;
  mount(content: WireContent, ids: IdRuns, nextId: number, isNew: boolean, keeps: boolean): void;
}

export function createRecovery({ tree, save, tell, ask, announce, mend, giveUp }: IslandInside): Recovery {
  const needed = new Set<number>();
  let reason = '';
  /** How often each was asked for in vain, one after another, and how many were since somebody last counted. */
  const tries = new Map<number, number>();
  let asked = 0;
  let looks = 0;
  /** Puts what a person did into what is made anew of what was torn apart. */
  let torn: Restore | undefined;

  const askAgain = (): void => {
    for (const instance of needed) if (instance) ask(instance);
  };

  /** False: another way has to be found than the one that failed. */
  const mountKept = (content: WireContent, ids: IdRuns, nextId: number, isNew: boolean): boolean => {
    try {
      tree.repair?.mount(content, ids, nextId, isNew ? 'looks' : 'ids');
      return true;
    } catch (error) {
      reason ||= `${error}`;
      return false;
    }
  };

  const recovery: Recovery = {
    misfit(instance, error) {
      reason ||= `${error}`;
      if (needed.has(0) || needed.has(instance)) return;
      // where much is wrong, or the same again and again, more is asked for
      let id = needed.size < maxTries ? instance : 0;
      while (id && (tries.get(id) ?? 0) >= maxTries) id = tree.holderOf(id);
      const count = (tries.get(id) ?? 0) + 1;
      tries.set(id, count);
      needed.add(id);
      if (count > maxTries) giveUp();
      else if (++asked <= maxAsked) ask(id);
    },

    isDone() {
      if (needed.size) return false;
      torn?.();
      torn = undefined;
      if (reason) {
        announce('islet:recovered', { reason });
        reason = '';
        // if somebody takes it away at once, it is in vain
        setTimeout(() => {
          mend();
          if (!needed.size) tries.clear();
        });
      }
      return true;
    },

    askAgain,

    look() {
      if (++looks % askedLooks) return;
      if (asked > maxAsked) askAgain();
      asked = 0;
    },

    tear() {
      torn ??= save();
    },

    part(instance, ids, nextId, content) {
      const restore = save();
      needed.delete(instance);
      try {
        tree.repair?.replace(instance, content, ids, nextId);
        torn?.();
        restore();
        tell();
      } catch (error) {
        recovery.misfit(tree.holderOf(instance), error);
      }
    },

    mount(content, ids, nextId, isNew, keeps) {
      const restore = save();
      const isKept = keeps && mountKept(content, ids, nextId, isNew);
      if (!isKept) tree.mount(content, ids, nextId);
      needed.clear();
      const targets = restore(isKept && isNew);
      if (targets[0]) announce('islet:dropped', { events: targets.length, why: 'gone', targets });
    },
  };
  return recovery;
}
