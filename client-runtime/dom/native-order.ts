/*
 * More of the DOM's own members (`native.ts`): those by which nodes are looked through from their end, and compared by
 * where they stand. Part of `repair.ts`.
 */

import { type Reader, readerOf } from './native.ts';

export const lastOf: Reader<ChildNode | null> = readerOf('lastChild');
export const previousOf: Reader<ChildNode | null> = readerOf('previousSibling');

/** Call it by `call`. */
export const { compareDocumentPosition } = Node.prototype;
