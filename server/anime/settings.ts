/*
 * What the environment says about a server. Input: environment variables. Output: settings that can be used, or an
 * error that names the variable, what it must be, and what it was: a slip ends a start, and not a later request.
 */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { FastifyServerOptions } from 'fastify';
import { type Account, readAccounts } from './admin/accounts.ts';

export type Environment = { readonly [name: string]: string | undefined };

export interface Settings {
  /** Whether built assets are served, which `npm run build` has made. */
  readonly isProduction: boolean;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: Exclude<FastifyServerOptions['trustProxy'], undefined>;
  /** How servers on the same data tell each other what happens; undefined: there is one alone. */
  readonly nats: { readonly url: string; readonly credentials?: string } | undefined;
  /** Who may log in to the admin page. */
  readonly accounts: readonly Account[];
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const modes = ['production', 'development', 'test'];
const networks = ['loopback', 'linklocal', 'uniquelocal'];

/** Reads the settings; an empty variable is one that is not set. @throws Error with a message for a person. */
export function readSettings(env: Environment): Settings {
  return {
    isProduction: oneOf('NODE_ENV', env.NODE_ENV || 'development', modes) === 'production',
    host: env.HOST || 'localhost',
    port: portOf(env.PORT || '3000'),
    logLevel: oneOf('LOG_LEVEL', env.LOG_LEVEL || 'info', logLevels),
    corsOrigins: listOf(env.CORS_ORIGINS).map(originOf),
    trustProxy: trustOf(env.TRUST_PROXY),
    nats: natsOf(env),
    accounts: readAccounts(env),
  };
}

function natsOf({ NATS_URL: url, NATS_CREDENTIALS: path }: Environment): Settings['nats'] {
  if (!url) {
    if (path) throw new Error('NATS_CREDENTIALS needs NATS_URL, which says where NATS is');
    return undefined;
  }
  if (!path) return { url };
  try {
    return { url, credentials: readFileSync(path, 'utf8') };
  } catch {
    throw new Error(`NATS_CREDENTIALS must name a file that can be read; got '${path}'`);
  }
}

function oneOf(name: string, value: string, choices: readonly string[]): string {
  if (choices.includes(value)) return value;
  throw new Error(`${name} must be one of ${choices.join(', ')}; got '${value}'`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535; got '${text}'`);
}

function listOf(text = ''): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== '');
}

function originOf(text: string): string {
  if (text === '*' || (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text)) return text;
  throw new Error(`CORS_ORIGINS must be origins such as https://app.example, without a path, or *; got '${text}'`);
}

/**
 * The number of proxies before this server, or who they are. Fastify itself believes no mere number, since whoever
 * reaches the server directly could name any address: it is for places where only the proxies can.
 */
function trustOf(text = ''): Settings['trustProxy'] {
  const entries = listOf(text);
  if (entries.length === 0) return false;
  if (/^[1-9]$/.test(text.trim())) return (_: string, hop: number) => hop < Number(text);
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const isSubnet = bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128));
    if (networks.includes(entry) || (isIP(address) !== 0 && isSubnet && more.length === 0)) continue;
    const choices = `addresses or subnets, ${networks.join(', ')}, or a number of proxies from 1 to 9`;
    throw new Error(`TRUST_PROXY must be ${choices}; got '${entry}'`);
  }
  return entries;
}
