/*
 * Entity tags: each successful answer to GET and HEAD gets one, and who has that answer already gets 304 and no body.
 * Weak, because the same tag stands for the compressed answer and the plain one.
 */

import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export function addEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const tag = `"${createHash('sha1').update(payload).digest('base64url')}"`;
    reply.header('etag', `W/${tag}`);
    if (!names(request.headers['if-none-match'], tag)) return payload;
    reply.code(304).removeHeader('content-type');
    // an empty text would have a length, and that is not the answer's
    return null;
  });
}

/** Weak comparison, as RFC 9110 wants it for this header: a mark of weakness makes no difference. */
function names(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}
