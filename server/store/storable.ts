/*
 * Names that a database can hold and find, out of any text: keys, users and clients come from outside. Input: a text.
 * Output: the same for the same text alone. SQLite changes half a surrogate pair, PostgreSQL takes no zero character
 * and finds no long text in an index.
 */

import { hash } from 'node:crypto';

/** What stays as it is in JSON. */
const plain = /^[ !#-[\]-~]*$/;

/** As in JSON, without the quotes: what most keys are made of stays as it is. */
export function toStorable(text: string): string {
  if (plain.test(text)) return text;
  return JSON.stringify(text).slice(1, -1);
}

export function fromStorable(storable: string): string {
  return JSON.parse(`"${storable}"`);
}

const maxNameLength = 200;

/** A short name of what may be long: its beginning, for whoever reads the table, and a digest of the whole. */
export function toName(text: string): string {
  const storable = toStorable(text);
  if (storable.length <= maxNameLength) return storable;
  return `${storable.slice(0, 100)}...${hash('sha256', storable, 'base64url')}`;
}
