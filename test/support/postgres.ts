// A PostgreSQL server for tests: the one that TEST_DATABASE_URL names, or else one of an installed PostgreSQL, started on
// a socket in a temporary folder and gone with the test file. Where there is neither, `postgresReason` says so.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import pg from 'pg';

export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database and gives its address. */
  createDatabase(): Promise<string>;
}

const givenUrl = process.env.TEST_DATABASE_URL;
const programs = givenUrl === undefined ? findPrograms() : undefined;
// PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody
const user = process.getuid?.() === 0 ? (userId('postgres') ?? userId('nobody')) : undefined;

/** Why there is no PostgreSQL to test with; nothing where there is one. */
export const postgresReason: string | undefined =
  givenUrl !== undefined || programs !== undefined
    ? undefined
    : 'no PostgreSQL found: install one, or name one by TEST_DATABASE_URL';

export async function startPostgres(): Promise<PostgresServer> {
  if (givenUrl !== undefined)
    return { createDatabase: () => createDatabase(givenUrl), async [Symbol.asyncDispose]() {} };
  if (programs === undefined) throw new Error(postgresReason);
  // short, since a socket's path must be
  const folder = await mkdtemp('/tmp/islet-pg-');
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const rights = { ...user, cwd: folder };
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...rights,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'shared_buffers=16MB'];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], {
    ...rights,
    stdio: 'ignore',
  });
  const url = `postgres://test@${encodeURIComponent(folder)}/postgres`;
  await untilReady(url);
  return {
    createDatabase: () => createDatabase(url),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createDatabase(url: string): Promise<string> {
  const name = `islet_test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

/** The server takes connections a moment after it was started. */
async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
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
