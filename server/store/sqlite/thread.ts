/*
 * A SQLite file in a thread of its own, where waiting for the disk keeps nobody from going on. Input: a method of the
 * file and its arguments. Output: what it gives or throws there, with SQLite's result code.
 */

import { Worker, type WorkerOptions } from 'node:worker_threads';
import { StoreError, type StoreErrorKind } from '../store.ts';
import type { Asked, FileArgs, FileMethod, FileResult } from './ask.ts';
import { embeddedProgram } from './embedded-program.ts';
import { SqliteFile } from './file.ts';

export interface Question {
  readonly id: number;
  readonly method: FileMethod;
  readonly args: FileArgs<FileMethod>;
}

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: Failure });

/** An error as it can be told to another thread. */
export interface Failure {
  readonly message: string;
  /** Of a StoreError. */
  readonly kind: StoreErrorKind | undefined;
  /** Of SQLite. */
  readonly errcode: number | undefined;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the program of a thread: what is embedded, or the file beside this one. */
function startThread(options: WorkerOptions): Worker {
  if (embeddedProgram !== undefined) return new Worker(embeddedProgram, { ...options, eval: true });
  return new Worker(new URL('./thread-program.ts', import.meta.url), options);
}

/** What a thread is told of its file. */
export interface ThreadData {
  readonly path: string;
  readonly isPowerSafe: boolean;
  readonly identity: string | undefined;
}

/** Finds out which file it is. Whoever starts hears at once what is wrong with it. */
export function identifyFile(path: string): string | undefined {
  const file = new SqliteFile(path, { isPowerSafe: true, busyMs: 0 });
  file.close();
  return file.identity;
}

/**
 * The thread starts with the first question, and once more after it has ended: whatever has the name of the file then,
 * it opens this one or none.
 */
export function openInThread(data: ThreadData): Asked {
  const { path } = data;
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let count = 0;
  let isClosed = false;

  const settle = (id: number, settleOne: (waiting: Waiting) => void): void => {
    const one = waiting.get(id);
    waiting.delete(id);
    // a store that nobody asks keeps no process alive
    if (waiting.size === 0) worker?.unref();
    if (one !== undefined) settleOne(one);
  };

  const start = (): Worker => {
    // what the app's program was started with, such as a program text, is not for this one
    const started = startThread({ workerData: data, execArgv: [] });
    const onEnd = (cause: unknown): void => {
      if (worker !== started) return;
      worker = undefined;
      const error = new StoreError('unavailable', `the thread of ${path} has ended`, { cause });
      for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error));
    };
    started.on('message', (answer: Answer) => {
      settle(answer.id, ({ resolve, reject }) => {
        if ('value' in answer) resolve(answer.value);
        else reject(toError(answer.error));
      });
    });
    started.on('error', onEnd);
    started.on('exit', (code) => onEnd(new Error(`exit code ${code}`)));
    return started;
  };

  return {
    ask<Method extends FileMethod>(method: Method, args: FileArgs<Method>) {
      if (isClosed) throw new StoreError('unavailable', `${path} is closed`);
      const id = ++count;
      worker ??= start();
      worker.ref();
      const question: Question = { id, method, args };
      worker.postMessage(question);
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      return promise as Promise<FileResult<Method>>;
    },
    async close() {
      isClosed = true;
      if (worker === undefined) return;
      worker.ref();
      const ended = new Promise((resolve) => worker?.once('exit', resolve));
      worker.postMessage('close');
      await ended;
    },
  };
}

function toError({ message, kind, errcode }: Failure): Error {
  return kind === undefined ? Object.assign(new Error(message), { errcode }) : new StoreError(kind, message);
}
