/*
 * What is loaded later, since few pages need it: `repair.ts`, which puts right what others have done and tells what
 * happened before anybody heard it, and `special.ts`, for controls and listeners that few templates have. Output: what
 * these offer, or that they are not there, where the page may not load them; and when an island gives up, whichever
 * kind it is. `load-parts.ts` says where they come from.
 */

import { isSpecial } from '../../shared/wire/special.ts';

/** A script of its own. */
export interface Later<Part> {
  /** What it offers; null: it cannot be had; undefined: nobody has tried yet, or it is being asked for. */
  part: Part | null | undefined;
  /** Resolves when it is known whether there is one; tries again where that failed before. */
  load: () => Promise<void>;
  /** Acts when it is known: now, or in a while. */
  use(act: () => void): void;
}

function later<Part>(): Later<Part> {
  const script: Later<Part> = {
    part: undefined,
    async load() {},
    use(act) {
      if (script.part) act();
      else void script.load().then(act);
    },
  };
  return script;
}

/** Loads what has to be there. Rejects if it cannot be had. */
export async function need(script: Later<unknown>): Promise<void> {
  await script.load();
  if (!script.part) throw Error(words);
}

/** Without it, what does not fit is made anew. */
export const repair = later<typeof import('./repair.ts').part>();
/** Without it, what needs it is not shown. */
export const special = later<typeof import('./special.ts').part>();

/** How often the same is put right in vain, until it is put right with more around it or not at all. */
export const maxTries = 3;

/** What a person reads where nothing else can be shown. */
export const words = 'This part could not be shown. Please reload the page.';

/** Whether only `special.ts` knows what a text of the wire has (or how this browser moves nodes), and is yet to come. */
export function lacksSpecial(text: string): boolean {
  return !special.part && (isSpecial(text) || !('moveBefore' in Element.prototype));
}

/**
 * Loads both when the page has been shown for a while: they are needed in a hurry where a server was renewed, which may
 * have others then.
 */
export function prepareParts(): void {
  for (const { load } of [repair, special]) setTimeout(load, 2_000);
}
