/*
 * Lists, shows, exports, brings back and removes what a store keeps. Input: a command and a store. Output: lines, and an exit code
 * of sysexits.h.
 */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { KeptTask } from '../actors/kept-tasks.ts';
import { accountInStore, accountOfUser } from '../limits/account.ts';
import type { Listed, ManagedStore, Saved } from '../store/store.ts';
import type { Command } from './command.ts';
import { importStates } from './import.ts';
import { change, tasksOf, toLine, write } from './tasks.ts';
import { readText, showText, toObject, toShown, toTable } from './texts.ts';

/** Where lines go; what it gives is waited for, so that an export of any size takes little memory. */
export type Print = (line: string) => unknown;

export interface Output {
  readonly print: Print;
  readonly warn: Print;
}

const partSize = 200;
/** A server that writes meanwhile makes a removal try again. */
const maxTries = 20;
const noInput = 66;
const tryAgain = 75;

/** @returns the exit code. */
export async function run(
  store: ManagedStore,
  command: Exclude<Command, { kind: 'help' }>,
  { print, warn }: Output,
): Promise<number> {
  switch (command.kind) {
    case 'list': {
      const { user, isJson } = command;
      const isMeant = (listed: Listed): boolean => user === undefined || listed.user === user;
      if (isJson) {
        for await (const listed of all(store)) {
          const { place: _, ...told } = listed;
          if (isMeant(listed)) await print(JSON.stringify(told));
        }
        return 0;
      }
      const found: Listed[] = [];
      for await (const listed of all(store)) if (isMeant(listed)) found.push(listed);
      if (found.length === 0) await warn('Nothing is kept.');
      else for (const line of toTable(found)) await print(line);
      return 0;
    }
    case 'show': {
      const found = await find(store, command.key);
      if (found === undefined) return missing(command.key, warn);
      await print(JSON.stringify(toShown(found.key, found.saved), null, 2));
      return 0;
    }
    case 'export': {
      let code = 0;
      const given = command.keys.length > 0;
      for await (const { key, endsInMs } of given ? endsOf(store, command.keys) : all(store)) {
        const found = await find(store, key);
        // of all, one may have gone since it was listed
        if (found === undefined) code = given ? missing(key, warn) : code;
        else await print(JSON.stringify({ ...toObject(found.key, found.saved), endsInMs }));
      }
      return code;
    }
    case 'import':
      return importStates(store, linesOf(command.file), command.replaces, { print, warn });
    case 'tasks': {
      let code = 0;
      for await (const key of command.keys.length > 0 ? command.keys : keysOf(store)) {
        const found = await find(store, key);
        if (found === undefined) code = command.keys.length > 0 ? missing(key, warn) : code;
        else for (const task of tasksOf(found.saved)) await print(toLine(found.key, task));
      }
      return code;
    }
    case 'retry':
    case 'drop':
      return changeTasks(store, command, { print, warn });
    case 'remove': {
      let code = 0;
      for (const key of command.keys) code = (await remove(store, key, { print, warn })) || code;
      return code;
    }
    case 'removeUser': {
      const { states, clients } = await store.removeUser(command.user, accountInStore(accountOfUser(command.user)));
      await print(`${states} own islands and ${clients} numbers of clients of ${showText(command.user)} are removed.`);
      return 0;
    }
  }
}

async function changeTasks(
  store: ManagedStore,
  { kind, key, tasks: wanted }: Extract<Command, { kind: 'retry' | 'drop' }>,
  { print, warn }: Output,
): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const found = await find(store, key);
    if (found === undefined) return missing(key, warn);
    const before = tasksOf(found.saved);
    const unknown = wanted.find((task) => !before.some((each) => each.key === task));
    if (unknown !== undefined) {
      await warn(`There is no task ${showText(unknown)} in ${showText(found.key)}`);
      return noInput;
    }
    const after = change(before, kind, wanted);
    const count = kind === 'drop' ? before.length - after.length : dead(before) - dead(after);
    const what = kind === 'drop' ? 'removed' : 'to be tried again';
    if (count === 0 || (await write(store, found.key, found.saved, after, await endOf(store, found.key)))) {
      await print(`${count} tasks of ${showText(found.key)} are ${what}.`);
      return 0;
    }
  }
  await warn(`${showText(key)} is written all the time, and was not changed. Try again.`);
  return tryAgain;
}

function dead(tasks: readonly KeptTask[]): number {
  return tasks.filter(({ state }) => state === 'dead').length;
}

/** Keys as they are, or else as they are shown, with when what is there is not wanted any more. */
async function* endsOf(
  store: ManagedStore,
  keys: readonly string[],
): AsyncGenerator<{ readonly key: string; readonly endsInMs: number | undefined }> {
  for (const key of keys) yield { key, endsInMs: await endOf(store, (await find(store, key))?.key) };
}

/** In milliseconds; undefined: never. */
async function endOf(store: ManagedStore, key: string | undefined): Promise<number | undefined> {
  for await (const listed of all(store)) if (listed.key === key) return listed.endsInMs;
  return undefined;
}

/** @throws Error of the system for a file that cannot be read. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

async function* all(store: ManagedStore): AsyncGenerator<Listed> {
  for (let place = 0; ; ) {
    const part = await store.list(place, partSize);
    yield* part;
    const last = part.at(-1);
    if (last === undefined) return;
    place = last.place;
  }
}

async function* keysOf(store: ManagedStore): AsyncGenerator<string> {
  for await (const { key } of all(store)) yield key;
}

/** What is kept under a key as it is, or else under one that a list shows so. */
async function find(store: ManagedStore, key: string): Promise<{ key: string; saved: Saved } | undefined> {
  for (const each of new Set([key, readText(key)])) {
    const saved = each === undefined ? undefined : await store.load(each);
    if (each !== undefined && saved !== undefined) return { key: each, saved };
  }
  return undefined;
}

function missing(key: string, warn: Print): number {
  warn(`Nothing is kept under ${showText(key)}`);
  return noInput;
}

async function remove(store: ManagedStore, key: string, { print, warn }: Output): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const found = await find(store, key);
    if (found === undefined) return tries === 0 ? missing(key, warn) : done(found, key, print);
    if (await store.remove(found.key, found.saved.by)) return done(found, key, print);
  }
  await warn(`${showText(key)} is written all the time, and was not removed. Try again.`);
  return tryAgain;
}

function done(found: { readonly key: string } | undefined, key: string, print: Print): number {
  print(`${showText(found?.key ?? key)} is removed.`);
  return 0;
}
