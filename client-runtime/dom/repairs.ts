/*
 * Loads `repair.ts` where it is needed: few pages are changed by others or mounted twice. Output: what puts a tree right, or
 * that there is none, where the page may not load it.
 */

import type { createRepair, writePart as write } from './repair.ts';

/** What makes a tree's repair; null: it could not be loaded, and what does not fit is made anew. */
export let create: typeof createRepair | null | undefined;

/** Changes our part of an attribute that others have a part in. */
export let writePart: typeof write | undefined;

let loading: Promise<void> | undefined;

/** Resolves when it is known whether there is one. */
export function loadRepair(): Promise<void> {
  loading ??= import('./repair.ts').then(
    (module) => {
      create = module.createRepair;
      writePart = module.writePart;
    },
    () => {
      create = null;
    },
  );
  return loading;
}

/** It takes too long: what does not fit is made anew, until it is there after all. */
export function goWithout(): void {
  create ??= null;
}
