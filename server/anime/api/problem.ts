/*
 * Errors of the API as problem+json (RFC 9457). Input: whatever a route, Fastify or a plugin threw. Output: one of the
 * problems of `components/schema/problem.ts`. A cause is logged and never sent.
 */

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type FieldProblem, type Problem, type ProblemCode, problems } from '../../../components/schema/problem.ts';
import { DatabaseError } from '../data/failures.ts';

type ProblemParts = Pick<Problem, 'detail' | 'errors' | 'vote'>;

/** Thrown by a route, it becomes the answer. */
export class ApiProblem extends Error {
  readonly problem: ProblemCode;
  readonly parts: ProblemParts;
  /** Read by plugins that count or log errors. */
  readonly statusCode: number;

  constructor(problem: ProblemCode, parts: ProblemParts = {}) {
    super(parts.detail ?? problems[problem].title);
    this.problem = problem;
    this.parts = parts;
    this.statusCode = problems[problem].status;
  }
}

function sendProblem(reply: FastifyReply, code: ProblemCode, parts: ProblemParts = {}): FastifyReply {
  return reply
    .code(problems[code].status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(code, parts));
}

function problemOf(code: ProblemCode, parts: ProblemParts = {}): Problem {
  return { type: `/api/problems#${code}`, ...problems[code], ...parts };
}

/** Answers a request whose address reaches no route, and so no other handler. What it was is not said again. */
export function answerUnroutable(error: FastifyError, _: FastifyRequest, reply: FastifyReply): void {
  const isLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  sendProblem(reply, 'malformed-request', {
    detail: isLong ? 'A part of the address is too long.' : 'The address is not encoded as addresses are.',
  });
}

/** Answers what is no request at all, or did not become one: there is nothing but the socket to answer on. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const code = unreadable[error.code ?? ''] ?? 'malformed-request';
    const body = JSON.stringify(problemOf(code));
    const { status } = problems[code];
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncache-control: no-store\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

/** Node's reasons to give a request up. */
const unreadable: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** Makes the error handler. `explain` says which errors are the database's. */
export function problemHandler(explain: (error: unknown) => unknown) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = explain(thrown);
    if (error instanceof ApiProblem) return sendProblem(reply, error.problem, error.parts);
    if (error instanceof DatabaseError) {
      request.log.error(error);
      if (error.failure !== 'corrupt') reply.header('retry-after', '5');
      return sendProblem(reply, 'storage-unavailable');
    }
    if (thrown.validation !== undefined) {
      const isBody = thrown.validationContext === 'body';
      return sendProblem(reply, isBody ? 'invalid-body' : 'invalid-parameters', { errors: fieldProblems(thrown) });
    }
    const status = thrown.statusCode ?? 500;
    if (status >= 500) {
      request.log.error(thrown);
      return sendProblem(reply, 'internal-error');
    }
    return sendProblem(reply, requestProblems[status] ?? 'malformed-request', { detail: thrown.message });
  };
}

/** What Fastify itself refuses a request for. */
const requestProblems: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  413: 'body-too-large',
  415: 'unsupported-media-type',
};

const places: Readonly<Record<string, FieldProblem['in']>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** A check's errors, each with the field that it is about: also one that is missing, or that nobody asked for. */
function fieldProblems({ validation = [], validationContext = 'body' }: FastifyError): FieldProblem[] {
  return validation.map(({ instancePath, message = 'is not valid', params }) => {
    const name = params.missingProperty ?? params.additionalProperty;
    const pointer = name === undefined ? instancePath : `${instancePath}/${escapePointer(String(name))}`;
    const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
    return { in: places[validationContext] ?? 'body', pointer, detail: message + allowed };
  });
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
