/*
 * How long the texts may be that a client makes a server keep: paths of routes, their parameters, attributes. Input: a
 * frame that was decoded, or the parameters of a path. Output: the code of the limit that is broken, if one is.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { AttributeTexts, ClientFrame } from '../../shared/wire/frames.ts';

/** Lengths are in characters. */
export interface Lengths {
  /** Path of a route, as a client names it. */
  readonly maxRouteLength: number;
  /** Each parameter of such a path. */
  readonly maxParamLength: number;
  /** Attributes in one join, those that do not count included. */
  readonly maxAttributes: number;
  readonly maxAttributeNameLength: number;
  /** Text of each attribute. */
  readonly maxAttributeLength: number;
}

type Named = Extract<ClientFrame, { kind: 'join' | 'attribute' }>;

/** Says which limit a frame breaks that names a route or attributes. */
export function lengthBrokenBy(frame: Named, lengths: Lengths): ErrorCode | undefined {
  if (frame.kind === 'attribute') {
    return mayBeAttribute(frame.name, frame.text ?? '', lengths) ? undefined : 'ISLET_ERR_LIMIT_ATTRIBUTES';
  }
  if (frame.route.length > lengths.maxRouteLength) return 'ISLET_ERR_LIMIT_ROUTE';
  return mayBeAttributes(frame.attributes ?? {}, lengths) ? undefined : 'ISLET_ERR_LIMIT_ATTRIBUTES';
}

/** Whether all parameters of a path are short enough. A path that a page of the server names has the same limits. */
export function mayBeParams(params: AttributeTexts, { maxParamLength }: Lengths): boolean {
  return Object.values(params).every(({ length }) => length <= maxParamLength);
}

function mayBeAttributes(attributes: AttributeTexts, lengths: Lengths): boolean {
  const entries = Object.entries(attributes);
  return (
    entries.length <= lengths.maxAttributes && entries.every(([name, text]) => mayBeAttribute(name, text, lengths))
  );
}

function mayBeAttribute(name: string, text: string, { maxAttributeNameLength, maxAttributeLength }: Lengths): boolean {
  return name.length <= maxAttributeNameLength && text.length <= maxAttributeLength;
}
