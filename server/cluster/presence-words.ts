/*
 * What processes say of who is here. Input: words as values, or what was heard. Output: JSON, or words that can be
 * relied on; what newer code says and this does not know is left out.
 */

/** Somebody in the process that says it; with 0 tabs they have left. */
export interface PersonWord {
  readonly id: string;
  readonly name: string;
  readonly meta: unknown;
  readonly tabs: number;
}

export type Word =
  /** All who are in this process. */
  | { readonly kind: 'state'; readonly people: readonly PersonWord[] }
  | { readonly kind: 'change'; readonly people: readonly PersonWord[] }
  /** Nothing has changed. */
  | { readonly kind: 'lease' }
  /** Who is where? @param process Of whom it is asked; undefined: of all. */
  | { readonly kind: 'ask'; readonly process: string | undefined }
  /** The process stops. */
  | { readonly kind: 'bye' };

export function toWord(word: Word): string {
  return JSON.stringify(word);
}

export function decodeWord(body: unknown): Word | undefined {
  if (!isObject(body)) return undefined;
  const { kind, people, process } = body;
  switch (kind) {
    case 'state':
    case 'change':
      return Array.isArray(people) ? { kind, people: people.flatMap((each) => decodePerson(each) ?? []) } : undefined;
    case 'lease':
    case 'bye':
      return { kind };
    case 'ask':
      return { kind, process: typeof process === 'string' ? process : undefined };
    default:
      return undefined;
  }
}

/** Reads who was in each presence of a process: names of presences, with their people. */
export function decodePeople(listed: string): [name: string, people: PersonWord[]][] {
  const rooms: unknown = JSON.parse(listed);
  if (!isObject(rooms)) return [];
  return Object.entries(rooms).flatMap(([name, people]) =>
    Array.isArray(people) ? [[name, people.flatMap((each) => decodePerson(each) ?? [])]] : [],
  );
}

function decodePerson(person: unknown): PersonWord | undefined {
  if (!isObject(person)) return undefined;
  const { id, name, meta, tabs } = person;
  if (typeof id !== 'string' || typeof name !== 'string' || !Number.isSafeInteger(tabs)) return undefined;
  return { id, name, meta, tabs: tabs as number };
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
