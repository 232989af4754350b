/*
 * Brings back states that an export wrote. Input: its lines, which may have been edited. Output: writes, each fenced:
 * what is there already stays, unless it is to be replaced.
 */

import { rememberMs } from '../../shared/wire/remembered.ts';
import { dueInMsOf } from '../actors/saved-state.ts';
import { type ManagedStore, StoreError, type Write } from '../store/store.ts';
import { WriteNames } from '../store/write-names.ts';
import type { Output } from './run.ts';
import { showText } from './texts.ts';

const badData = 65;
const tryAgain = 75;
const isThere = 73;

/** @returns the exit code. */
export async function importStates(
  store: ManagedStore,
  lines: AsyncIterable<string> | Iterable<string>,
  replaces: boolean,
  { print, warn }: Output,
): Promise<number> {
  const names = new WriteNames();
  let code = 0;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    try {
      const writes = toWrites(line, names);
      const problem = await bring(store, writes, replaces);
      if (problem === undefined) await print(`${showText(writes[0].key)} is there.`);
      else {
        await warn(`${showText(writes[0].key)} ${problem.text}`);
        code = problem.code;
      }
    } catch (error) {
      // a store that cannot be written to is no fault of the line
      if (error instanceof StoreError && error.kind !== 'refused' && error.kind !== 'too-big') throw error;
      await warn(`line ${number}: ${error instanceof Error ? error.message : error}`);
      code = badData;
    }
  }
  return code;
}

async function bring(
  store: ManagedStore,
  writes: readonly [Write, ...Write[]],
  replaces: boolean,
): Promise<{ readonly text: string; readonly code: number } | undefined> {
  const [first] = writes;
  const present = await store.load(first.key);
  if (present !== undefined) {
    if (!replaces) return { text: 'is there already: --replace replaces it.', code: isThere };
    if (!(await store.remove(first.key, present.by))) return written;
  }
  for (const write of writes) {
    const [isKept] = await store.commit([write]);
    if (!isKept) return written;
  }
  return undefined;
}

const written = { text: 'was written meanwhile, and stays as it is. Try again.', code: tryAgain };

/** @throws Error that says what of a line is no state. */
function toWrites(line: string, names: WriteNames): readonly [Write, ...Write[]] {
  const state: unknown = JSON.parse(line);
  if (typeof state !== 'object' || state === null) throw new Error('this is no state');
  const { key, schema, user, model, base, changes, rendering, instances, timers, tasks, clients, endsInMs } = state as {
    readonly [name: string]: unknown;
  };
  if (typeof key !== 'string') throw new Error('a state has a key');
  if (typeof schema !== 'number' || !Number.isSafeInteger(schema) || schema < 0)
    throw new Error('a state has a schema');
  const dead = typeof tasks === 'object' && tasks !== null && 'dead' in tasks ? Number(tasks.dead) : 0;
  const json = typeof tasks === 'object' && tasks !== null && 'json' in tasks ? toText(tasks.json) : undefined;
  const texts = { timers: toText(timers), tasks: json === undefined ? undefined : { json, dead } };
  const dueInMs = attempt(() => dueInMsOf(texts, Date.now()));
  const whole = toText(model) ?? toText(base);
  const ends = typeof endsInMs === 'number' ? { endsInMs: Math.max(0, endsInMs) } : {};
  const write: Write = {
    ...{ key, by: names.next(), after: undefined, schema, ...ends },
    ...(typeof user === 'string' && { user }),
    ...(whole !== undefined && { model: { base: whole } }),
    ...present('rendering', toText(rendering)),
    ...present('instances', toText(instances)),
    ...present('timers', texts.timers),
    ...(texts.tasks && { tasks: texts.tasks }),
    ...(dueInMs !== undefined && { dueInMs }),
    clients: toClients(clients),
  };
  const writes: [Write, ...Write[]] = [write];
  // what could not be read was exported as it was
  for (const patch of Array.isArray(changes) && whole !== undefined ? changes : []) {
    const after = writes.at(-1)?.by;
    const due = dueInMs === undefined ? {} : { dueInMs };
    writes.push({ key, by: names.next(), after, schema, ...ends, ...due, model: { patch: toText(patch) ?? '' } });
  }
  return writes;
}

function toClients(clients: unknown): { client: string; event: number; endsInMs: number }[] {
  if (!Array.isArray(clients)) return [];
  return clients.map((each: unknown) => {
    const { client, event } = Object(each) as { readonly client?: unknown; readonly event?: unknown };
    if (typeof client !== 'string' || typeof event !== 'number') throw new Error('a client has a name and a number');
    return { client, event, endsInMs: rememberMs };
  });
}

/** All that is kept is an object: a text was one that could not be read, and is brought back as it was. */
function toText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function present<Name extends string>(name: Name, text: string | undefined): { [Key in Name]?: string } {
  return (text === undefined ? {} : { [name]: text }) as { [Key in Name]?: string };
}

/** What cannot be read is due at no time. */
function attempt(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
