/*
 * Copies a PostgreSQL database while servers write to it, and puts a copy back, by PostgreSQL's own programs. Input: the
 * database's address, and the copy's name. Output: one file, under its name only when it is whole; a database as it was
 * then, all or nothing.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Copied } from './backup.ts';
import { askPostgres, type StorePlace } from './store-place.ts';
import { UpkeepError } from './upkeep-error.ts';

type Database = StorePlace & { readonly kind: 'postgres' };

/** @throws UpkeepError; nothing is left of a copy that failed. */
export async function dump({ name, url }: Database, file: string, overwrite = false): Promise<Copied> {
  if (existsSync(file) && !overwrite) throw new UpkeepError(`${file} is there already. Overwrite it: --force`, 73);
  const part = `${file}.${process.pid}.part`;
  try {
    await run('pg_dump', url, ['--format=custom', `--file=${part}`], `${name} could not be copied to ${file}`);
    const states = await countIn(part);
    renameSync(part, file);
    return { bytes: statSync(file).size, content: states ? 'with the tables of a store' : 'without tables of a store' };
  } finally {
    rmSync(part, { force: true });
  }
}

/** @throws UpkeepError, with everything as it was, where the copy is damaged or somebody is connected. */
export async function putBack({ name, url }: Database, file: string): Promise<Copied> {
  if (!existsSync(file)) throw new UpkeepError(`There is no backup ${file}`, 66);
  await countIn(file);
  const [row] = await askPostgres(
    url,
    `SELECT count(*)::int AS others FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
  );
  if (row?.others !== 0) throw new UpkeepError(`${name} is in use. Stop the servers first.`, 75);
  const options = ['--single-transaction', '--exit-on-error', '--clean', '--if-exists', '--no-owner'];
  await run('pg_restore', url, [...options, file], `${file} could not be put in the place of ${name}`);
  return { bytes: statSync(file).size, content: '' };
}

/** Reads what a copy holds. @returns Whether the tables of a store are in it. */
async function countIn(file: string): Promise<boolean> {
  const { code, stdout, stderr } = await start('pg_restore', ['--list', file], {});
  if (code !== 0) throw new UpkeepError(`${file} is no backup of PostgreSQL, or damaged: ${stderr.trim()}`, 65);
  return /TABLE DATA \S+ islet_states /.test(stdout);
}

async function run(program: string, url: string, args: readonly string[], what: string): Promise<void> {
  const { address, password } = withoutPassword(url);
  // what stands among the arguments, others can see
  const secret = password === '' ? {} : { PGPASSWORD: password };
  const { code, stderr } = await start(program, [`--dbname=${address}`, ...args], secret);
  if (code !== 0) throw new UpkeepError(`${what}: ${stderr.trim()}`, 74);
}

export function withoutPassword(url: string): { readonly address: string; readonly password: string } {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  parsed.password = '';
  return { address: parsed.href, password };
}

async function start(program: string, args: readonly string[], env: { readonly [name: string]: string }) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [code] = await once(child, 'close').catch((cause: unknown) => {
    const cure =
      'it comes with PostgreSQL (apt-get install postgresql-client), of the version of the server or a later one';
    throw new UpkeepError(`${program} cannot be started: ${cure}`, 69, { cause });
  });
  return { code: code as number | null, stdout, stderr };
}
