// A PostgreSQL server for tests: the one that TEST_DATABASE_URL names, or else one of an installed PostgreSQL, started
// on a free port, with its data in a temporary folder: a copy of one that is made once, in node_modules/.cache. Where there
// is neither, `postgresReason` says so. A server of one's own can be stopped and started again, and is behind a port, so
// that a proxy can be put before.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';

export interface PostgresServer extends AsyncDisposable {
  /**
   * Makes a database and gives its address.
   * @param like The address of another one, to which nobody is connected. Default: it is empty.
   */
  createDatabase(like?: string): Promise<string>;
}

export interface OwnPostgresServer extends PostgresServer {
  /** Stops it as `pg_ctl stop -m` does. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again if it was stopped, on the same data and port. */
  start(): Promise<void>;
}

const givenUrl = process.env.TEST_DATABASE_URL;
const programs = findPrograms();
// PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody
const user = process.getuid?.() === 0 ? (userId('postgres') ?? userId('nobody')) : undefined;

/** Why there is no PostgreSQL to test with; nothing where there is one. */
export const postgresReason: string | undefined =
  givenUrl !== undefined || programs !== undefined
    ? undefined
    : 'no PostgreSQL found: install one, or name one by TEST_DATABASE_URL';

/** Why there is no PostgreSQL that a test can stop. */
export const ownPostgresReason: string | undefined =
  programs !== undefined ? undefined : 'no PostgreSQL found that could be stopped: install one';

export async function startPostgres(): Promise<PostgresServer> {
  if (givenUrl !== undefined)
    return { createDatabase: (like) => createDatabase(givenUrl, like), async [Symbol.asyncDispose]() {} };
  return startOwnPostgres();
}

/** @param isDetached A Ctrl-C does not reach it. */
export async function startOwnPostgres({ isDetached = false } = {}): Promise<OwnPostgresServer> {
  if (programs === undefined) throw new Error(ownPostgresReason);
  // short, since a socket's path must be
  const folder = await mkdtemp('/tmp/islet-pg-');
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const rights = { ...user, cwd: folder };
  const version = versionIn(programs);
  await makeData(data, version, () =>
    run(join(programs, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'], rights),
  );
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'shared_buffers=16MB',
  ];
  const args = ['-D', data, ...settings.flatMap((each) => ['-c', each])];
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  const begin = async (): Promise<ChildProcess> => {
    const started = spawn(join(programs, 'postgres'), args, { ...rights, detached: isDetached, stdio: 'ignore' });
    await untilReady(url);
    return started;
  };
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    if (hasEnded()) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  let server = await begin();
  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  // half the work, where nothing is to survive a crash of the machine
  const strategy = Number.parseInt(version, 10) >= 15 ? ' STRATEGY FILE_COPY' : '';
  return {
    createDatabase: (like) => createDatabase(url, like, strategy),
    stop: (mode) => end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    async start() {
      if (hasEnded()) server = await begin();
    },
    async [Symbol.asyncDispose]() {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The data of a new server, as `initialize` makes it: that takes ten times as long as to copy what it has made before. */
async function makeData(data: string, version: string, initialize: () => void): Promise<void> {
  const owner = user?.uid ?? process.getuid?.() ?? 0;
  const kept = resolve(import.meta.dirname, `../../node_modules/.cache/postgres-${version}-${owner}`);
  if (existsSync(kept)) return copy(kept, data);
  initialize();
  // of two that do this at once, both keep a whole folder, and one of them stays
  await mkdir(dirname(kept), { recursive: true });
  const draft = await mkdtemp(`${kept}.`);
  copy(data, join(draft, 'data'));
  await rename(join(draft, 'data'), kept).catch((error) => {
    if (!existsSync(kept)) throw error;
  });
  await rm(draft, { recursive: true });
}

/** A folder, with its owner and its rights. */
function copy(from: string, to: string): void {
  run('cp', ['-a', from, to]);
}

function run(program: string, args: readonly string[], options: object = {}): void {
  execFileSync(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Such as `15.4`. */
function versionIn(folder: string): string {
  const said = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
  return /\d[^ \n]*/.exec(said)?.[0] ?? 'unknown';
}

async function createDatabase(url: string, like?: string, strategy = ''): Promise<string> {
  const name = `islet_test_${randomBytes(6).toString('hex')}`;
  const template = like === undefined ? '' : ` TEMPLATE ${new URL(like).pathname.slice(1)}`;
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}${template}${strategy}`);
  await client.end();
  return url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

/** The server takes connections a moment after it was started. */
async function untilReady(url: string): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The folder of `initdb` and `postgres`: on the PATH, or where Debian keeps those that are not. */
function findPrograms(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function userId(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
  return uid?.status === 0 && gid?.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}
