// Holds what a cluster is set up with to the code, as far as that can be seen without Docker and without Fly.io:
// compose.yaml, fly.cluster.toml and fly.nats.toml name variables that are read, paths that are answered, and times that
// are long enough.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { answerMs, healthPath, readinessPath } from '../server/anime/health.ts';
import { stopMs } from '../server/anime/stop.ts';

const root = resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');
const documented = new Set(
  [...read('docs/deploy-tracker.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name),
);
const compose = read('compose.yaml');
const app = compose.slice(compose.indexOf('x-app:'), compose.indexOf('\nservices:'));

describe('compose.yaml', () => {
  const lineOf = (name: string): string => new RegExp(`^ *${name}:? (.+)$`, 'm').exec(compose)?.[1] ?? '';

  test('gives servers what they read, a database and a bus among it', () => {
    const environment = app.slice(app.indexOf('  environment:'), app.indexOf('  depends_on:'));
    const names = [...environment.matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(['DATABASE_URL', 'NATS_URL', 'TRUST_PROXY']));
    expect(names.filter((name) => !documented.has(name))).toEqual([]);
  });

  test('starts three servers, and its proxy knows all of them at the port that the image has', () => {
    const names = [...compose.matchAll(/^ {2}(\w+): \*app$/gm)].map(([, name]) => name);
    const port = /PORT=(\d+)/.exec(read('Dockerfile'))?.[1];
    expect(names).toHaveLength(3);
    expect(lineOf('reverse_proxy')).toBe(`${names.map((name) => `${name}:${port}`).join(' ')} {`);
  });

  test('leaves servers the time that they need, and asks whether they are ready', () => {
    expect(1_000 * Number.parseInt(lineOf('stop_grace_period'), 10)).toBeGreaterThan(stopMs);
    expect(lineOf('health_uri')).toBe(readinessPath);
    expect(1_000 * Number.parseInt(lineOf('health_timeout'), 10)).toBeGreaterThan(answerMs);
  });

  test('has a database with enough connections for all servers, twice over', () => {
    const each = Number(/the server takes (\d+) connections/.exec(read('docs/deploy-tracker.md'))?.[1]);
    expect(Number(/max_connections=(\d+)/.exec(compose)?.[1])).toBeGreaterThan(2 * 3 * each);
  });
});

describe('fly.cluster.toml', () => {
  const text = read('fly.cluster.toml');
  const fly = parse(text) as unknown as {
    readonly env: Record<string, string>;
    readonly kill_timeout: number;
    readonly mounts?: unknown;
    readonly deploy: { readonly strategy: string; readonly max_unavailable: number };
    readonly http_service: {
      readonly internal_port: number;
      readonly checks: readonly { readonly path: string; readonly timeout: string }[];
    };
  };

  test('has no volume, replaces one machine at a time, and gives it the time that it needs', () => {
    expect(fly.mounts).toBeUndefined();
    expect(fly.deploy).toEqual({ strategy: 'rolling', max_unavailable: 1 });
    expect(1_000 * fly.kill_timeout).toBeGreaterThan(stopMs);
  });

  test('names variables that are read, and a port that they name', () => {
    expect(Object.keys(fly.env).filter((name) => !documented.has(name))).toEqual([]);
    expect(String(fly.http_service.internal_port)).toBe(fly.env.PORT);
  });

  test('asks whether a machine is ready, and waits longer than it takes to say so', () => {
    const [check] = fly.http_service.checks;
    expect(check?.path).toBe(readinessPath);
    expect(check?.path).not.toBe(healthPath);
    expect(1_000 * Number.parseInt(check?.timeout ?? '', 10)).toBeGreaterThan(answerMs);
  });
});

test('fly.nats.toml listens where NATS_URL in the steps says, for nobody outside', () => {
  const nats = parse(read('fly.nats.toml')) as Record<string, unknown>;
  expect(nats).not.toHaveProperty('http_service');
  expect(nats).not.toHaveProperty('services');
  const url = /NATS_URL=nats:\/\/(\w+):PASSWORD@([\w-]+)\.internal:(\d+)/.exec(read('docs/deploy-tracker.md'));
  expect(url?.slice(2)).toEqual([nats.app, '4222']);
  expect(read('fly.nats.toml')).toContain(`--port ${url?.[3]} --user ${url?.[1]} `);
});
