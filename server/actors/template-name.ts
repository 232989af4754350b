/*
 * Templates by name: a hash of what a browser is told of them. Numbers mean something to one actor alone; names mean
 * the same in another process, and after a restart. Input: a definition. Output: its name, made once.
 */

import { hash } from 'node:crypto';
import type { Definition } from '../../shared/template/definition.ts';
import { encodeDefinition } from '../../shared/wire/definition.ts';

const names = new WeakMap<Definition, string>();

/** The name of a template: 11 characters, equal for equal markup and holes. */
export function nameOf(definition: Definition): string {
  let name = names.get(definition);
  if (name === undefined) {
    name = hash('sha1', JSON.stringify(encodeDefinition(definition)), 'base64url').slice(0, 11);
    names.set(definition, name);
  }
  return name;
}
