/*
 * States as texts for a person or another program. Input: rows of the store. Output: lines. Keys come from outside:
 * what a terminal would obey is shown as an escape.
 */

import { applyModel } from '../../shared/wire/model-patch.ts';
import { edited, type KeptInstances, readPatch } from '../actors/saved-state.ts';
import type { Listed, Saved } from '../store/store.ts';

/** A text on one line, without anything that a terminal obeys. */
export function showText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return escaped.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => escapeUnit(character.charCodeAt(index))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** The text that `showText` shows so; undefined where it shows none so. */
export function readText(shown: string): string | undefined {
  try {
    return JSON.parse(`"${shown}"`);
  } catch {
    return undefined;
  }
}

const columns = ['BYTES', 'WRITES', 'SCHEMA', 'CLIENTS', 'DEAD', 'WRITTEN', 'ENDS', 'USER', 'KEY'];

/** A table: numbers first, since a key may be long. */
export function toTable(listed: readonly Listed[]): string[] {
  const rows = [columns, ...listed.map(toCells)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => column < 7;
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === columns.length - 1) return cell;
        return isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
      })
      .join('  '),
  );
}

function toCells({ bytes, seq, schema, clients, deadTasks, ageMs, endsInMs, user, key }: Listed): string[] {
  const ends = endsInMs === undefined ? 'never' : endsInMs <= 0 ? 'over' : `in ${toDuration(endsInMs)}`;
  const numbers = [bytes, seq, schema, clients, deadTasks].map(String);
  return [...numbers, `${toDuration(ageMs)} ago`, ends, user === undefined ? '-' : showText(user), showText(key)];
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** In the biggest unit of which there are two. */
function toDuration(ms: number): string {
  const [name, size] = units.find(([, size]) => ms >= 2 * size) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ms / size))} ${name}`;
}

/** A state as plain JSON; what its writer had as texts is told as the values that they stand for. */
export function toObject(key: string, saved: Saved): object {
  const { model, rendering, instances, timers, tasks, ...rest } = saved;
  return {
    key,
    ...rest,
    ...(model && toModel(model)),
    rendering: toValue(rendering),
    instances: toInstances(toValue(instances), model),
    timers: toValue(timers),
    tasks: tasks && { dead: tasks.dead, json: toValue(tasks.json) },
  };
}

/** For whoever writes `migrate`: `model` is what it gets, and what the actor's snapshot has besides stands apart. */
export function toShown(key: string, saved: Saved): object {
  const { model, ...rest } = toObject(key, saved) as { readonly model?: unknown };
  const isSnapshot = typeof model === 'object' && model !== null && 'status' in model && 'context' in model;
  if (!isSnapshot) return model === undefined ? rest : { ...rest, model };
  const { context, ...snapshot } = model;
  return { ...rest, model: context, snapshot };
}

/** The model as it is now; where its changes cannot be read, its base and them. */
function toModel({ base, patches }: NonNullable<Saved['model']>): object {
  const changes = patches.map(toValue);
  try {
    const model = changes.reduce((model, patch) => applyModel(model, readPatch(patch).operations), toValue(base));
    return { model };
  } catch {
    return { base: toValue(base), changes };
  }
}

/** With the ids as they are now; where what has become of them cannot be read, as they were. */
function toInstances(instances: unknown, model: Saved['model']): unknown {
  try {
    const edits = (model?.patches ?? []).flatMap((patch) => readPatch(JSON.parse(patch)).edits);
    return edited(instances as KeptInstances, edits) ?? instances;
  } catch {
    return instances;
  }
}

/** A text that is no JSON is told as it is: whoever looks wants to see it. */
function toValue(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
