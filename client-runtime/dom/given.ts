/*
 * What this script gives to those that are loaded later (`load-parts.ts`), so that each module is there once and what
 * it knows is known to all. Where one bundler makes all scripts of a page, these import the same modules, and nothing
 * has to be given; `scripts/late-scripts.ts` fills it in where each bundle stands alone.
 */

export const given: readonly unknown[] = [];
