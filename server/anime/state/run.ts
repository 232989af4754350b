/*
 * Lists, shows, exports and removes what a store keeps. Input: a command and a store. Output: lines, and an exit code
 * as in `failures.ts`.
 */

import type { Listed, ManagedStore, Saved } from '../../index.ts';
import type { Command } from './command.ts';
import { readText, showText, toObject, toTable } from './texts.ts';

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
      await print(JSON.stringify(toObject(found.key, found.saved), null, 2));
      return 0;
    }
    case 'export': {
      let code = 0;
      for await (const key of command.keys.length > 0 ? command.keys : keysOf(store)) {
        const found = await find(store, key);
        // of all, one may have gone since it was listed
        if (found === undefined) code = command.keys.length > 0 ? missing(key, warn) : code;
        else await print(JSON.stringify(toObject(found.key, found.saved)));
      }
      return code;
    }
    case 'remove': {
      let code = 0;
      for (const key of command.keys) code = (await remove(store, key, { print, warn })) || code;
      return code;
    }
    case 'removeUser': {
      const { states, clients } = await store.removeUser(command.user);
      await print(`${states} own islands and ${clients} numbers of clients of ${showText(command.user)} are removed.`);
      return 0;
    }
  }
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
