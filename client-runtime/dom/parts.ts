/*
 * What is loaded later, since few pages need it: `repair.ts`, which puts right what others have done and tells what
 * happened before anybody heard it, and `special.ts`, for controls and listeners that few templates have. Output: what
 * these offer, or that they are not there, where the page may not load them; and when an island gives up, whichever
 * kind it is.
 */

import { isSpecial } from '../../shared/wire/special.ts';

type RepairPart = typeof import('./repair.ts');
type SpecialPart = typeof import('./special.ts');

/** Null: it could not be loaded, and what does not fit is made anew. */
export let repair: RepairPart | null | undefined;

export let special: SpecialPart | undefined;

/** How often the same is put right in vain, until it is put right with more around it or not at all. */
export const maxTries = 3;

/** What a person reads where nothing else can be shown. */
export const words = 'This part could not be shown. Please reload the page.';

let repairing: Promise<void> | undefined;
let specializing: Promise<void> | undefined;

/** Resolves when it is known whether there is one. */
export function loadRepair(): Promise<void> {
  repairing ??= import('./repair.ts').then(
    (part) => {
      repair = part;
    },
    () => {
      repair ??= null;
    },
  );
  return repairing;
}

/** Acts when it is known whether there is one: now, or in a while. */
export function withRepair(act: () => void): void {
  if (repair === undefined) void loadRepair().then(act);
  else act();
}

/** Rejects if there is none now; it may be there when somebody asks again. */
export function loadSpecial(): Promise<void> {
  specializing ??= import('./special.ts').then(install);
  specializing.catch(() => {
    specializing = undefined;
  });
  return specializing;
}

/** For bundles that have it with them. */
export function install(part: SpecialPart): void {
  special = part;
}

/** Whether only `special.ts` knows what a text of the wire has (or how this browser moves nodes), and is yet to come. */
export function lacksSpecial(text: string): boolean {
  return !special && (isSpecial(text) || !('moveBefore' in Element.prototype));
}

/**
 * Loads both when the page has been shown for a while: they are needed in a hurry where a server was renewed, which may
 * have others then.
 */
export function prepareParts(): void {
  repairing ??
    setTimeout(() => {
      void loadRepair();
      special ?? void loadSpecial();
    }, 2_000);
}
