/*
 * What the table needs of whoever has the users: pages of them, changes to them, and news of others' changes. The
 * database behind it is the server's; here is only what both sides agree on.
 */

import type { Audible } from '../../shared/index.ts';
import type { UserQuery } from './query.ts';
import type { Field, UserRow } from './user.ts';

export interface UserSource {
  /** The rows of one page, and nothing besides. A page behind the last is the last. */
  page(query: UserQuery): Promise<UserPage>;
  /** The page of the same sort, with no filter, that has this user; nothing where there is no such user. */
  pageOf(id: number, query: UserQuery): Promise<UserPage | undefined>;
  edit(edit: UserEdit, by: Author): Promise<EditOutcome>;
  remove(id: number, by: Author): Promise<RemoveOutcome>;
  restore(id: number, by: Author): Promise<RestoreOutcome>;
  /** Who was deleted and can still be brought back, latest first; at most so many. */
  deletions(limit: number): Promise<Deletions>;
  /** Countries that users are from. */
  countries(): Promise<readonly string[]>;
  /** Each change of anybody, once it is stored. */
  readonly changes: Audible<UserChange>;
  /** How many changes were told so far: whoever loaded something knows by it whether that is old by now. */
  readonly changeCount: number;
  /** Whether somebody is still logged in. */
  isOpen(author: Author): boolean;
}

/** Who changes something: an administrator, in one of perhaps several sessions. */
export interface Author {
  readonly name: string;
  readonly session: string;
}

export interface UserPage {
  /** The query with the page that there is. */
  readonly query: UserQuery;
  readonly rows: readonly UserRow[];
  /** How many users the query finds on all pages. */
  readonly total: number;
}

export interface UserEdit {
  readonly id: number;
  readonly field: Field;
  /** As it was typed. */
  readonly text: string;
  /** The revision of the row that was seen; another one is a conflict. */
  readonly revision: number;
}

export type EditOutcome =
  | { readonly kind: 'stored'; readonly row: UserRow }
  | { readonly kind: 'invalid'; readonly problem: string }
  /** The row was changed meanwhile: this is how it is now. */
  | { readonly kind: 'conflict'; readonly row: UserRow }
  | { readonly kind: 'gone' };

export type RemoveOutcome = { readonly kind: 'removed'; readonly name: string } | { readonly kind: 'gone' };

export type RestoreOutcome =
  | { readonly kind: 'restored'; readonly name: string }
  /** Somebody was faster, or the time for it is over. */
  | { readonly kind: 'gone' }
  /** Somebody else has the address now. */
  | { readonly kind: 'taken'; readonly owner: string };

export interface Deletion {
  readonly id: number;
  readonly name: string;
  readonly by: string;
}

export interface Deletions {
  readonly latest: readonly Deletion[];
  readonly total: number;
}

export type UserChange =
  | { readonly kind: 'edited'; readonly row: UserRow; readonly field: Field; readonly by: Author }
  | { readonly kind: 'removed'; readonly id: number; readonly name: string; readonly by: Author }
  | { readonly kind: 'restored'; readonly id: number; readonly name: string; readonly by: Author }
  /** The time to bring some users back is over. */
  | { readonly kind: 'forgotten' };
