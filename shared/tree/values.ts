/*
 * What a view's values mean in a hole: as text, as an attribute, as a property, as a listener. Whatever the value is,
 * the outcome can be shown, sent and compared; a value that makes no sense in a view is an error that says so.
 */

import { development } from '../language/development.ts';
import { On, toHandler } from '../language/events.ts';
import { IsletError } from '../language/islet-error.ts';
import { isThenable } from '../language/thenable.ts';
import { type Hole, placeOf } from '../template/definition.ts';
import { escapeStyle, isScriptUrl, isUrlAttribute, scriptJson } from '../template/escape.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { type AttributeTexts, attributeTexts, booleanText, classNames, styleText } from './attribute-values.ts';

/** Text, or nothing (null). A number stays one: it is shorter on the wire. */
export type Text = string | number | null;

/** What any hole holds: content; for attributes text; for boolean attributes a boolean; else the value as given. */
export type Slot = unknown;

/** Gives the text of a value; booleans, like null and undefined, are nothing. */
export function toText(value: unknown, hole: Hole | undefined): Text {
  switch (typeof value) {
    case 'string':
      return value === '' ? null : toRepresentable(value);
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : String(value);
    case 'undefined':
    case 'boolean':
      return null;
    case 'object':
      return value === null ? null : describeText(value, hole) || null;
    case 'bigint':
      return String(value);
    case 'function':
      throw renderError('a function cannot be shown in a view: call it, or write @event=${...}', hole);
    default:
      throw renderError(`a ${typeof value} cannot be shown in a view`, hole);
  }
}

