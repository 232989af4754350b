// What the environment may say, and what a server answers to what cannot be meant: the variable, what it must be, and
// what it was, before anything is opened.

import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { databaseLocation } from '../server/anime/data/location.ts';
import { type Environment, readSettings } from '../server/anime/settings.ts';
import { startProgram } from './support/program.ts';

test('nothing has to be set, and an empty variable is one that is not set', () => {
  const settings = {
    isProduction: false,
    host: 'localhost',
    port: 3000,
    logLevel: 'info',
    corsOrigins: [],
    trustProxy: false,
  };
  expect(readSettings({})).toMatchObject(settings);
  const empty = { NODE_ENV: '', HOST: '', PORT: '', LOG_LEVEL: '', CORS_ORIGINS: '', TRUST_PROXY: '' };
  expect(readSettings(empty)).toMatchObject(settings);
});

test('each setting is read', () => {
  const settings = readSettings({
    NODE_ENV: 'production',
    HOST: '::',
    PORT: '8080',
    LOG_LEVEL: 'warn',
    CORS_ORIGINS: 'https://a.example, http://b.example:8080',
    TRUST_PROXY: 'loopback, 10.0.0.0/8',
  });
  expect(settings).toMatchObject({
    isProduction: true,
    host: '::',
    port: 8080,
    logLevel: 'warn',
    corsOrigins: ['https://a.example', 'http://b.example:8080'],
    trustProxy: ['loopback', '10.0.0.0/8'],
  });
});

test('what is read is what docs/deploy-tracker.md names', () => {
  const read = new Set<string>();
  const env = new Proxy<Environment>({}, { get: (_, name) => void read.add(String(name)) });
  readSettings(env);
  databaseLocation(env);
  const page = readFileSync(new URL('../docs/deploy-tracker.md', import.meta.url), 'utf8');
  const [, table = ''] = /^## Settings$(.*?)^## /ms.exec(page) ?? [];
  const named = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => String(name));
  expect(named.sort()).toEqual([...read].sort());
});

describe('refused, by name:', () => {
  test.each([
    ['NODE_ENV', 'prod', 'production, development, test'],
    ['PORT', '80a', '0 to 65535'],
    ['PORT', '65536', '0 to 65535'],
    ['PORT', '-1', '0 to 65535'],
    ['PORT', '3.5', '0 to 65535'],
    ['LOG_LEVEL', 'verbose', 'info'],
    ['CORS_ORIGINS', 'app.example', 'https://app.example'],
    ['CORS_ORIGINS', 'https://app.example/', 'without a path'],
    ['CORS_ORIGINS', '*, null', "got 'null'"],
    ['TRUST_PROXY', 'true', "got 'true'"],
    ['TRUST_PROXY', '0', "got '0'"],
    ['TRUST_PROXY', '2, loopback', "got '2'"],
    ['TRUST_PROXY', '10.0.0.0/33', "got '10.0.0.0/33'"],
    ['TRUST_PROXY', '10.0.0.0/8/8', "got '10.0.0.0/8/8'"],
    ['TRUST_PROXY', 'proxy.example', 'addresses or subnets'],
  ])('%s=%s', (name, value, explanation) => {
    expect(() => readSettings({ [name]: value })).toThrow(name);
    expect(() => readSettings({ [name]: value })).toThrow(explanation);
  });

  test('with exit code 2, and nothing but the message', async () => {
    const { code, stderr, stdout } = await startProgram(['server/anime/main.ts'], { TRUST_PROXY: 'yes' }).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^TRUST_PROXY must be .*; got 'yes'\n$/);
  });
});

describe('whom a request is from,', () => {
  const passedOn = '198.51.100.66, 203.0.113.7, 192.0.2.1';

  test.each([
    ['', '127.0.0.1'],
    ['loopback', '192.0.2.1'],
    ['loopback, 192.0.2.0/24', '203.0.113.7'],
    ['1', '192.0.2.1'],
    // an address that the client made up is never reached
    ['2', '203.0.113.7'],
    ['10.0.0.0/8', '127.0.0.1'],
  ])('with TRUST_PROXY=%s', async (TRUST_PROXY, address) => {
    await using app = Fastify({ trustProxy: readSettings({ TRUST_PROXY }).trustProxy });
    app.get('/', ({ ip }) => ip);
    const { body } = await app.inject({ url: '/', headers: { 'x-forwarded-for': passedOn } });
    expect(body).toBe(address);
  });
});
