/*
 * By what a page knows a row of a list again when it is shown another rendering, as after a deploy of another view: rows
 * in which something of a person may be have their key told, as a digest. Input: a row, and the items of its list.
 * Output: a number, or nothing where nothing could be lost. Servers have it (`server/html-parser.ts`); in a browser, rows
 * are known by how they look.
 */

import { type Definition, isContent } from '../template/definition.ts';
import type { WithKey } from './encode.ts';
import { type Content, Instance, List, Memoized } from './tree.ts';

/** Elements that hold what no template says: typing, an island, a scroll, whatever plays. */
const keeping =
  /<(?:input|textarea|select|details|dialog|iframe|audio|video|canvas|object|embed|[a-z]+-)|contenteditable/i;

const known = new WeakMap<Definition, boolean>();

/** Adds the key of a row to what is encoded of it. */
export const withKey: WithKey = (wire, row, source, item) =>
  source && isKeeping(row) ? ([...wire, digest(JSON.stringify(source.keyOf(item)))] as unknown as typeof wire) : wire;

function isKeeping(content: Content): boolean {
  if (content === null || typeof content !== 'object') return false;
  if (content instanceof List) return content.instances.some((chunk) => chunk.some(isKeeping));
  if (content instanceof Memoized) return isKeeping(content.content);
  if (!(content instanceof Instance)) return false;
  const { definition } = content;
  let isKnown = known.get(definition);
  if (isKnown === undefined) {
    isKnown = keeping.test(definition.markup);
    known.set(definition, isKnown);
  }
  return isKnown || definition.holes.some(({ kind }, hole) => isContent(kind) && isKeeping(content[hole] as Content));
}

/** 32 bits (FNV-1a): a key may be long, and may be nobody's business. */
function digest(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
