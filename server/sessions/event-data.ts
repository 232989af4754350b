/*
 * What a handler may know of an event, out of what a client sent. Input: any JSON. Output: `EventData` as its type says
 * it: what is of another type than a browser's is left out. Who makes such a value up must not be able to have handlers
 * fail that rely on the types, since a shared actor would fail for everybody.
 */

import type { EventData, Json } from '../../shared/language/events.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';

const isFlag: Check = (value) => typeof value === 'boolean';
const isListOf = (isItem: Check): Check => {
  return (value) => Array.isArray(value) && value.every(isItem);
};
const isTexts = isListOf(isText);

const isFile: Check = (value) =>
  isObject(value) && isText(value.name) && Number.isSafeInteger(value.size) && isText(value.type);

/** `detail`, and data that was asked for by its path, may be anything: handlers know that. */
const checks: { readonly [name in keyof EventData]?: Check } = {
  type: isText,
  value: isText,
  values: isTexts,
  checked: isFlag,
  name: isText,
  key: isText,
  altKey: isFlag,
  ctrlKey: isFlag,
  shiftKey: isFlag,
  metaKey: isFlag,
  fields: (value) => isObject(value) && Object.values(value).every((field) => isText(field) || isTexts(field)),
  submitter: (value) => isObject(value) && isText(value.name) && isText(value.value),
  files: isListOf((value) => Array.isArray(value) && value.length === 2 && isText(value[0]) && isFile(value[1])),
  text: isText,
  open: isFlag,
  returnValue: isText,
};

/** What nearly every event says. */
const nothing: EventData = Object.freeze({});

export function toEventData(data: Json | undefined): EventData {
  if (data === undefined) return nothing;
  if (!isObject(data)) return {};
  const isWrong = (name: string): boolean => Object.hasOwn(checks, name) && checks[name]?.(data[name]) === false;
  const wrong = Object.keys(data).filter(isWrong);
  if (wrong.length === 0) return data as EventData;
  return Object.fromEntries(Object.entries(data).filter(([name]) => !wrong.includes(name)));
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
