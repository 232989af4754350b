// The REST API on a real Fastify server at a free port, and a visitor with a cookie jar of one cookie.

import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import { type ApiOptions, registerApi } from '../../server/anime/api/api.ts';
import type { Database } from '../../server/anime/data/database.ts';
import { createRatings, type Ratings } from '../../server/anime/data/ratings.ts';
import { readCookieSecret } from '../../server/anime/data/secret.ts';
import { createRateLimit } from '../../server/anime/rate-limit.ts';
import { createTopic } from './topics.ts';

export interface ApiServer extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly ratings: Ratings;
  readonly url: string;
}

export async function startApi(
  database: Database,
  options: Partial<ApiOptions> & { trustProxy?: boolean; votesPerMinute?: number } = {},
): Promise<ApiServer> {
  const ratings = createRatings(database, createTopic());
  const app = Fastify({ trustProxy: options.trustProxy ?? false });
  await app.register(cookie, { secret: await readCookieSecret(database) });
  await registerApi(app, { database, ratings, votes: createRateLimit(options.votesPerMinute ?? 60), ...options });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, ratings, url, [Symbol.asyncDispose]: () => app.close() };
}

/** An answer whose body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert what it is
  readonly body: any;
}

/** Somebody who uses the API: keeps the cookie that it gives. */
export class Visitor {
  readonly #url: string;
  cookie: string | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  }

  async send(
    method: string,
    path: string,
    init: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const cookie = this.cookie === undefined ? undefined : { cookie: this.cookie };
    const response = await fetch(this.#url + path, { ...init, method, headers: { ...cookie, ...init.headers } });
    this.cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? this.cookie;
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    };
  }
}
