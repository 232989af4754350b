/*
 * The live islands of ratings, on top of the `Ratings` service: the feed of all changes, the average of each anime, and
 * each visitor's own vote. Input: the service. Output: routes of components, which learn of votes here alone, whoever
 * casts them; each subscription ends with its actor.
 */

import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createAverage, type RatingSource } from '../../components/average.ts';
import { createRatingFeed, type RatingNewsSource } from '../../components/rating-feed.ts';
import { toId } from '../../components/tracker/routes.ts';
import { createVote, type VoteAnswer, type VoteSource } from '../../components/vote.ts';
import type { Audible } from '../../shared/index.ts';
import type { Database } from './data/database.ts';
import { DatabaseError } from './data/failures.ts';
import type { RatingChange, Ratings, VoteOutcome } from './data/ratings.ts';
import type { RateLimit } from './rate-limit.ts';
import { createRatingReader, type RatingReader } from './rating-reader.ts';
import { isUser, visitorIn } from './user.ts';

export interface LiveOptions {
  readonly database: Database;
  readonly ratings: Ratings;
  /** How often an address may vote; the API counts by the same. */
  readonly votes: RateLimit;
}

/** Adds the routes. Gives what names the state of all ratings, for pages that are made from it. */
export function liveRoutes(app: FastifyInstance, { database, ratings, votes }: LiveOptions): RatingNewsSource {
  const news = newsOf(ratings.changes);
  const onFailure = (error: unknown, message: string): void => {
    if (!(database.explain(error) instanceof DatabaseError)) throw error;
    app.log.error(error, message);
  };
  const reader = createRatingReader(ratings, (error) => onFailure(error, 'a rating could not be read'));

  app.islet.route('/ws/ratings', createRatingFeed(news), { shared: true });

  app.islet.route('/ws/rate/:animeId', createAverage(ratingSource(ratings, reader)), {
    shared: true,
    async props({ params }) {
      const id = toId(params.animeId);
      const found = await reader.readNow(id);
      return found && { animeId: id, rating: found.rating, revision: found.revision };
    },
  });

  const source = voteSource(ratings, reader, votes, (error) => onFailure(error, 'a vote could not be stored'));
  app.islet.route('/ws/vote/:animeId', createVote(source), {
    predict: true,
    keeps: ['visitor'],
    async props({ user, params }) {
      const id = toId(params.animeId);
      const visitor = isUser(user) ? user.visitor : null;
      const found = await reader.readNow(id, visitor ?? '');
      return found && { animeId: id, visitor, vote: found.vote, revision: found.revision };
    },
  });

  return news;
}

/** Counts the changes since the start of the server, in a name that no other start of it has. */
function newsOf(changes: Audible<RatingChange>): RatingNewsSource {
  const life = randomBytes(6).toString('base64url');
  let told = 0;
  const count = (): void => {
    told++;
  };
  // the first who is told: what others read in `at` when they are told has this change in it
  changes.subscribe(count, { onGap: count });
  const nameNow = (): string => `${life}.${told}`;
  return {
    get at() {
      return nameNow();
    },
    name: changes.name,
    subscribe(listener, options) {
      const latest = new Map<number, number>();
      const tell = ({ animeId, rating, revision }: RatingChange): void => {
        // another server's may come after a later one
        if (revision <= (latest.get(animeId) ?? 0)) return;
        latest.set(animeId, revision);
        listener({ id: animeId, rating, at: nameNow() });
      };
      return changes.subscribe(tell, options);
    },
  };
}

function ratingSource(ratings: Ratings, reader: RatingReader): RatingSource {
  return {
    async read(animeId, signal) {
      const found = await reader.read(signal, animeId);
      return found && { rating: found.rating, revision: found.revision };
    },
    changes: ratings.changes,
    personOf({ id, user }) {
      const visitor = visitorIn(user);
      return visitor === null ? `client ${id}` : `visitor ${visitor}`;
    },
  };
}

/** @param onError Is told of what the database threw; it throws on what it was not the database's. */
function voteSource(
  ratings: Ratings,
  reader: RatingReader,
  limit: RateLimit,
  onError: (error: unknown) => void,
): VoteSource {
  return {
    async read(animeId, visitor, signal) {
      const found = await reader.read(signal, animeId, visitor);
      return found && { vote: found.vote, revision: found.revision };
    },
    async cast(animeId, visitor, vote, { user }) {
      if (limit.take(isUser(user) ? user.address : '').isTooMany) return { kind: 'too-many' };
      try {
        const outcome = await (vote === null
          ? ratings.withdraw(animeId, visitor)
          : ratings.vote({ animeId, visitor, score: vote }));
        return toAnswer(outcome);
      } catch (error) {
        onError(error);
        return { kind: 'unavailable' };
      }
    },
    changes: ratings.changes,
  };
}

function toAnswer(outcome: VoteOutcome): VoteAnswer {
  switch (outcome.kind) {
    case 'stored':
      return { kind: 'stored', state: { vote: outcome.change.vote, revision: outcome.change.revision } };
    case 'no-vote':
      // it was taken back already, from elsewhere, and that has been told
      return { kind: 'stored', state: { vote: null, revision: 0 } };
    default:
      return { kind: 'unavailable' };
  }
}
