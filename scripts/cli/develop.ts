// The development loop: runs a server, and after each change brings server and open pages to what the code is now. What
// is shown stays: the server keeps all models in a store that outlives it, as over a deploy. Input: a folder, how to
// build what pages load, changed files. Output: the server as it is now. Code that cannot be built does not end the one
// that runs: its pages show why. While there is none, a page in its place says so (`client-runtime/development/`).

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { latencyVariable, type Notice, type Problem } from '../../server/development.ts';
import { developmentStore } from '../../server/options.ts';
import { checkServer, toProblem, whereIn } from './problems.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import { watchFolder } from './watch.ts';

export interface Loop {
  readonly folder: string;
  /** The module that starts the server, below the folder. */
  readonly server: string;
  /** Builds what pages load. @throws what esbuild says. */
  build(): Promise<void>;
  /** Whether a changed file concerns pages alone, so that the server can go on. */
  isForPages(name: string): boolean;
  /** Whether a change of a file concerns nobody. */
  isIgnored(name: string): boolean;
  /** Delays what pages and the server say to each other, in milliseconds of a round trip. */
  readonly latencyMs?: number | undefined;
}

/** Changes that come together are one. */
const quietMs = 40;
/** How long a server may take to stop. */
const stopMs = 5_000;

/** Runs until a signal ends it. */
export async function develop(loop: Loop): Promise<void> {
  const { folder, server, latencyMs } = loop;
  const kept = await mkdtemp(join(tmpdir(), 'islet-'));
  const models = join(kept, 'models.db');
  const env = {
    NODE_COMPILE_CACHE: join(folder, 'node_modules/.cache/islet'),
    ...process.env,
    NODE_ENV: 'development',
    [developmentStore]: models,
    ...(latencyMs !== undefined && { [latencyVariable]: String(latencyMs) }),
  };
  let address: { port: number; host?: string } = {
    port: Number(process.env.PORT ?? 3000),
    host: process.env.HOST ?? 'localhost',
  };
  let child: ChildProcess | undefined;
  let stand: StandIn | undefined;
  let isEnding = false;
  /** The server that runs is not what the code is. */
  let isStale = true;
  /** It has said that it listens. */
  let isReady = false;
  let turn: Promise<void> = Promise.resolve();
  /** Changes that have come, and may have more behind them. */
  let timer: NodeJS.Timeout | undefined;
  /** Updates that have not ended. */
  let updating = 0;

  const notify = (notice: Notice): void => {
    if (child?.connected) child.send(notice, () => {}); // who has just ended needs no notice
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running && running.exitCode === null && running.signalCode === null) {
      const exited = once(running, 'exit');
      running.kill('SIGTERM');
      const timer = setTimeout(() => running.kill('SIGKILL'), stopMs);
      await exited;
      clearTimeout(timer);
    }
    if (!stand) return;
    const closing = stand;
    stand = undefined;
    await closing.close();
  };
  const fail = async (problem: Problem): Promise<void> => {
    console.error(`\n${[problem.title, ...problem.facts.map((fact) => fact.join(': ')), problem.text].join('\n')}`);
    if (child) {
      notify({ kind: 'broken', problem });
      return;
    }
    if (stand) {
      stand.say(problem);
      return;
    }
    stand = createStandIn(problem);
    await stand.listen(address).catch((error: Error) => console.error(error.message));
  };
  /** Says that what is seen in a browser from now on is what the files say. */
  const sayIfCurrent = (): void => {
    if (child && isReady && !isStale && updating === 0 && timer === undefined) console.log('Up to date.');
  };
  const start = async (): Promise<void> => {
    await stop();
    isReady = false;
    const running = spawn(process.execPath, ['--enable-source-maps', server], {
      cwd: folder,
      env,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    child = running;
    let said = '';
    running.stderr?.setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text);
      said = (said + text).slice(-8_000);
    });
    running.on('message', (message: { readonly address: AddressInfo }) => {
      // where it listened, another stands in for it
      address = { port: message.address.port, host: message.address.address };
      if (child !== running) return;
      isReady = true;
      sayIfCurrent();
    });
    running.on('close', (code, signal) => {
      if (child !== running || isEnding) return;
      child = undefined;
      const title = code === 0 ? 'The server has ended' : `The server has ended with ${signal ?? `code ${code}`}`;
      const problem = { title, facts: whereIn(said, folder), text: said.trim() || 'It said nothing.' };
      turn = turn.then(() => fail(problem));
    });
  };
  /** Brings server and pages to what the code is now. */
  const update = async (): Promise<void> => {
    try {
      await loop.build();
      if (isStale) await checkServer(folder, server);
    } catch (error) {
      await fail(toProblem(error));
      return;
    }
    if (!isStale && child) {
      notify({ kind: 'changed' });
      return;
    }
    isStale = false;
    await start();
  };
  const updateInTurn = (): Promise<void> => {
    updating += 1;
    turn = turn.then(update).finally(() => {
      updating -= 1;
      sayIfCurrent();
    });
    return turn;
  };

  const watcher = watchFolder(folder, (name) => {
    if (loop.isIgnored(name)) return;
    if (!loop.isForPages(name)) isStale = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      console.log(`\n${name} has changed.`);
      void updateInTurn();
    }, quietMs);
  });
  const end = async (): Promise<void> => {
    isEnding = true;
    watcher.close();
    clearTimeout(timer);
    await turn;
    await stop();
    await rm(kept, { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end());
  if (process.stdin.isTTY) {
    console.log('r and Enter starts everything anew, and keeps nothing.');
    createInterface({ input: process.stdin }).on('line', (line) => {
      if (line.trim() !== 'r') return;
      turn = turn.then(async () => {
        await stop();
        for (const end of ['', '-wal', '-shm']) await rm(`${models}${end}`, { force: true });
        isStale = true;
        await update();
      });
    });
  }
  await updateInTurn();
}
