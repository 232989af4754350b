/*
 * What both databases can hold in a column of texts or whole numbers. PostgreSQL refuses a query that asks for anything
 * else, and SQLite ends a text at its first zero: so whatever comes from outside is asked about first.
 */

import { maxId } from '../../../components/schema/id.ts';

export function isStorable(value: unknown): value is string | number {
  if (typeof value === 'string') return !value.includes('\0');
  return Number.isInteger(value) && Math.abs(value as number) <= maxId;
}
