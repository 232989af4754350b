/*
 * What an error of the API looks like (RFC 9457, application/problem+json), and the catalogue of them.
 */

import Type, { type Static } from 'typebox';
import { Score } from './anime.ts';

/** Every kind of problem: its HTTP status, and its title, which is the same each time. */
export const problems = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'invalid-parameters': { status: 400, title: 'A parameter of the address is not valid' },
  'invalid-cursor': { status: 400, title: 'The cursor does not belong to this list' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'anime-not-found': { status: 404, title: 'There is no such anime' },
  'vote-not-found': { status: 404, title: 'This visitor has no vote here' },
  'method-not-allowed': { status: 405, title: 'The address does not know this method' },
  'request-timeout': { status: 408, title: 'The request did not come to its end in time' },
  'vote-conflict': { status: 409, title: 'The vote was changed meanwhile' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'invalid-body': { status: 422, title: 'The body is JSON, but not what is asked for' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'The server failed' },
  'method-unknown': { status: 501, title: 'No address knows this method' },
  'storage-unavailable': { status: 503, title: 'The data cannot be reached or written just now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** What is wrong with one field. */
export type FieldProblem = Static<typeof FieldProblem>;
export const FieldProblem = Type.Object({
  in: Type.Enum(['body', 'query', 'path', 'headers']),
  pointer: Type.String({ description: 'JSON Pointer to the field; empty for the whole.' }),
  detail: Type.String(),
});

export type Problem = Static<typeof Problem>;
export const Problem = Type.Object({
  type: Type.String({ description: 'Tells kinds of problems apart; `/api/problems` lists them.' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(FieldProblem)),
  vote: Type.Optional(
    Type.Union([Score, Type.Null()], { description: 'With `vote-conflict`: the vote that is stored.' }),
  ),
});
