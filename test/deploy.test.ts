// Holds what is deployed to the code: the Dockerfile names what is there and starts a server from nothing else, and
// what fly.toml promises (port, health, volume, signal, limits) is what a server does that runs with its settings.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parse } from 'smol-toml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildAssets } from '../scripts/assets.ts';
import { buildBundles } from '../scripts/build.ts';
import { answerMs, healthPath } from '../server/anime/health.ts';
import { stopMs } from '../server/anime/stop.ts';
import { toSettings } from '../server/options.ts';
import { Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';
import { commandOf, environmentOf, named, readDockerfile, type Stage } from './support/dockerfile.ts';
import { type Program, startProgram } from './support/program.ts';

/** The part of fly.toml that is read here; what is missing fails where it is compared. */
interface FlyConfig {
  readonly kill_signal: NodeJS.Signals;
  /** In seconds. */
  readonly kill_timeout: number;
  readonly build: { readonly dockerfile: string };
  readonly deploy: { readonly strategy: string };
  readonly env: { readonly [name: string]: string };
  readonly mounts: readonly { readonly source: string; readonly destination: string }[];
  readonly http_service: {
    readonly internal_port: number;
    readonly auto_stop_machines: string;
    readonly min_machines_running: number;
    readonly concurrency: { readonly type: string; readonly soft_limit: number; readonly hard_limit: number };
    readonly checks: readonly {
      readonly method: string;
      readonly path: string;
      readonly timeout: string;
      readonly grace_period: string;
    }[];
  };
}

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const fly = parse(read('fly.toml')) as unknown as FlyConfig;
const { args, stages } = readDockerfile(read(fly.build.dockerfile));
const image = stages.at(-1) as Stage;
const environment = environmentOf(image);

// whole programs start here, beside all other tests
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What the image holds, as far as it can be had without a container engine. */
let app: string;
let data: string;

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'islet-image-'));
  for (const { words, flags } of named(image, 'COPY')) {
    if (flags.from !== undefined) continue;
    const [target = '', ...sources] = words.toReversed();
    for (const source of sources) {
      const path = target.endsWith('/') ? join(target, source.split('/').at(-1) ?? '') : target;
      await mkdir(dirname(join(app, path)), { recursive: true });
      await cp(join(root, source), join(app, path), { recursive: true });
    }
  }
  // what other stages make
  await cp(join(root, 'package.json'), join(app, 'package.json'));
  await symlink(join(root, 'node_modules'), join(app, 'node_modules'));
  await mkdir(join(app, 'public/build'), { recursive: true });
  await buildAssets(await buildBundles({ write: false }), join(app, 'build'));
  await rm(join(app, 'build/maps'), { recursive: true });
});

afterAll(() => rm(app, { recursive: true, force: true }));

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'islet-volume-'));
});

afterEach(() => rm(data, { recursive: true, force: true }));

