/*
 * What `on` can be told of a listener, and whether it makes sense. Input: options as an author wrote them. Output: the
 * same, or an error that says what to write. `docs/events.md` has an example of each.
 */

import { fieldKinds, type WantedFields } from './fields.ts';

/** Options of a listener. Times are in milliseconds. All conditions must hold, and the browser looks at them itself. */
export interface OnOptions {
  /**
   * Keys that count, each with its modifiers: `'Enter'`, `'Shift+Enter'`, `['ArrowUp', 'Ctrl+Alt+s', 'Space', '?']`.
   * Other modifiers must not be pressed. None is heard while a word is being composed.
   */
  readonly key?: string | readonly string[];
  /** Only what happens at the element itself, not at what it holds. */
  readonly self?: boolean;
  /** Only what happens at elements inside that match this selector, or in them: `'li'`. Its data is of that element. */
  readonly target?: string;
  /** Hears what happens anywhere but in the element. */
  readonly outside?: boolean;
  /** Hears what happens at the window: `resize`, `hashchange`, `online`, and all that bubbles. */
  readonly window?: boolean;
  /** Hears what happens at the document: `visibilitychange`, `selectionchange`, and all that bubbles. */
  readonly document?: boolean;
  /** Hears one event for which the conditions hold, and no more. */
  readonly once?: boolean;
  /** Hears the event on its way down to where it happened. */
  readonly capture?: boolean;
  /** Promises not to prevent: the browser scrolls without waiting. */
  readonly passive?: boolean;
  /**
   * Keeps the browser from doing what it does by itself, if the conditions hold. Default: true for forms' submissions.
   */
  readonly preventDefault?: boolean;
  /** Keeps listeners further out from hearing it, if the conditions hold. */
  readonly stopPropagation?: boolean;
  /** Waits until no event came for so long, then tells the last one. A submission of the form does not wait. */
  readonly debounceMs?: number;
  /** Tells at most one event in this time; the last one is always told. */
  readonly throttleMs?: number;
  /** Further data to read from the event, as dotted paths: `['target.dataset.row', 'clientX']`. */
  readonly include?: readonly string[];
  /**
   * The fields of a form that count. Others are not sent, and dropped by the server. `['title']`: each is a text;
   * `{ title: 'text', done: 'flag', tags: 'list', size: 'number' }`: what they are read as. The handler gets them all,
   * whatever was sent: an empty text, an empty list, false, or null for a number.
   */
  readonly fields?: WantedFields;
}

type Check = (value: unknown) => boolean;

const isFlag: Check = (value) => typeof value === 'boolean';
const isTime: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === 'string' && value !== '';
const isKey: Check = (value) => typeof value === 'string' && keyPattern.test(value);
const isPath: Check = (value) => typeof value === 'string' && /^[A-Za-z_$][\w$-]*(\.[\w$-]+)*$/.test(value);
const isListOf = (isItem: Check): Check => {
  return (value) => Array.isArray(value) && value.every(isItem);
};

const isKinds: Check = (value) => Object.values(value ?? [0]).every((kind) => fieldKinds.includes(kind));

/** A key's modifiers, in any order, and its name as `KeyboardEvent.key` has it; `Space` is one of ours. */
const keyPattern = /^(?:(?:Ctrl|Alt|Shift|Meta)\+)*(?:\+|[^\s+]+)$/;

const flag = [isFlag, 'true or false'] as const;
const time = [isTime, 'a number of milliseconds, 0 or more'] as const;

const checks: { readonly [name in keyof OnOptions]-?: readonly [check: Check, wanted: string] } = {
  key: [
    (value) => isKey(value) || (isListOf(isKey)(value) && (value as unknown[]).length > 0),
    "a key or a list of keys, such as 'Enter', 'Shift+Enter', 'Ctrl+Alt+s', 'Space'",
  ],
  self: flag,
  target: [isText, 'a selector'],
  outside: flag,
  window: flag,
  document: flag,
  once: flag,
  capture: flag,
  passive: flag,
  preventDefault: flag,
  stopPropagation: flag,
  debounceMs: time,
  throttleMs: time,
  include: [(value) => isListOf(isPath)(value), "a list of dotted paths, such as 'target.dataset.row'"],
  fields: [
    (value) => isListOf(isText)(value) || isKinds(value),
    "a list of fields' names, or their kinds: text,list,flag,number",
  ],
};

/** Pairs of which only one makes sense. */
const rivals = [
  ['self', 'outside'],
  ['self', 'target'],
  ['self', 'window'],
  ['self', 'document'],
  ['window', 'document'],
  ['window', 'outside'],
  ['passive', 'preventDefault'],
  ['debounceMs', 'throttleMs'],
] as const;

/** @throws TypeError when an option is unknown, or has no meaning, or none beside another. */
export function checkOptions(options: OnOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(checks, name)) throw new TypeError(`on(): there is no option '${name}'`);
    const [check, wanted] = checks[name as keyof OnOptions];
    if (!check(value)) throw new TypeError(`on(): ${name} must be ${wanted}; got ${shown(value)}`);
  }
  for (const [one, other] of rivals) {
    if (options[one] && options[other]) throw new TypeError(`on(): ${one} and ${other} exclude each other`);
  }
}

function shown(value: unknown): string {
  try {
    return typeof value === 'string' || Array.isArray(value) ? JSON.stringify(value) : String(value);
  } catch {
    return typeof value;
  }
}
