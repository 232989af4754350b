// `islet dev`: builds an app's scripts, runs its server, and does both again after each change. Input: an app's folder.
// Output: the server as it is now; while it does not start, or its scripts do not compile, a page in its place that
// says why, and pages that are open hear it too (`client-runtime/development/`).

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { sep } from 'node:path';
import { type Problem, problemPage } from '../../server/development.ts';
import { scriptJson } from '../../shared/template/escape.ts';
import { buildClient } from './build.ts';

/** Changes that come together are one. */
const quietMs = 80;
/** Folders whose files are made, not written. */
const ignored = new Set(['node_modules', 'build', '.git', 'data', 'dist', 'coverage']);

/** Runs until a signal ends it. */
export async function develop(folder: string, server: string): Promise<void> {
  const env = { ...process.env, NODE_ENV: 'development' };
  const host = process.env.HOST ?? 'localhost';
  const port = Number(process.env.PORT ?? 3000);
  let child: ChildProcess | undefined;
  let stand: Server | undefined;
  let isEnding = false;
  let turn: Promise<void> = Promise.resolve();

  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running && running.exitCode === null && running.signalCode === null) {
      const exited = once(running, 'exit');
      running.kill('SIGTERM');
      const timer = setTimeout(() => running.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timer);
    }
    if (stand) {
      const closing = stand;
      stand = undefined;
      closing.closeAllConnections();
      await new Promise((done) => closing.close(done));
    }
  };
  const fail = async (problem: Problem): Promise<void> => {
    console.error(`\n${problem.title}\n${problem.text}`);
    stand ??= createServer((request, answer) => {
      const isAsked = request.url?.includes('/dev?problem') ?? false;
      answer.writeHead(503, {
        'content-type': isAsked ? 'application/json' : 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      });
      answer.end(isAsked ? JSON.stringify(problem) : standIn(problem));
    }).listen(port, host);
    await once(stand, 'listening').catch((error: Error) => console.error(error.message));
  };
  const start = async (): Promise<void> => {
    await stop();
    try {
      await buildClient(folder, { isDevelopment: true });
    } catch (error) {
      await fail({ title: 'The scripts of the pages do not compile', facts: [], text: (error as Error).message });
      return;
    }
    const running = spawn(process.execPath, ['--enable-source-maps', server], {
      cwd: folder,
      env,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    child = running;
    let said = '';
    running.stderr.setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text);
      said = (said + text).slice(-8_000);
    });
    running.on('exit', (code, signal) => {
      if (child !== running || isEnding) return;
      child = undefined;
      const title = code === 0 ? 'The server has ended' : `The server has ended with ${signal ?? `code ${code}`}`;
      turn = turn.then(() => fail({ title, facts: [], text: said.trim() || 'It said nothing.' }));
    });
  };

  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    const [top = ''] = (name ?? '').split(sep);
    if (name === null || ignored.has(top) || /\.(db|db-\w+|part|log)$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      console.log(`\n${name} has changed.`);
      turn = turn.then(start);
    }, quietMs);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isEnding = true;
      watcher.close();
      clearTimeout(timer);
      turn = turn.then(stop).then(() => process.exit(0));
    });
  }
  turn = turn.then(start);
  await turn;
}

/** A page while there is no server: it looks whether there is one again. */
function standIn(problem: Problem): string {
  // while nobody answers the page stays: a browser's own error page would never look again
  const script = `const said = ${scriptJson(problem.text)};
  setInterval(async () => {
    const answer = await fetch('/islet/dev?problem').catch(() => undefined);
    if (answer && (answer.status !== 503 || (await answer.json()).text !== said)) location.reload();
  }, 500);`;
  return problemPage(problem, script);
}
