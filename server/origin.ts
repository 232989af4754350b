/*
 * Which pages may open a socket here. Input: origins as options, browsers and proxies write them. Output: one spelling
 * for each origin, so that they can be compared: in lower case, without a default port, without a dot at the end of the
 * host.
 */

import type { FastifyRequest } from 'fastify';
import { IsletError } from '../shared/language/islet-error.ts';

type Asking = Pick<FastifyRequest, 'headers' | 'host' | 'protocol'>;

/**
 * An origin in its one spelling; undefined for what is none, `null` among them. Apps that bring pages of their own have
 * schemes of their own: `capacitor://localhost`.
 */
export function normalizeOrigin(text: string): string | undefined {
  const [, scheme, host] = /^([a-z][a-z\d+.-]*):\/\/([^/?#@\\\s]+)$/i.exec(text) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  try {
    const { protocol, host: spelt, port } = new URL(`${scheme}://${host}`);
    const name = spelt.slice(0, spelt.length - (port === '' ? 0 : port.length + 1)).toLowerCase();
    const known = name.endsWith('.') ? name.slice(0, -1) : name;
    if (known === '' || known.includes('*')) return undefined;
    return `${protocol}//${known}${port === '' ? '' : `:${port}`}`;
  } catch {
    return undefined;
  }
}

/** Origins of the option `allowedOrigins`. @throws IsletError ISLET_ERR_OPTIONS for what is none. */
export function toAllowedOrigins(origins: unknown): readonly string[] {
  if (!Array.isArray(origins)) {
    throw new IsletError('ISLET_ERR_OPTIONS', "allowedOrigins must be a list, such as ['https://app.example']");
  }
  return origins.map((origin: unknown) => {
    // whoever copies an address out of a browser has the slash at its end
    const known = typeof origin === 'string' ? normalizeOrigin(origin.replace(/\/$/, '')) : undefined;
    if (known !== undefined) return known;
    const problem = `allowedOrigins: ${JSON.stringify(origin) ?? String(origin)} is no origin`;
    const cure = "name each one by scheme, host and port, such as 'https://app.example' or 'http://localhost:8080'";
    throw new IsletError('ISLET_ERR_OPTIONS', `${problem}; ${cure}`);
  });
}

/** Few origins ask a server, and each again and again. Whoever says many more has them parsed. */
const maxKnown = 100;
const maxKnownLength = 200;
const known = new Map<string, string | undefined>();

function knownOrigin(text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const origin = normalizeOrigin(text);
  if (text.length > maxKnownLength) return origin;
  if (known.size >= maxKnown) known.clear();
  known.set(text, origin);
  return origin;
}

/**
 * Whether a page of the request's origin may open a socket. A browser always says which page asks; whoever says nothing
 * is no browser and has no cookies to abuse.
 */
export function isAllowedOrigin({ headers, host, protocol }: Asking, allowed: readonly string[]): boolean {
  if (headers.origin === undefined) return true;
  const origin = knownOrigin(headers.origin);
  if (origin === undefined) return false;
  if (allowed.includes(origin)) return true;
  // A server that speaks HTTP cannot know whether a proxy before it speaks TLS, unless Fastify trusts what that one
  // says. Where TLS is certain, a page that came without it may have been made by anybody on the way.
  const schemes = protocol === 'https' ? ['https'] : ['http', 'https'];
  return schemes.some((scheme) => origin === knownOrigin(`${scheme}://${host}`));
}
