/*
 * What stands behind server-rendered HTML, so that a browser can adopt it: what the HTML does not say. `tree/encode.ts`
 * makes the shape, `server/actors/adoption.ts` the rest; `client-runtime/dom/adopt.ts` reads it.
 */

import { isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import type { IdRuns } from './content.ts';
import type { BrowserHole, WireDefinition } from './definition.ts';

/**
 * The shape of server-rendered content: as on the wire, but only with what the HTML does not say. Text is 0 (null:
 * none), and itself where a person may edit it; attributes are left out, but for those that others may have a part in;
 * a list is `['list', count, shape, count, shape, ...]` in runs of equal shapes.
 */
export type Shape = 0 | null | string | readonly unknown[];

export interface Adoption {
  readonly epoch: string;
  readonly version: number;
  /** Says which content it is. */
  readonly digest: string;
  readonly nextId: number;
  /** 0: counted from 1 on. */
  readonly ids: 0 | IdRuns;
  readonly shape: Shape;
  /** Names of the attributes that count. */
  readonly attributes: readonly string[];
  /** Templates from number 0 on. */
  readonly definitions: readonly WireDefinition[];
}

/** Gives adoption data as plain JSON. */
export function encodeAdoption(adoption: Adoption): readonly unknown[] {
  const { epoch, version, digest, nextId, ids, shape, attributes, definitions } = adoption;
  return [epoch, version, digest, nextId, ids, shape, attributes.length > 0 ? attributes : 0, ...definitions];
}

/** Reads what `encodeAdoption` gave. @throws Error when it is nothing of the kind. */
export function decodeAdoption(text: string): Adoption {
  const [epoch, version, digest, nextId, ids, shape, attributes, ...definitions] = JSON.parse(text);
  return { epoch, version, digest, nextId, ids, shape, attributes: attributes || [], definitions };
}

/** Whether a shape says what a hole holds. */
export function isInShape({ kind, name }: BrowserHole): boolean {
  return (
    isContent(kind) ||
    kind === HoleKind.event ||
    kind === HoleKind.property ||
    (kind === HoleKind.attribute && isShared(name))
  );
}

/** Whether others may have a part in an attribute: what stands there is not all ours. */
export function isShared(name: string): boolean {
  return /^(class|style)$/i.test(name);
}

export const textShape = 0;
export const rawShape: Shape = ['raw'];

/** The shape of an instance. @param values Of its holes that have one, in their order. */
export function instanceShape(template: number, values: readonly unknown[]): Shape {
  return [template, ...values];
}

/** The shape of a list. */
export function listShape(shapes: readonly Shape[]): Shape {
  const runs: unknown[] = ['list'];
  let last: Shape = null;
  for (const shape of shapes) {
    if (isEqual(shape, last)) (runs[runs.length - 2] as number)++;
    else runs.push(1, shape);
    last = shape;
  }
  return runs;
}

/** The shapes in the shape of a list. An instance and raw markup are read as in `content.ts`. */
export function shapesIn(list: readonly unknown[]): Shape[] {
  return list.flatMap((count, at) => (at % 2 ? Array(count as number).fill(list[at + 1]) : []));
}

function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!Array.isArray(left) || !Array.isArray(right)) {
    // a property's value may be any JSON
    return typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right);
  }
  return left.length === right.length && left.every((value, index) => isEqual(value, right[index]));
}
