/*
 * Where errors go when an app has no logger: to the standard error, in place of nowhere. Input: Fastify's log. Output:
 * the same, or one that writes warnings and errors as text.
 */

import { inspect } from 'node:util';
import type { Log } from './log.ts';

/** @param log Fastify's: without a logger, all its levels are one function that does nothing. */
export function logOrStderr<Given extends Log>(log: Given): Given | Log {
  if (log.error !== log.info) return log;
  const write = (details: object, text: string): void => {
    const { err } = details as { readonly err?: unknown };
    const cause = err === undefined ? '' : `\n${err instanceof Error ? inspect(err) : String(err)}`;
    process.stderr.write(`islet: ${text}${cause}\n`);
  };
  return { error: write, warn: write, info: () => {} };
}
