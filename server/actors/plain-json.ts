/*
 * In development, a model that is kept must be plain JSON, and is not changed in place: what JSON cannot say would be
 * gone after a restart, and what was changed in place is not noticed. Input: a model. Output: an error that names the
 * place; all of the model is frozen. What was looked at before is not looked at again: the cost follows the change.
 */

import { development } from '../../shared/language/development.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { isPlainRecord } from '../../shared/wire/model-patch.ts';

export class PlainJson {
  private readonly seen = new WeakSet<object>();

  /** @throws IsletError ISLET_ERR_STATE_PLAIN that names the place. */
  check(model: unknown): void {
    this.visit(model, 'the model');
  }

  private visit(value: unknown, place: string): void {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return;
      case 'undefined':
        warnOfUndefined(place);
        return;
      case 'number':
        if (!Number.isFinite(value)) throw error(place, String(value));
        return;
      case 'object':
        if (value !== null && !this.seen.has(value)) this.visitObject(value, place);
        return;
      default:
        throw error(place, `a ${typeof value}`);
    }
  }

  private visitObject(value: object, place: string): void {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (item === undefined) throw error(`${place}[${index}]`, 'undefined in a list');
        this.visit(item, `${place}[${index}]`);
      }
    } else {
      if (!isPlainRecord(value)) throw error(place, describe(value));
      for (const [key, item] of Object.entries(value)) this.visit(item, `${place}.${key}`);
    }
    this.seen.add(value);
    Object.freeze(value);
  }
}

/** It is no error: until then nothing is different. */
function warnOfUndefined(place: string): void {
  const cure = 'leave the key out, or give null';
  const each = place.replace(/\[\d+\]/g, '[]');
  development.warn?.(`${each} of what is kept is undefined, and no key any more after a restart: ${cure}`, '');
}

/** Tells whether a value is the same after it went through JSON. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value === undefined) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth > maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isPlainJson(item, depth + 1));
  return isPlainRecord(value) && Object.values(value).every((item) => isPlainJson(item, depth + 1));
}

/** Deeper data, or such as holds itself, is not kept. */
const maxDepth = 100;

function describe(value: object): string {
  const { name } = (value as { readonly constructor?: { readonly name?: string } }).constructor ?? {};
  return name ? `a ${name}` : 'an object with a prototype of its own';
}

function error(place: string, what: string): IsletError {
  const cure =
    'keep plain JSON (numbers, texts, lists, records), such as a time as milliseconds and a Map as its entries';
  return new IsletError('ISLET_ERR_STATE_PLAIN', `${place} is ${what}, which would not survive a restart: ${cure}`);
}
