/*
 * Phoenix LiveView takes part where Elixir is installed: the app of bench/peers/phoenix is built in production mode by
 * Mix, and again when its files have changed. Its dependencies come from hex.pm; Mix's own environment holds (MIX_REBAR3 and
 * the like).
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./peers/phoenix/', import.meta.url));
const cache = fileURLToPath(new URL('../node_modules/.cache/bench/', import.meta.url));

/** The folder of the built app, or why there is none. */
export type Phoenix = { readonly folder: string } | { readonly reason: string };

/** Builds the app below `folder`, unless that has been done. */
export function preparePhoenix(folder: string = cache, env: NodeJS.ProcessEnv = process.env): Phoenix {
  const release = `${folder}phoenix`;
  const mark = `${release}/islet-bench-source`;
  // CPU time and memory of what is not Node are read there alone
  if (!existsSync('/proc/self/task')) return { reason: 'there is no /proc' };
  const files = globSync('**/*.{ex,exs,eex}', { cwd: source }).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(source + file));
  const digest = hash.digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return { folder: release };
  const mix = (...args: readonly string[]): string =>
    execFileSync('mix', args, {
      cwd: source,
      env: {
        MIX_BUILD_PATH: `${folder}phoenix-build`,
        MIX_DEPS_PATH: `${folder}phoenix-deps`,
        ...env,
        MIX_ENV: 'prod',
      },
      // it asks before it installs Hex and rebar3, where they are missing
      input: 'y\ny\ny\n',
      stdio: ['pipe', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  try {
    mix('deps.get');
    console.log('Building Phoenix LiveView (mix release): once, and when bench/peers/phoenix changes.');
    mix('release', '--overwrite', '--quiet', '--path', release);
  } catch (error) {
    return { reason: reasonOf(error as Failure) };
  }
  writeFileSync(mark, digest);
  return { folder: release };
}

/** Versions of what the built app is made of, by name: a release has them in the names of its folders. */
export function phoenixVersions({ folder }: { readonly folder: string }): { readonly [name: string]: string } {
  const built = [...readdirSync(`${folder}/lib`), ...readdirSync(folder)];
  const versionOf = (name: string): string =>
    built.find((entry) => entry.startsWith(`${name}-`))?.slice(name.length + 1) ?? 'unknown';
  return {
    'Phoenix LiveView': versionOf('phoenix_live_view'),
    Phoenix: versionOf('phoenix'),
    Bandit: versionOf('bandit'),
    Elixir: versionOf('elixir'),
    'Erlang erts': versionOf('erts'),
  };
}

interface Failure {
  readonly code?: string;
  readonly stderr?: string;
  readonly message: string;
}

function reasonOf({ code, stderr, message }: Failure): string {
  if (code === 'ENOENT') return 'it needs Elixir 1.15 with Mix, and Erlang/OTP 25, or newer, and `mix` was not found';
  const lines = (stderr || message).trim().split('\n');
  return `it could not be built: ${lines.find((line) => line.startsWith('** (')) ?? lines.at(-1)}`;
}
