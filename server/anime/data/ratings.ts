/*
 * The one place where votes are cast: the API's routes and the live actors both come here, so that each sees what the
 * other did. Input: votes. Output: ratings, and news on a topic, for all servers, after a vote is safely stored.
 */

import type { Rating } from '../../../components/schema/anime.ts';
import { isId } from '../../../components/schema/id.ts';
import type { Audible, Topic } from '../../../shared/index.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './failures.ts';
import { createUnsettled, type VoteKey } from './unsettled.ts';

/** What a vote changed. */
export interface RatingChange {
  readonly animeId: number;
  readonly rating: Rating;
  /** Counts the changes of this anime's rating: of two changes the one with the higher number is the later. */
  readonly revision: number;
  readonly visitor: string;
  /** The visitor's vote now; null after it was withdrawn. */
  readonly vote: number | null;
}

export interface Vote {
  readonly animeId: number;
  readonly visitor: string;
  /** From 1 to 10. */
  readonly score: number;
  /** The vote that the visitor believes to change; null for none. Left out, the new one wins. */
  readonly replaces?: number | null | undefined;
}

export type VoteOutcome =
  | { readonly kind: 'stored'; readonly change: RatingChange }
  | { readonly kind: 'no-such-anime' }
  | { readonly kind: 'no-vote' }
  /** The visitor's vote is not the one that `replaces` named. */
  | { readonly kind: 'conflict'; readonly vote: number | null };

export interface Ratings {
  /** The rating of an anime and a visitor's own vote, or nothing where there is no such anime. */
  read(
    animeId: number,
    visitor?: string,
  ): Promise<{ rating: Rating; vote: number | null; revision: number } | undefined>;
  /** Resolves once the vote is stored. */
  vote(vote: Vote): Promise<VoteOutcome>;
  withdraw(animeId: number, visitor: string): Promise<VoteOutcome>;
  /**
   * Each change once it is stored. Those of one server come in their order; of two servers the later has the higher
   * revision.
   */
  readonly changes: Audible<RatingChange>;
}

export function createRatings(database: Database, changes: Topic<RatingChange>): Ratings {
  const { tables } = database;
  const published = new Map<number, number>();

  /** Two answers of PostgreSQL may overtake each other: then only the later change is told. */
  const publish = (change: RatingChange): void => {
    if (change.revision <= (published.get(change.animeId) ?? 0)) return;
    published.set(change.animeId, change.revision);
    changes.publish(change);
  };

  const read: Ratings['read'] = async (animeId, visitor) => {
    if (!isId(animeId)) return undefined;
    const row = await tables
      .selectFrom('anime')
      .leftJoin('votes', (join) =>
        join.onRef('votes.anime_id', '=', 'anime.id').on('votes.visitor', '=', visitor ?? ''),
      )
      .select(['vote_count', 'average', 'revision', 'votes.score as vote'])
      .where('anime.id', '=', animeId)
      .executeTakeFirst();
    return row && { rating: toRating(row), vote: row.vote, revision: row.revision };
  };

  const unsettled = createUnsettled({
    async settle(key) {
      // PostgreSQL may still be about to store it: who locks the row waits for that
      await tables
        .selectFrom('anime')
        .select('id')
        .where('id', '=', key.animeId)
        .$if(database.kind === 'postgres', (query) => query.forShare())
        .execute();
      const found = await read(key.animeId, key.visitor);
      if (found !== undefined) publish({ ...key, ...found });
    },
  });

  /** Sees to it that a vote is told which may have been stored although it failed. */
  const told = async (key: VoteKey, outcome: Promise<VoteOutcome>): Promise<VoteOutcome> => {
    try {
      return await outcome;
    } catch (error) {
      const cause = database.explain(error);
      const isLost = cause instanceof DatabaseError && (cause.failure === 'unreachable' || cause.failure === 'slow');
      if (isLost) unsettled.add(key);
      throw error;
    }
  };

  const change = async (
    { animeId, visitor, replaces }: Omit<Vote, 'score'>,
    score: number | null,
  ): Promise<VoteOutcome> => {
    if (!isId(animeId)) return { kind: 'no-such-anime' };
    const outcome = await tables.transaction().execute(async (transaction): Promise<VoteOutcome> => {
      // PostgreSQL locks the row of the anime, so that its votes are counted one after another; SQLite has one writer
      const anime = await transaction
        .selectFrom('anime')
        .select(['vote_count', 'vote_sum', 'revision'])
        .where('id', '=', animeId)
        .$if(database.kind === 'postgres', (query) => query.forUpdate())
        .executeTakeFirst();
      if (anime === undefined) return { kind: 'no-such-anime' };
      const own = await transaction
        .selectFrom('votes')
        .select('score')
        .where('anime_id', '=', animeId)
        .where('visitor', '=', visitor)
        .executeTakeFirst();
      const before = own?.score ?? null;
      if (replaces !== undefined && replaces !== before) return { kind: 'conflict', vote: before };
      if (score === null && before === null) return { kind: 'no-vote' };

      if (score === null) {
        await transaction.deleteFrom('votes').where('anime_id', '=', animeId).where('visitor', '=', visitor).execute();
      } else {
        const voted_at = new Date().toISOString();
        await transaction
          .insertInto('votes')
          .values({ anime_id: animeId, visitor, score, voted_at })
          .onConflict((conflict) => conflict.columns(['anime_id', 'visitor']).doUpdateSet({ score, voted_at }))
          .execute();
      }
      const vote_count = anime.vote_count + (score === null ? 0 : 1) - (before === null ? 0 : 1);
      const vote_sum = anime.vote_sum + (score ?? 0) - (before ?? 0);
      const average = vote_count === 0 ? 0 : Math.round((100 * vote_sum) / vote_count);
      const revision = anime.revision + 1;
      await transaction
        .updateTable('anime')
        .set({ vote_count, vote_sum, average, revision })
        .where('id', '=', animeId)
        .execute();
      const rating = toRating({ vote_count, average });
      return { kind: 'stored', change: { animeId, rating, revision, visitor, vote: score } };
    });
    if (outcome.kind === 'stored') publish(outcome.change);
    return outcome;
  };

  return {
    read,
    vote: ({ score, ...vote }) => told({ animeId: vote.animeId, visitor: vote.visitor }, change(vote, score)),
    withdraw: (animeId, visitor) => told({ animeId, visitor }, change({ animeId, visitor }, null)),
    changes,
  };
}

/** Turns what is stored into what is shown. */
export function toRating({ vote_count, average }: { vote_count: number; average: number }): Rating {
  return { average: vote_count === 0 ? null : average / 100, votes: vote_count };
}
