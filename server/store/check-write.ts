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
  const sizes = sizesOf(write);
  if (totalOf(sizes) > maxStateBytes) throw tooBig(write.key);
  if (write.after === undefined && patchOf(write) !== undefined) throw baseless(write.key);
  if (textsOf(write).some((text) => !isPlain(text))) {
    throw new StoreError('refused', `what ${nameKey(write.key)} was to keep is no text as JSON.stringify writes it`);
  }
  if (write.clients?.some(({ client }) => client.length > maxClientLength)) {
    throw new StoreError('refused', `a client of ${nameKey(write.key)} has a name above ${maxClientLength} characters`);
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

function sizesOf(write: Write): WriteSizes {
  const { rendering, instances, timers, tasks } = write;
  return {
    base: bytesOf(baseOf(write)),
    patch: bytesOf(patchOf(write)),
    rendering: bytesOf(rendering),
    instances: bytesOf(instances),
    timers: bytesOf(timers),
    tasks: bytesOf(tasks?.json),
  };
}

function textsOf(write: Write): string[] {
  const { rendering, instances, timers, tasks } = write;
  const texts = [baseOf(write), patchOf(write), rendering, instances, timers, tasks?.json];
  return texts.filter((text) => text !== undefined);
}

/** Whether every database gives it back as it was, and tells it from nothing. */
function isPlain(text: string): boolean {
  return text !== '' && text.isWellFormed() && !text.includes('\0');
}

function bytesOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Buffer.byteLength(text);
}

/** A key for a message: a long one is cut. */
export function nameKey(key: string): string {
  return key.length > 200 ? `${key.slice(0, 200)}…` : key;
}