describe('the Dockerfile', () => {
  test('builds in one stage what another one runs, on the Node that the project brings', () => {
    expect(stages.length).toBeGreaterThan(1);
    const [node] = args.map(({ text }) => /^NODE=node:([\d.]+)-bookworm-slim$/.exec(text)?.[1]);
    const { optionalDependencies } = JSON.parse(read('scripts/node/package.json'));
    expect(Object.values(optionalDependencies)).toEqual([node, node, node]);
    const names = stages.map(({ name }) => name);
    for (const [at, stage] of stages.entries()) {
      expect(['${NODE}', ...names.slice(0, at)]).toContain(stage.image);
      for (const { flags } of named(stage, 'COPY')) {
        if (flags.from !== undefined) expect(names.slice(0, at)).toContain(flags.from);
      }
    }
  });

  test('copies what is there, and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const sources = stages
      .flatMap((stage) => named(stage, 'COPY'))
      .filter(({ flags }) => flags.from === undefined)
      .flatMap(({ words }) => words.slice(0, -1));
    expect(sources).toContain('server');
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    expect(sources.filter((source) => !allowed.includes(`!${source.split('/')[0]}`))).toEqual([]);
    expect(read('.dockerignore')).toMatch(/^\*$/m);
  });

  test('has the manifest of each workspace before npm looks for it', () => {
    const { workspaces } = JSON.parse(read('package.json'));
    const copied = stages.flatMap((stage) => named(stage, 'COPY')).flatMap(({ words }) => words);
    for (const workspace of workspaces) expect(copied).toContain(`${workspace}/package.json`);
  });

  test('runs as a user without rights, whose the data is', () => {
    expect(named(image, 'USER').map(({ text }) => text)).toEqual(['node']);
    const { instructions } = image;
    const owns = instructions.findIndex(
      ({ text }) => text === `install --directory --owner=node --group=node ${environment.DATA_DIR}`,
    );
    const volume = instructions.findIndex(({ name, text }) => name === 'VOLUME' && text === environment.DATA_DIR);
    expect(owns).toBeGreaterThan(-1);
    expect(volume).toBeGreaterThan(owns);
  });

  test('starts the server by itself, so that signals reach it, and where others can reach it', () => {
    const [command, ...more] = named(image, 'CMD');
    expect(more).toEqual([]);
    expect(command && commandOf(command)).toEqual(['node', 'server/anime/main.ts']);
    expect(environment).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
    expect(named(image, 'EXPOSE').map(({ text }) => text)).toEqual([environment.PORT]);
  });

  test('asks for the server’s health where the server says it', async () => {
    const [healthcheck] = named(image, 'HEALTHCHECK');
    const [program, ...more] = healthcheck ? commandOf(healthcheck) : [];
    expect([program, more.join(' ')]).toEqual(['node', expect.stringContaining(`${healthPath}\``)]);
    const isHealthy = (port: string): number | null =>
      spawnSync(process.execPath, more, { env: { ...process.env, PORT: port } }).status;
    await using server = startServer();
    const { port } = new URL(await server.listening());
    expect(isHealthy(port)).toBe(0);
    server.process.kill('SIGTERM');
    await server.ended;
    expect(isHealthy(port)).toBe(1);
  });
});

