/*
 * What every store asks of a write before it touches anything. Input: a write. Output: its size, or a StoreError.
 */

import { maxStateBytes, StoreError, type Write } from './store.ts';

/** Bytes of the texts of a write; undefined where it has none and what is there stays. */
export interface WriteSizes {
  readonly base: number | undefined;
  readonly patch: number | undefined;
  readonly rendering: number | undefined;
  readonly instances: number | undefined;
  readonly timers: number | undefined;
  readonly tasks: number | undefined;
}

/** Clients are named by the server. */
const maxClientLength = 256;

/** @throws StoreError `too-big`, or `refused` for what is no write. */
export function checkWrite(write: Write): WriteSizes {
  const { key, rendering, instances, timers, tasks, clients } = write;
  const patch = patchOf(write);
  const sizes: WriteSizes = {
    base: bytesOf(key, baseOf(write)),
    patch: bytesOf(key, patch),
    rendering: bytesOf(key, rendering),
    instances: bytesOf(key, instances),
    timers: bytesOf(key, timers),
    tasks: bytesOf(key, tasks?.json),
  };
  if (totalOf(sizes) > maxStateBytes) throw tooBig(key);
  if (write.after === undefined && patch !== undefined) throw baseless(key);
  if (clients === undefined) return sizes;
  for (const { client, account = '' } of clients) {
    if (Math.max(client.length, account.length) > maxClientLength) {
      throw new StoreError(
        'refused',
        `a client of ${nameKey(key)} has a name or an account above ${maxClientLength} characters`,
      );
    }
  }
  return sizes;
}

export function totalOf(sizes: WriteSizes): number {
  const { base = 0, patch = 0, rendering = 0, instances = 0, timers = 0, tasks = 0 } = sizes;
  return base + patch + rendering + instances + timers + tasks;
}

export function baseless(key: string): StoreError {
  return new StoreError('refused', `a patch of ${nameKey(key)} cannot be kept: there is no base`);
}

export function tooBig(key: string, cause?: unknown): StoreError {
  const message = `the state of ${nameKey(key)} would take more than ${maxStateBytes} bytes`;
  return new StoreError('too-big', message, { cause });
}

/** A base up to this size stands in the row of its state, where it costs least to write it with each turn. */
const smallBytes = 1_024;

export function isSmallBase({ base }: WriteSizes): boolean {
  return base !== undefined && base <= smallBytes;
}

export function baseOf({ model }: Write): string | undefined {
  return model !== undefined && 'base' in model ? model.base : undefined;
}

export function patchOf({ model }: Write): string | undefined {
  return model !== undefined && 'patch' in model ? model.patch : undefined;
}

/** @throws StoreError for a text that not every database gives back as it was, and tells from nothing. */
function bytesOf(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === '' || !text.isWellFormed() || text.includes('\0')) {
    throw new StoreError('refused', `what ${nameKey(key)} was to keep is no text as JSON.stringify writes it`);
  }
  return Buffer.byteLength(text);
}

/** A key for a message: a long one is cut. */
export function nameKey(key: string): string {
  return key.length > 200 ? `${key.slice(0, 200)}…` : key;
}
