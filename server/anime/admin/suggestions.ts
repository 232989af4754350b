/*
 * What the search field of the admin page asks while somebody types. Input: how names and addresses begin. Output: the
 * first few users, and whether these are all: then a browser can answer every longer text by itself.
 */

import type { FastifyInstance } from 'fastify';
import { maxSearchLength, searchWords } from '../../../components/admin/words.ts';
import type { Database } from '../data/database.ts';
import { suggestUsers } from '../data/user-pages.ts';
import { createRateLimit, limitRequests } from '../rate-limit.ts';
import { AdminProblem } from './problem.ts';
import { sessionOf } from './session-cookie.ts';

const maxSuggestions = 8;
/** A fast typist makes some five a second, and most of them need no request. */
const requestsPerMinute = 300;

export function suggestionRoute(scope: FastifyInstance, database: Database): void {
  const limit = limitRequests(
    createRateLimit(requestsPerMinute),
    (after) => new AdminProblem(429, `Too many questions. Try again in ${after}.`),
  );
  scope.get<{ Querystring: { prefix?: unknown } }>(
    '/admin/users/suggestions',
    { onRequest: limit },
    async (request) => {
      if (sessionOf(request) === undefined) throw new AdminProblem(401, 'You are not logged in any more.');
      const { prefix } = request.query;
      if (typeof prefix !== 'string' || prefix.length > maxSearchLength || searchWords(prefix).length === 0) {
        throw new AdminProblem(400, `prefix must have a letter or digit, and at most ${maxSearchLength} characters.`);
      }
      const users = await suggestUsers(database, prefix, maxSuggestions + 1);
      return { users: users.slice(0, maxSuggestions), isComplete: users.length <= maxSuggestions };
    },
  );
}
