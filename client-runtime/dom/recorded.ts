/*
 * What was recorded while nobody heard it (`record.ts`).
 */

import { contains } from './native.ts';

/** Whether anything was recorded in an island. @param isAll Also what was loaded, or could not be. */
export function hasRecorded(root: Node, isAll: boolean): unknown {
  return customElements.isletEarly?.events.some(
    ({ type, target }) => (isAll || /click|submit/.test(type)) && contains.call(root, target as Node),
  );
}

export function isRecorded(node: Node, type: string): unknown {
  return customElements.isletEarly?.events.some((event) => event.target === node && event.type === type);
}
