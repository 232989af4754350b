/*
 * Loads the scripts that are loaded later (`parts.ts`), from beside the one that loads them. They are asked for until
 * they come: their server may be renewed just now, or the network be away. Only a server that is there without a script
 * for half a minute has none.
 */

import { given } from './given.ts';
import { type Later, repair, special } from './parts.ts';

/** The longest pause between two tries. */
const maxPauseMs = 3_200;
/** How often a server may be there without a script. */
const maxMisses = 14;

/** A script of the same bundler shares its modules with this one; else it is given what it is to share. */
interface Loaded<Part> {
  readonly part: Part;
  readonly make?: (given: readonly unknown[]) => Part;
}

function prepare<Part>(script: Later<Part>, start: () => Promise<Loaded<Part>>): void {
  let loading: Promise<void> | undefined;
  let tries = 0;
  let misses = 0;
  let address: string | undefined;

  const ask = async (): Promise<void> => {
    for (;;) {
      // first of all the bundle that is being run, which may have it with it
      await new Promise((resolve) => setTimeout(resolve, Math.min(maxPauseMs, 50 * tries ** 2)));
      if (script.part) return;
      try {
        // Chromium and Firefox remember what has failed under an address, and say which it was
        const loaded = address ? import(/* @vite-ignore */ `${address}?${tries}`) : start();
        const { part, make } = await loaded;
        script.part = make ? make(given) : part;
      } catch (error) {
        if (misses > maxMisses) {
          script.part = null;
          loading = undefined;
          return;
        }
        tries++;
        address ??= /http.*/.exec(`${error}`)?.[0];
        // a script that is no module knows not where it is from: then the page is asked for
        fetch(address ?? '', { method: 'HEAD', cache: 'no-store' }).then(
          ({ status }) => (misses += Number(status < 500)),
          () => 0,
        );
      }
    }
  };

  script.load = () => (loading ??= ask());
}

prepare(repair, () => import('./repair.ts'));
prepare(special, () => import('./special.ts'));
