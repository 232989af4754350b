/*
 * What can go wrong on the admin page's routes, for a person. Thrown by a route, it becomes a page, or JSON for a
 * script. A cause is logged and never sent.
 */

import type { FastifyError } from 'fastify';
import { DatabaseError } from '../data/failures.ts';

export class AdminProblem extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Says what an error means. `explain` says which errors are the database's. */
export function toProblem(thrown: FastifyError, explain: (error: unknown) => unknown): AdminProblem {
  if (thrown instanceof AdminProblem) return thrown;
  if (explain(thrown) instanceof DatabaseError) {
    return new AdminProblem(503, 'The data cannot be reached or written just now. Try again in a moment.');
  }
  const { statusCode = 500 } = thrown;
  if (statusCode >= 500) return new AdminProblem(500, 'The server failed. What went wrong is in its log.');
  return new AdminProblem(statusCode, thrown.message);
}
