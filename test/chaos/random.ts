// Numbers that look random and are the same each time for the same seed, as chaos needs them.

import { randomNumbers } from '../../server/anime/random-numbers.ts';

export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  oneOf<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** Different parts of a run take a random of their own, by a seed and their index, so that none shifts another's. */
export function randomOf(seed: number, index = 0): Random {
  const next = randomNumbers(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    oneOf: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  };
}
