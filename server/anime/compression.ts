/*
 * Compressed text, as the client accepts it. Input: a scope of routes. Output: each answer that could be compressed says
 * so (`Vary`), compressed or not, so that a cache keeps them apart, and HEAD says no length but that of GET's answer.
 */

import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, onSendAsyncHookHandler } from 'fastify';

const packs = { br: promisify(brotliCompress), gzip: promisify(gzip) };

/** Comes before whatever looks at answers, entity tags for example. @param leastBytes What is shorter stays as it is. */
export async function compressTexts(scope: FastifyInstance, leastBytes = 1_024): Promise<void> {
  scope.addHook('onSend', async (_, reply, payload) => {
    if (typeof payload !== 'string' || Buffer.byteLength(payload) < leastBytes) return;
    const vary = reply.getHeader('vary');
    reply.header('vary', vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`);
  });
  scope.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return;
    // after Fastify has measured the plain text, of which who takes another one gets another length
    const forgetLength: onSendAsyncHookHandler = async ({ headers }, reply) => {
      const isPlain =
        headers['accept-encoding'] === undefined || Number(reply.getHeader('content-length')) < leastBytes;
      if (!isPlain) reply.removeHeader('content-length');
    };
    route.onSend = [route.onSend ?? []].flat().concat(forgetLength);
  });
  // the plugin knows routes, and what is not found has none
  scope.addHook('onSend', async ({ is404, headers }, reply, payload) => {
    if (!is404 || typeof payload !== 'string' || Buffer.byteLength(payload) < leastBytes) return payload;
    const encoding = acceptedOf(headers['accept-encoding']);
    if (encoding === undefined) return payload;
    reply.header('content-encoding', encoding).removeHeader('content-length');
    return packs[encoding](payload);
  });
  await scope.register(compress, { encodings: ['br', 'gzip'], threshold: leastBytes });
}

/** The first that a client accepts of those there are. */
function acceptedOf(header: unknown): keyof typeof packs | undefined {
  const [, encoding] = /\b(br|gzip)\b(?! *; *q=0(?:\.0*)? *(?:,|$))/.exec(String(header ?? '')) ?? [];
  return encoding === 'br' || encoding === 'gzip' ? encoding : undefined;
}
