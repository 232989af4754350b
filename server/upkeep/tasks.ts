/*
 * Tasks that are kept with states: listed, tried again, removed. Input: rows of the store. Output: lines, and writes
 * that are fenced like a server's.
 */

import type { KeptTask, KeptTasks } from '../actors/kept-tasks.ts';
import { writeTasks } from '../actors/kept-tasks.ts';
import { dueInMsOf } from '../actors/saved-state.ts';
import type { ManagedStore, Saved } from '../store/store.ts';
import { WriteNames } from '../store/write-names.ts';
import { showText } from './texts.ts';

const names = new WriteNames();

/** @throws SyntaxError for what is no JSON. */
export function tasksOf({ tasks }: Saved): readonly KeptTask[] {
  return tasks === undefined ? [] : (JSON.parse(tasks.json) as KeptTasks).tasks;
}

/** One line for each. */
export function toLine(key: string, { key: task, name, state, tries, error }: KeptTask): string {
  const reason = error === undefined ? '' : `  ${showText(error)}`;
  return `${state.padEnd(7)}  ${String(tries).padStart(3)} tries  ${task}  ${name}  ${showText(key)}${reason}`;
}

/** What is to become of the tasks of a state: dead ones are tried again at once, from their first try; or some go. */
export function change(tasks: readonly KeptTask[], kind: 'retry' | 'drop', wanted: readonly string[]): KeptTask[] {
  const isMeant = ({ key }: KeptTask): boolean => wanted.length === 0 || wanted.includes(key);
  if (kind === 'drop') return tasks.filter((task) => !isMeant(task));
  return tasks.map((task) =>
    task.state === 'dead' && isMeant(task) ? { ...task, state: 'waiting', tries: 0, inMs: 0 } : task,
  );
}

/** @returns false: somebody else has written it meanwhile. */
export async function write(
  store: ManagedStore,
  key: string,
  saved: Saved,
  tasks: readonly KeptTask[],
  endsInMs: number | undefined,
): Promise<boolean> {
  const at = saved.tasks === undefined ? Date.now() : (JSON.parse(saved.tasks.json) as KeptTasks).at;
  const written = writeTasks(tasks, at);
  const dueInMs = dueInMsOf({ timers: saved.timers, tasks: written }, Date.now());
  const [isKept] = await store.commit([
    {
      ...{ key, by: names.next(), after: saved.by, schema: saved.schema, tasks: written },
      ...(dueInMs !== undefined && { dueInMs }),
      ...(endsInMs !== undefined && { endsInMs }),
    },
  ]);
  return isKept === true;
}