describe('what the image holds', () => {
  test('is enough to serve pages and what they load', async () => {
    await using server = startServer();
    const url = await server.listening();
    const page = await (await fetch(`${url}/anime`)).text();
    const addresses = [...page.matchAll(/(?:src|href)="?(\/assets\/[^" >]+)/g)].map(([, address]) => String(address));
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) expect((await fetch(url + address)).status).toBe(200);
    expect((await fetch(`${url}/api/docs`)).status).toBe(200);
  });

  test('is enough to back the data up', async () => {
    await using server = startServer();
    await server.listening();
    const backup = startProgram([join(app, 'scripts/backup.ts'), join(data, 'copy.db')], { DATA_DIR: data });
    expect(await backup.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('without what the build makes ends with a message', async () => {
    const other = await mkdtemp(join(tmpdir(), 'islet-image-'));
    await cp(app, other, { recursive: true, filter: (path) => !path.startsWith(join(app, 'build')) });
    const { code, stderr, stdout } = await startServer(other).ended;
    expect([code, stdout]).toEqual([66, '']);
    expect(stderr).toMatch(/Make them first: npm run build\n$/);
    expect(await readdir(data)).toEqual([]);
    await rm(other, { recursive: true });
  });
});

describe('fly.toml', () => {
  const service = fly.http_service;
  const [check] = service.checks;

  test('and the Dockerfile agree on port, folder and signal', () => {
    expect(String(service.internal_port)).toBe(environment.PORT);
    expect(fly.env.PORT).toBe(environment.PORT);
    expect(fly.mounts.map(({ destination }) => destination)).toEqual([environment.DATA_DIR]);
    expect(fly.env.DATA_DIR).toBe(environment.DATA_DIR);
    expect(named(image, 'STOPSIGNAL').map(({ text }) => text)).toEqual([fly.kill_signal]);
  });

  test('stops no machine that people are connected to, and starts no second one on the same volume', () => {
    expect(service.auto_stop_machines).toBe('off');
    expect(service.min_machines_running).toBe(1);
    expect(fly.deploy.strategy).toBe('rolling');
  });

  test('counts connections, and lets nobody have all of them', () => {
    const { type, soft_limit, hard_limit } = service.concurrency;
    expect(type).toBe('connections');
    expect(soft_limit).toBeLessThan(hard_limit);
    expect(toSettings({}).limits.maxConnectionsPerAddress).toBeLessThan(soft_limit);
  });

  test('leaves the server more time to stop than it takes', () => {
    expect(1_000 * fly.kill_timeout).toBeGreaterThan(stopMs);
  });

  test('asks for the health of the server, and waits longer than it takes to say it', async () => {
    await using server = startServer();
    const { method = '', path = '', timeout = '', grace_period = '' } = check ?? {};
    expect((await fetch((await server.listening()) + path, { method })).status).toBe(200);
    expect(path).toBe(healthPath);
    expect(secondsOf(timeout)).toBeGreaterThan(answerMs / 1_000);
    expect(secondsOf(grace_period)).toBeGreaterThanOrEqual(5);
  });

  test('believes Fly’s proxy who a visitor is, and a visitor nothing', async () => {
    await using server = startServer();
    const url = await server.listening();
    // what a visitor says comes first, then the address that Fly saw, and the app's own last
    const remaining = async (said: string, seen: string): Promise<number> => {
      const headers = { 'x-forwarded-for': `${said}${seen}, 66.241.125.1`, 'x-forwarded-proto': 'https' };
      const answer = await fetch(`${url}/api/anime/1`, { headers });
      return Number(answer.headers.get('ratelimit-remaining'));
    };
    const first = await remaining('', '203.0.113.7');
    expect(await remaining('', '203.0.113.8')).toBe(first);
    expect(await remaining('', '203.0.113.7')).toBe(first - 1);
    expect(await remaining('198.51.100.1, ', '203.0.113.7')).toBe(first - 2);
  });

  test('gives its visitors cookies for their encrypted connection alone', async () => {
    await using server = startServer();
    const visitor = { method: 'PUT', body: '{"score":7}' };
    const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https' };
    const answer = await fetch(`${await server.listening()}/api/anime/1/rating`, { ...visitor, headers });
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/; HttpOnly; Secure; SameSite=Lax$/)]);
  });

  test('stops a server in time that people are connected to: they are told to come back, and no vote is lost', async () => {
    await using server = startServer();
    const url = await server.listening();
    const voter = new Visitor(url);
    expect((await voter.put('/api/anime/1/rating', { score: 9 })).status).toBe(200);
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await new TestClient(`${url.replace('http', 'ws')}/islet`).opened();
        await client.hello();
        return client;
      }),
    );
    clients[0]?.socket.pause(); // a page in a closed laptop
    const [silent, stuck] = [1, 2].map(() => connect(Number(new URL(url).port), '127.0.0.1'));
    if (!silent || !stuck) throw new Error('there are two');
    await Promise.all([once(silent, 'connect'), once(stuck, 'connect')]);
    for (const socket of [silent, stuck]) socket.on('error', () => {}).resume();
    stuck.write(
      'PUT /api/anime/1/rating HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n',
    );

    server.process.kill(fly.kill_signal);
    const killed = setTimeout(() => server.process.kill('SIGKILL'), 1_000 * fly.kill_timeout);
    const endings = await Promise.all(clients.slice(1).map(({ closed }) => closed));
    expect(new Set(endings.map(({ code, reason }) => `${code} ${reason}`))).toEqual(
      new Set(['1012 ISLET_ERR_SERVER_STOPPING']),
    );
    const { code, signal, stderr, stdout } = await server.ended;
    clearTimeout(killed);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout.trim().split('\n').at(-1)).toContain('"stopped"');
    expect(await readdir(data)).toEqual(['anime.db']);
    using database = new DatabaseSync(join(data, 'anime.db'));
    expect(database.prepare('SELECT anime_id, score FROM votes').all()).toEqual([{ anime_id: 1, score: 9 }]);
  });
});

/** Starts what the image holds as the image does, with Fly's settings, but for the port and the volume's place. */
function startServer(folder = app): Program {
  const [command] = named(image, 'CMD');
  const [, ...programArgs] = command ? commandOf(command) : [];
  const settings = { ...environment, ...fly.env, HOST: '127.0.0.1', PORT: '0', DATA_DIR: data };
  return startProgram(
    programArgs.map((arg) => join(folder, arg)),
    settings,
  );
}

function secondsOf(text: string): number {
  return Number(/^(\d+)s$/.exec(text)?.[1]);
}
