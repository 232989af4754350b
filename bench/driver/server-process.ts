/*
 * A measured server: a process of its own, started by the driver, asked for its CPU time and memory from outside.
 * CPU time is the sum of what the scheduler counted for each of its threads (/proc/PID/task/*\/schedstat, nanoseconds);
 * where there is no such file, what the process itself says. Most servers are scripts of Node, which answer over its IPC
 * channel (`probe.ts`); another program is asked over HTTP to collect its garbage.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question, Usage } from './probe.ts';

/** How a server is started. */
export type Launch = ScriptLaunch | ProgramLaunch;

/** A script of Node; it is told to listen at any free port (`--port 0`). */
export interface ScriptLaunch {
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Another program, which listens at any free port by itself, and ends when its standard input does. */
export interface ProgramLaunch {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A GET of it collects all garbage and answers with the bytes that are in use then. */
  readonly collectPath: string;
}

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** From the start of the process to the line that says where it listens. */
  readonly startMs: number;
  /** CPU time used until then. */
  readonly startCpuUs: number;
  /** CPU time used so far, of all threads. */
  cpuUs(): Promise<number>;
  /** Collects garbage until the resident memory falls no more, then tells it. */
  settledMemory(): Promise<Usage>;
  stop(): Promise<void>;
  /** Ends it in an orderly way, so that Node writes the profile that it was started for. */
  exit(): Promise<void>;
  /** Writes a heap snapshot. */
  writeSnapshot(path: string): Promise<void>;
}

const probe = new URL('./probe.ts', import.meta.url).href;

/** Starts a server in production mode and waits until it listens. */
export async function startServer(launch: Launch): Promise<ServerProcess> {
  const started = performance.now();
  const child = 'script' in launch ? forkScript(launch) : spawnProgram(launch);
  let output = '';
  child.stdout?.setEncoding('utf8');
  child.stderr?.setEncoding('utf8');
  const port = await new Promise<number>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      const match = /listening on http:\/\/[^:]+:(\d+)/.exec(output);
      if (match) resolve(Number(match[1]));
      if (output.length > 10_000) output = output.slice(-5_000);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) =>
      reject(new Error(`${nameOf(launch)} ended with ${code} before it listened:\n${output}`)),
    );
  });
  const startMs = performance.now() - started;
  const pid = child.pid as number;

  const ask = async (question: Question): Promise<Usage> => {
    if (!('script' in launch)) throw new Error(`${nameOf(launch)} is not a script of Node: it cannot be asked`);
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0] as Usage;
  };
  const collect = (): Promise<Usage> => ('script' in launch ? ask('collect') : collectProgram(launch, pid, port));

  const cpuUs = async (): Promise<number> => readThreads(pid) ?? (await ask('usage')).cpuUs;

  return {
    port,
    pid,
    startMs,
    startCpuUs: await cpuUs(),
    cpuUs,
    settledMemory: async () => {
      let best = await collect();
      for (let calm = 0, round = 0; calm < 3 && round < 20; round++) {
        await sleep(150);
        const next = await collect();
        calm = next.residentBytes < best.residentBytes * 0.998 ? 0 : calm + 1;
        if (next.residentBytes < best.residentBytes) best = next;
      }
      return best;
    },
    exit: async () => {
      const exit = once(child, 'exit');
      if ('script' in launch) child.send('exit' satisfies Question);
      else child.stdin?.end();
      await exit;
    },
    writeSnapshot: async (path) => {
      await ask({ snapshot: path });
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const nameOf = (launch: Launch): string => ('script' in launch ? launch.script : launch.program);

const environment = (launch: Launch): NodeJS.ProcessEnv => ({ ...process.env, NODE_ENV: 'production', ...launch.env });

function forkScript(launch: ScriptLaunch): ChildProcess {
  return fork(launch.script, ['--port', '0', ...(launch.args ?? [])], {
    execArgv: ['--expose-gc', '--import', probe, ...(launch.nodeOptions ?? [])],
    env: environment(launch),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

function spawnProgram(launch: ProgramLaunch): ChildProcess {
  return spawn(launch.program, launch.args ?? [], { env: environment(launch), stdio: ['pipe', 'pipe', 'pipe'] });
}

async function collectProgram({ collectPath }: ProgramLaunch, pid: number, port: number): Promise<Usage> {
  const response = await fetch(`http://127.0.0.1:${port}${collectPath}`, { headers: { connection: 'close' } });
  const heapBytes = Number(await response.text());
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuUs: readThreads(pid) ?? Number.NaN, residentBytes: Number(resident) * 1_024, heapBytes };
}

/** Sums up the threads' time on a CPU; undefined where the system does not tell. */
function readThreads(pid: number): number | undefined {
  const folder = `/proc/${pid}/task`;
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(folder)) {
      nanoseconds += Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
    }
    return nanoseconds / 1_000;
  } catch {
    return undefined;
  }
}
