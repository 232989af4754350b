/*
 * What was recorded while nobody heard it (`record.ts`).
 */

import { islandOf } from './record.ts';

/** Whether anything was recorded in an island. @param isAll Also what was loaded, or could not be. */
export function hasRecorded(root: Node, isAll: boolean): unknown {
  return customElements.isletEarly?.events.some(
    ({ type, island }) => (isAll || /click|submit/.test(type)) && island === islandOf(root),
  );
}

export function isRecorded(node: Node, type: string): unknown {
  return customElements.isletEarly?.events.some((event) => event.target === node && event.type === type);
}
