/*
 * HTTP requests as effects. Input: a URL, and what makes messages of the answer. Output: one message for each request,
 * unless the component stops before; whatever goes wrong is a message too.
 */

import { type Effect, fromRun } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import { browser, type HttpResponse } from './globals.ts';

/** Why a request gave nothing. */
export type HttpError =
  /** The browser knows that it has no network. */
  | { readonly kind: 'offline' }
  /** No answer: the server cannot be reached, or does not let this page ask. */
  | { readonly kind: 'network'; readonly problem: string }
  | { readonly kind: 'timeout' }
  /** An answer that is none of success; `json` is what it says, if it says something in JSON. */
  | { readonly kind: 'status'; readonly status: number; readonly json: unknown }
  /** The answer is not JSON, or `decode` threw. */
  | { readonly kind: 'decode'; readonly problem: string };

/** What an answer says besides its content. */
export interface HttpAnswer {
  readonly status: number;
  /** A header of the answer; null: it has none of this name. */
  readonly header: (name: string) => string | null;
}

/** What a request does with its answer. */
export interface HttpOptions<Value, Success extends AnyMessage, Failure extends AnyMessage> {
  /** Checks the answer and gives it its type; it throws on what it does not expect. An empty answer is null. */
  readonly decode: (json: unknown, answer: HttpAnswer) => Value;
  readonly onSuccess: (value: Value) => Success;
  readonly onError: (error: HttpError) => Failure;
  readonly headers?: { readonly [name: string]: string };
  /** How long to wait for the answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** What a request with a body does with its answer. */
export interface HttpBodyOptions<Value, Success extends AnyMessage, Failure extends AnyMessage>
  extends HttpOptions<Value, Success, Failure> {
  /** Sent as JSON, except for a FormData. */
  readonly body?: unknown;
}

/**
 * Requests. A server component can make them too, with whole URLs.
 *
 * @example http.get('/api/anime', {
 *   decode: toAnimeList,
 *   onSuccess: (anime) => ({ type: 'ApiReturnedAnime', anime }),
 *   onError: (error) => ({ type: 'ApiFailed', error }),
 * })
 */
export const http = {
  get: <Value, const Success extends AnyMessage, const Failure extends AnyMessage>(
    url: string,
    options: HttpOptions<Value, Success, Failure>,
  ): Effect<Success | Failure> => request('GET', url, options),
  // marked, so that a bundle without requests leaves them out
  post: /* @__PURE__ */ withBody('POST'),
  put: /* @__PURE__ */ withBody('PUT'),
  patch: /* @__PURE__ */ withBody('PATCH'),
  delete: /* @__PURE__ */ withBody('DELETE'),
};

function withBody(method: string) {
  return <Value, const Success extends AnyMessage, const Failure extends AnyMessage>(
    url: string,
    options: HttpBodyOptions<Value, Success, Failure>,
  ): Effect<Success | Failure> => request(method, url, options);
}

function request<Value, Success extends AnyMessage, Failure extends AnyMessage>(
  method: string,
  url: string,
  options: HttpBodyOptions<Value, Success, Failure>,
): Effect<Success | Failure> {
  return fromRun(async (host) => {
    const outcome = await attempt(method, url, options, host.signal);
    if (host.signal.aborted) return;
    host.dispatch('error' in outcome ? options.onError(outcome.error) : options.onSuccess(outcome.value));
  });
}

type Outcome<Value> = { readonly value: Value } | { readonly error: HttpError };

async function attempt<Value>(
  method: string,
  url: string,
  { decode, body, headers: extra, timeoutMs = 10_000 }: HttpBodyOptions<Value, AnyMessage, AnyMessage>,
  signal: AbortSignal,
): Promise<Outcome<Value>> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const isJson = body !== undefined && Object.prototype.toString.call(body) !== '[object FormData]';
  let response: HttpResponse;
  let text: string;
  try {
    response = await browser.fetch(url, {
      method,
      headers: { accept: 'application/json', ...(isJson && { 'content-type': 'application/json' }), ...extra },
      body: isJson ? JSON.stringify(body) : body,
      signal: AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (problem) {
    if (timeout.aborted) return { error: { kind: 'timeout' } };
    if (browser.navigator?.onLine === false) return { error: { kind: 'offline' } };
    return { error: { kind: 'network', problem: String(problem) } };
  }
  const { ok, status, headers } = response;
  try {
    const json: unknown = text === '' ? null : JSON.parse(text);
    return ok
      ? { value: decode(json, { status, header: (name) => headers.get(name) }) }
      : { error: { kind: 'status', status, json } };
  } catch (problem) {
    return { error: ok ? { kind: 'decode', problem: String(problem) } : { kind: 'status', status, json: null } };
  }
}