function describeText(value: object, hole: Hole | undefined): string {
  if (isPromise(value)) {
    const cure = 'have an effect wait for it, and show what its message left in the model';
    throw renderError(`a promise cannot be shown in a view: ${cure}`, hole);
  }
  const text = describe(value);
  if (development.warn && /^[[{]/.test(text) && !Array.isArray(value)) {
    development.warn(`an object is shown as its data: ${text.slice(0, 80)}`, placeOf(hole));
  }
  return text;
}

function isPromise(value: object): boolean {
  try {
    return isThenable(value);
  } catch {
    return false; // an object that cannot be read
  }
}

/** Gives the slot of a hole that holds no nodes. */
export function toSlot(hole: Hole, values: readonly unknown[]): Slot {
  const value = values[hole.value];
  switch (hole.kind) {
    case HoleKind.attribute: {
      const text = hole.parts === undefined ? toAttributeText(hole.name, value, hole) : join(hole.parts, values, hole);
      return hole.isUrl && text !== null && isScriptUrl(text) ? null : text;
    }
    case HoleKind.spread:
      return toSpread(value, hole);
    case HoleKind.boolean:
      return Boolean(value);
    case HoleKind.property: {
      if (hole.parts) return join(hole.parts, values, hole);
      if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
        throw renderError(`a ${typeof value} cannot be sent as the property ${hole.name}`, hole);
      }
      // a custom element's property may well be an object, whatever its name
      if (!hole.isUrl || (typeof value === 'object' && hole.element.includes('-'))) return value ?? null;
      const text = toAttribute(value, hole);
      return text !== null && isScriptUrl(text) ? '' : text;
    }
    case HoleKind.event:
      return toListener(hole, value);
    case HoleKind.text:
      return toTextSlot(hole, values);
    default:
      return null;
  }
}

// What an element that holds only text holds: as it is in the DOM, so that HTML and DOM are the same.
function toTextSlot(hole: Hole, values: readonly unknown[]): string {
  const value = values[hole.value];
  if (hole.name === 'script') return toJson(value, hole);
  const text = hole.parts === undefined ? String(toText(value, hole) ?? '') : join(hole.parts, values, hole);
  return hole.name === 'style' ? escapeStyle(text) : text;
}

function toListener(hole: Hole, value: unknown): unknown {
  if (value === undefined)
    development.warn?.(`@${hole.name} has no handler: write null if it is to have none`, placeOf(hole));
  if (value === null || value === undefined || value === false) return null;
  const handler = value instanceof On ? value.handler : toHandler(value);
  // it keeps the browser from something, and tells nobody
  if (handler === null) return value;
  if (typeof handler === 'function' || (typeof handler === 'object' && handler !== null && 'type' in handler)) {
    return typeof value === 'string' ? handler : value;
  }
  const shown = describe(handler).slice(0, 80);
  throw renderError(`@${hole.name} takes a message, its type, a function or on(...); got ${shown}`, hole);
}

/** Gives the text of an attribute; null: no attribute. */
export function toAttributeText(name: string, value: unknown, hole: Hole): string | null {
  switch (typeof value) {
    case 'string':
      return toRepresentable(value);
    case 'boolean':
      return booleanText(name, value);
    case 'object':
      return value === null ? null : describeAttribute(name, value, hole);
    case 'function':
      if (name === 'ref') throw renderError("no element is handed out: give it an id, and write focus('#id')", hole);
      return toAttribute(value, hole);
    default:
      return toAttribute(value, hole);
  }
}

function describeAttribute(name: string, value: object, hole: Hole): string | null {
  const lower = name.toLowerCase();
  if (isPromise(value)) throw renderError(`a promise cannot be the value of ${name}: wait for it in an effect`, hole);
  if (lower !== 'class' && lower !== 'style') return toAttribute(value, hole);
  // what says nothing is no attribute
  return toNames(lower, value, hole) || null;
}

function toNames(name: 'class' | 'style', value: unknown, hole: Hole): string {
  const toOne = (item: unknown): string => toAttribute(item, hole) ?? '';
  try {
    return toRepresentable(name === 'class' ? classNames(value, toOne) : styleText(value, toOne));
  } catch (error) {
    if (error instanceof IsletError) throw error;
    return ''; // an object that cannot be read
  }
}

function toSpread(value: unknown, hole: Hole): AttributeTexts {
  const toOne = (name: string, item: unknown): string | null => {
    const text = toAttributeText(name, item, hole);
    return text !== null && isUrlAttribute(name, hole.element) && isScriptUrl(text) ? null : text;
  };
  return attributeTexts(value, hole.taken ?? [], toOne, (problem) => renderError(problem, hole));
}

/** Gives the text of a value; null: nothing. */
export function toAttribute(value: unknown, hole: Hole | undefined): string | null {
  switch (typeof value) {
    case 'string':
      return toRepresentable(value);
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : describe(value);
    case 'function':
    case 'symbol':
      throw renderError(`a ${typeof value} cannot be an attribute's value`, hole);
    default:
      return String(value);
  }
}

function toJson(value: unknown, hole: Hole): string {
  try {
    return scriptJson(value);
  } catch (cause) {
    throw renderError('the data of a <script> cannot be written as JSON', hole, { cause });
  }
}

/** Gives a part of a text: `${condition && 'name'}` is a common way to write one that may be missing. */
export function toPart(value: unknown, hole: Hole): string {
  if (value === false) return '';
  if (hole.kind === HoleKind.attribute && typeof value !== 'string') {
    const name = hole.name.toLowerCase();
    if (name === 'class' || name === 'style') return toNames(name, value, hole);
  }
  return toAttribute(value, hole) ?? '';
}

function join(parts: readonly string[], values: readonly unknown[], hole: Hole): string {
  let text = parts[0] ?? '';
  for (let index = 1; index < parts.length; index++) {
    text += toPart(values[hole.value + index - 1], hole) + parts[index];
  }
  return text;
}

// Neither UTF-8 nor HTML can say a lone surrogate or NUL: what a patch sets must not differ from what a page shows.
function toRepresentable(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

// Data that only looks like a template, or has no usable toString, must neither become markup nor throw.
function describe(value: unknown): string {
  try {
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map((item) => toAttribute(item, undefined) ?? '').join(',');
    if (typeof value !== 'object' || value === null || hasOwnWords(value)) return toRepresentable(String(value));
    return toRepresentable(JSON.stringify(value) ?? '');
  } catch {
    return '[object]';
  }
}

// Such as a URL; an object that says of itself no more than `[object Object]` is shown as its data.
function hasOwnWords(value: object): boolean {
  return typeof value.toString === 'function' && value.toString !== Object.prototype.toString;
}

function renderError(problem: string, hole: Hole | undefined, options?: { cause: unknown }): IsletError {
  return new IsletError('ISLET_ERR_RENDER', `${problem}${placeOf(hole)}`, options);
}
