/*
 * Counts work instead of time, so that a curve is the same on every machine: how often a block of this project's code was
 * entered (V8's coverage counts them, and so each round of a loop), how many items arrays were copied, and how many
 * characters JSON has read and written. Copies by `...` are not seen.
 */

import { Session } from 'node:inspector/promises';

const session = new Session();
const own = /\/(shared|server)\/(?!node_modules)/;
let copied = 0;
let characters = 0;

/** Begins to count; what runs from now on is slower. */
export async function beginCounting(): Promise<void> {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  for (const name of [
    'slice',
    'with',
    'toSpliced',
    'toReversed',
    'toSorted',
    'concat',
    'flat',
    'filter',
    'map',
  ] as const)
    countCopies(name);
  const { stringify, parse } = JSON;
  JSON.stringify = (value: unknown, ...rest: unknown[]): string => {
    const text = stringify(value, ...(rest as []));
    // of what is no data there is no text
    characters += (text as string | undefined)?.length ?? 0;
    return text;
  };
  JSON.parse = (text: string, ...rest: []) => {
    characters += text.length;
    return parse(text, ...rest);
  };
}

function countCopies(
  name: 'slice' | 'with' | 'toSpliced' | 'toReversed' | 'toSorted' | 'concat' | 'flat' | 'filter' | 'map',
): void {
  const method = Array.prototype[name] as (this: unknown[], ...parameters: unknown[]) => unknown[];
  Object.defineProperty(Array.prototype, name, {
    value(this: unknown[], ...parameters: unknown[]) {
      const result = method.apply(this, parameters);
      copied += result.length;
      return result;
    },
    writable: true,
    configurable: true,
  });
}

/** Gives the work that something takes. */
export async function countWork(act: () => unknown): Promise<number> {
  await session.post('Profiler.takePreciseCoverage');
  [copied, characters] = [0, 0];
  await act();
  const sum = copied + characters;
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let blocks = 0;
  for (const { url, functions } of result) {
    if (!own.test(url)) continue;
    for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
  }
  return sum + blocks;
}
