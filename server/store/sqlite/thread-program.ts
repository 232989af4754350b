/*
 * What runs in the thread of a SQLite file: it does one thing after the other, and may wait for the disk and for
 * others.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from '../store.ts';
import { callFile } from './ask.ts';
import { SqliteFile } from './file.ts';
import type { Answer, Failure, Question, ThreadData } from './thread.ts';

/** How long the driver waits for others who write. */
const busyMs = 1_000;

const { path, ...options } = workerData as ThreadData;
const file = new SqliteFile(path, { ...options, busyMs });

parentPort?.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    file.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(answer(question));
});

function answer({ id, method, args }: Question): Answer {
  try {
    return { id, value: callFile(file, method, args) };
  } catch (error) {
    return { id, error: toFailure(error) };
  }
}

function toFailure(error: unknown): Failure {
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
  return {
    message: error instanceof Error ? error.message : String(error),
    kind: error instanceof StoreError ? error.kind : undefined,
    errcode,
  };
}
