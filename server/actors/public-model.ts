/*
 * What of a predicted model pages may have: all but the parts that the route's `keeps` names. Input: those names, then
 * models. Output: the same model without them. What was given for a record or a list is given again for the same one,
 * so that what `update` shares is shared here, too: a change costs what it changes.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import { isPlainRecord } from '../../shared/wire/model-patch.ts';

/** Stands for each item of a list, and for each value of a record. */
const each = '*';

/** What is left out of what stands at one place. */
interface Cut {
  /** The rest of each path from here on, as it was written: a part may have a dot in its name. */
  readonly names: Set<string>;
  readonly inner: Map<string, Cut>;
  readonly known: WeakMap<object, unknown>;
}

/** Tells what is wrong with names of parts. */
export function problemOfParts(keeps: unknown): string | undefined {
  if (!Array.isArray(keeps) || !keeps.every((part) => typeof part === 'string')) {
    return "predict needs keeps: it names the parts of the model that never leave the server, such as ['password'], or is []";
  }
  const wrong = keeps.find((part) => part.split('.').includes('') || part.split('.').at(-1) === each);
  if (wrong === undefined) return undefined;
  return `keeps names parts by dots and stars, such as 'members.*.mail'; a star is each of them, and is never the last. Got '${wrong}'`;
}

/** Gives what leaves parts out of a model. */
export function leavingOut(parts: readonly string[]): (model: unknown) => unknown {
  if (parts.length === 0) return (model) => model;
  const cut = createCut();
  for (const part of parts) add(cut, part.split('.'));
  return (model) => leaveOut(cut, model, 'the model');
}

function createCut(): Cut {
  return { names: new Set(), inner: new Map(), known: new WeakMap() };
}

function add(cut: Cut, [name, ...rest]: readonly string[]): void {
  if (name === undefined) return;
  if (name !== each) cut.names.add([name, ...rest].join('.'));
  if (rest.length === 0) return;
  const inner = cut.inner.get(name) ?? createCut();
  cut.inner.set(name, inner);
  add(inner, rest);
}

/** @throws IsletError ISLET_ERR_STATE_PLAIN where a part may be, and nobody can tell: it would leave with what holds it. */
function leaveOut(cut: Cut, value: unknown, place: string): unknown {
  if (typeof value !== 'object' || value === null) {
    if (place !== 'the model') return value;
    throw error('names parts of a model, and this model has none');
  }
  if (cut.known.has(value)) return cut.known.get(value);
  const rest = Array.isArray(value) ? ofList(cut, value, place) : ofRecord(cut, value, place);
  cut.known.set(value, rest);
  return rest;
}

function ofList(cut: Cut, list: readonly unknown[], place: string): unknown {
  const [name] = cut.names;
  if (name !== undefined) throw error(`names '${name}' of ${place}, which is a list: '*.${name}' is that of each item`);
  return list.map((item, index) => leaveOutAt(cut, each, item, `${place}[${index}]`));
}

function ofRecord(cut: Cut, record: object, place: string): unknown {
  if (!isPlainRecord(record)) throw error(`names parts of ${place}, which is neither a record nor a list`);
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => !cut.names.has(key))
      .map(([key, value]) => {
        const rest = leaveOutAt(cut, each, value, `${place}.${key}`);
        return [key, key === each ? rest : leaveOutAt(cut, key, rest, `${place}.${key}`)];
      }),
  );
}

function leaveOutAt(cut: Cut, name: string, value: unknown, place: string): unknown {
  const inner = cut.inner.get(name);
  return inner ? leaveOut(inner, value, place) : value;
}

function error(problem: string): IsletError {
  return new IsletError('ISLET_ERR_STATE_PLAIN', `keeps ${problem}`);
}
