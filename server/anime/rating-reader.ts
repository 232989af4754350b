/*
 * Reads ratings for live islands while the database may be away. Input: what to read. Output: what is there, or that it
 * is not known yet: so an island that is joined meanwhile says so and goes on by itself, and need not be joined again.
 */

import { setTimeout } from 'node:timers/promises';
import type { RatingState } from '../../components/average.ts';
import type { VoteState } from '../../components/vote.ts';
import type { Ratings } from './data/ratings.ts';

export type Found = RatingState & VoteState;

/** Undefined is what there is of an anime that there is not. */
export interface RatingReader {
  /** Resolves to `notKnown` where the database does not answer. */
  readNow(animeId: number, visitor?: string): Promise<Found | undefined>;
  /** Asks until the database answers, or the signal fires: then it is undefined too. */
  read(signal: AbortSignal, animeId: number, visitor?: string): Promise<Found | undefined>;
}

const notKnown: Found = { rating: { average: null, votes: 0 }, vote: null, revision: -1 };

const retryMs = 3_000;

/** @param onError Is told of what was thrown; throws what is not the database's. */
export function createRatingReader(ratings: Ratings, onError: (error: unknown) => void): RatingReader {
  const readNow: RatingReader['readNow'] = async (animeId, visitor) => {
    try {
      return await ratings.read(animeId, visitor);
    } catch (error) {
      onError(error);
      return notKnown;
    }
  };
  return {
    readNow,
    async read(signal, animeId, visitor) {
      while (!signal.aborted) {
        const found = await readNow(animeId, visitor);
        if (found !== notKnown) return found;
        // not all at once, when it is back
        await setTimeout(retryMs * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {});
      }
      return undefined;
    },
  };
}
