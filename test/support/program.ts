// A program of the repository in a process of its own, on a free port: what it answers, what it says, how it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly stdout: string;
}

export interface Program extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Resolves when the program has ended, however it did. */
  readonly ended: Promise<Ending>;
  /** Where it listens, as its log says. Rejects, with what it said, when it ends before. */
  listening(): Promise<string>;
}

/** Starts `node ...args` with some more environment. `maxFileBytes` stands for a disk that is full at that size. */
export function startProgram(
  args: readonly string[],
  env: Record<string, string>,
  { maxFileBytes, cwd = root }: { maxFileBytes?: number; cwd?: string } = {},
): Program {
  const settings: NodeJS.ProcessEnv = { ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...env };
  // a full disk is not filled by the compiled code
  if (maxFileBytes !== undefined) settings.NODE_COMPILE_CACHE = '';
  const options = { cwd, env: settings };
  const child =
    maxFileBytes === undefined
      ? spawn(process.execPath, args, options)
      : // bash counts in blocks of 1024 bytes
        spawn(
          'bash',
          ['-c', `ulimit -f ${Math.ceil(maxFileBytes / 1024)}; exec "$@"`, 'bash', process.execPath, ...args],
          options,
        );
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]): Ending => ({ code, signal, stdout, stderr }));
  return {
    process: child,
    ended,
    async listening() {
      for (;;) {
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout) ?? [];
        if (url !== undefined) return url;
        const end = await Promise.race([ended, once(child.stdout as NodeJS.ReadableStream, 'data')]);
        if (!Array.isArray(end)) throw new Error(`ended with ${end.code ?? end.signal}: ${end.stderr}${end.stdout}`);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
