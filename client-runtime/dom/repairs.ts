/*
 * Loads `repair.ts` where it is needed, or else when the page is quiet: few pages are changed by others or mounted
 * twice. Output: what puts a tree right, or that there is none, where the page may not load it; and when an island
 * gives up, whichever kind it is.
 */

import type { carryOver, createRepair, writeOurPart } from './repair.ts';

/** What makes a tree's repair; null: it could not be loaded, and what does not fit is made anew. */
export let create: typeof createRepair | null | undefined;

/** Changes our part of an attribute that others have a part in. */
export let writePart: typeof writeOurPart | undefined;

/** Carries what a person did over to fields that are made anew. */
export let carry: typeof carryOver | undefined;

/** How often the same is put right in vain, until it is put right with more around it or not at all. */
export const maxTries = 3;

/** What a person reads where nothing else can be shown. */
export const words = 'This part could not be shown. Please reload the page.';

let loading: Promise<void> | undefined;

/** Resolves when it is known whether there is one. */
export function loadRepair(): Promise<void> {
  loading ??= import('./repair.ts').then(
    (module) => {
      create = module.createRepair;
      writePart = module.writeOurPart;
      carry = module.carryOver;
    },
    () => {
      create = null;
    },
  );
  return loading;
}

/**
 * Loads it when the page has been shown for a while: it is needed in a hurry where a server was renewed, which may have
 * another one then.
 */
export function prepareRepair(): void {
  loading ?? setTimeout(loadRepair, 2_000);
}

/** It takes too long: what does not fit is made anew, until it is there after all. */
export function goWithout(): void {
  create ??= null;
}
