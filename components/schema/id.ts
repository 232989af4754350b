/*
 * The ids of what is stored: whole numbers from 1 to what both databases keep in such a column.
 */

export const maxId = 2_147_483_647;

/** Whether a number can be an id at all. */
export function isId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= maxId;
}
