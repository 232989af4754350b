/*
 * Which users are shown: the view of the table, as an address says it. Input: the fields of a form or an address, from
 * anybody. Output: a checked query, and its shortest address.
 */

import { isRole, type Role } from './user.ts';
import { maxSearchLength } from './words.ts';

export interface UserQuery {
  /** Words that begin words of name or address; empty for all users. */
  readonly text: string;
  readonly role: Role | '';
  readonly country: string;
  readonly sort: SortColumn;
  readonly isDown: boolean;
  /** Counted from 1. */
  readonly page: number;
  /** Rows of a page. */
  readonly size: PageSize;
}

export type SortColumn = (typeof sortColumns)[number];
export const sortColumns = ['name', 'email', 'role', 'country', 'joined'] as const;

export type PageSize = (typeof pageSizes)[number];
export const pageSizes = [10, 25, 50, 100] as const;

export const firstQuery: UserQuery = {
  text: '',
  role: '',
  country: '',
  sort: 'name',
  isDown: false,
  page: 1,
  size: 25,
};

/** What a form or an address may hold under a name; of several the last counts. */
export type QueryFields = { readonly [name: string]: unknown };

const maxPage = 1_000_000;

/** Reads a query; what cannot be meant is as if it were not there. */
export function readQuery(fields: QueryFields): UserQuery {
  const text = (name: string): string => {
    const value = Object.hasOwn(fields, name) ? [fields[name]].flat().at(-1) : '';
    return typeof value === 'string' ? value : '';
  };
  const [role, country, page] = [text('role'), text('country'), text('page')];
  const [, down, column] = /^(-?)(\w+)$/.exec(text('sort')) ?? [];
  const sort = sortColumns.find((each) => each === column);
  return {
    text: text('q').slice(0, maxSearchLength),
    role: isRole(role) ? role : '',
    country: /^[A-Z]{2}$/.test(country) ? country : '',
    sort: sort ?? firstQuery.sort,
    isDown: sort !== undefined && down === '-',
    page: /^\d{1,7}$/.test(page) ? Math.min(Math.max(Number(page), 1), maxPage) : 1,
    size: pageSizes.find((each) => String(each) === text('size')) ?? firstQuery.size,
  };
}

/** The fields of a form, or of an address, that say a query. */
export function queryFields({ text, role, country, sort, isDown, page, size }: UserQuery) {
  return { q: text, role, country, sort: sortValue(sort, isDown), page: String(page), size: String(size) };
}

/** The query as the part of an address behind `?`: empty for the first page of all users. */
export function writeQuery(query: UserQuery): string {
  const usual = Object.values(queryFields(firstQuery));
  const fields = Object.entries(queryFields({ ...query, text: query.text.trim() }));
  return String(new URLSearchParams(fields.filter(([, value], at) => value !== usual[at])));
}

/** How a form or an address says it. */
export function sortValue(sort: SortColumn, isDown: boolean): string {
  return (isDown ? '-' : '') + sort;
}
