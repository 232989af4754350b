/*
 * A template's definition on the wire, which a browser gets once: what it parses to make an instance, and where in that
 * the holes are. Input: a compiled definition. Output: the same, as far as a browser needs it.
 */

import type { Namespace } from '../language/html.ts';
import type { Definition, Hole } from '../template/definition.ts';
import type * as HoleKind from '../template/hole-kind.ts';

export type WireDefinition = readonly [namespace: number, markup: string, ...holes: WireHole[]];
type WireHole = readonly [kind: HoleKind.Kind, name: string, ...path: number[]];

/** What a browser knows of a hole. */
export type BrowserHole = Pick<Hole, 'kind' | 'name' | 'path'>;

/** What a browser knows of a template. */
export interface BrowserTemplate {
  /** The element that the markup stands in, if it is not HTML. */
  readonly wrapper: string;
  readonly markup: string;
  readonly holes: readonly BrowserHole[];
}

const namespaces: readonly Namespace[] = ['html', 'svg', 'mathml'];
const wrappers = ['', 'svg', 'math'];

export function encodeDefinition(
  definition: Pick<Definition, 'namespace' | 'markup'> & { holes: readonly BrowserHole[] },
): WireDefinition {
  const { namespace, markup, holes } = definition;
  return [
    namespaces.indexOf(namespace),
    markup,
    ...holes.map((hole): WireHole => [hole.kind, hole.name, ...hole.path]),
  ];
}

export function decodeDefinition([namespace, markup, ...holes]: WireDefinition): BrowserTemplate {
  return {
    wrapper: wrappers[namespace] as string,
    markup,
    holes: holes.map(([kind, name, ...path]) => ({ kind, name, path })),
  };
}
