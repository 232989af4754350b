/*
 * Routes of an anime's rating: read it, vote, take the vote back. All of it through the `Ratings` service, so that live
 * pages see each vote at once.
 */

import type { FastifyInstance, FastifyReply } from 'fastify';
import { AnimeParams, VisitorRating, VoteRequest } from '../../../components/schema/anime.ts';
import type { Ratings, VoteOutcome } from '../data/ratings.ts';
import { ensureVisitor, visitorOf } from '../visitor.ts';
import { problemResponses } from './documentation.ts';
import { ApiProblem } from './problem.ts';
import type { SchemaTypes } from './validation.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a request counts as a vote, and not with all others. */
    readonly isVote?: boolean;
  }
}

/** A vote is some ten bytes; nobody needs more than this. */
const maxBodyBytes = 1_024;
const path = '/anime/:id/rating';

export function ratingRoutes(app: FastifyInstance, ratings: Ratings): void {
  const routes = app.withTypeProvider<SchemaTypes>();
  const votes = { bodyLimit: maxBodyBytes, config: { isVote: true } };

  routes.get(
    path,
    {
      schema: {
        summary: 'The rating of an anime, and one’s own vote',
        tags: ['Ratings'],
        params: AnimeParams,
        response: { 200: VisitorRating, ...problemResponses(400, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const found = await ratings.read(request.params.id, visitorOf(request));
      if (found === undefined) throw new ApiProblem('anime-not-found');
      markAsPrivate(reply);
      return { ...found.rating, vote: found.vote };
    },
  );

  routes.put(
    path,
    {
      ...votes,
      schema: {
        summary: 'Vote, or change one’s vote',
        description:
          'One vote a visitor; a visitor without a cookie gets one. The answer comes when the vote is stored.',
        tags: ['Ratings'],
        params: AnimeParams,
        body: VoteRequest,
        response: { 200: VisitorRating, ...problemResponses(400, 404, 409, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { score, replaces } = request.body;
      const visitor = ensureVisitor(request, reply);
      const outcome = await ratings.vote({ animeId: request.params.id, visitor, score, replaces });
      markAsPrivate(reply);
      return answer(outcome);
    },
  );

  routes.delete(
    path,
    {
      ...votes,
      schema: {
        summary: 'Take one’s vote back',
        tags: ['Ratings'],
        params: AnimeParams,
        response: { 200: VisitorRating, ...problemResponses(400, 404, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const outcome = await ratings.withdraw(request.params.id, visitorOf(request) ?? '');
      markAsPrivate(reply);
      return answer(outcome);
    },
  );
}

/** The answer depends on the cookie. */
function markAsPrivate(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  reply.headers({ 'cache-control': 'private, no-cache', vary: vary === undefined ? 'cookie' : `${vary}, cookie` });
}

function answer(outcome: VoteOutcome): VisitorRating {
  switch (outcome.kind) {
    case 'stored':
      return { ...outcome.change.rating, vote: outcome.change.vote };
    case 'conflict':
      throw new ApiProblem('vote-conflict', { vote: outcome.vote });
    case 'no-vote':
      throw new ApiProblem('vote-not-found');
    case 'no-such-anime':
      throw new ApiProblem('anime-not-found');
  }
}
