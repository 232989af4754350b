/*
 * The table's data: what it starts from, its model, its messages. There is one page of rows in it, never more.
 */

import type { Effect } from '../../shared/index.ts';
import type { UserQuery } from './query.ts';
import type { Author, Deletions, EditOutcome, RemoveOutcome, RestoreOutcome, UserChange, UserPage } from './source.ts';
import type { Field } from './user.ts';

/** What the table starts from. */
export interface UsersProps {
  /** Who looks, and changes things. */
  readonly author: Author;
  readonly page: UserPage;
  readonly deletions: Deletions;
  readonly countries: readonly string[];
  /** `changeCount` of the source before this was loaded. */
  readonly changeCount: number;
}

export interface UsersModel {
  readonly author: Author;
  readonly page: UserPage;
  readonly countries: readonly string[];
  readonly deletions: Deletions;
  readonly areDeletionsOpen: boolean;
  readonly load: Load;
  /** Something changed since the rows were asked for: they are asked for again, but not at once for each change. */
  readonly isRefreshDue: boolean;
  /** Cells in which somebody types, of rows that are shown. */
  readonly edits: readonly Edit[];
  /** Who changed a row while it was shown, by its id. */
  readonly marks: { readonly [id: number]: string };
  /** The row that was looked for. */
  readonly found: number | null;
  /** The row that is being deleted by this table. */
  readonly removing: number | null;
  /** What came of something, to be announced. */
  readonly notice: string;
  /** Whoever looked is not logged in any more. */
  readonly isEnded: boolean;
}

/** What is asked of the source. */
export type Wanted =
  | { readonly kind: 'page'; readonly query: UserQuery }
  | { readonly kind: 'user'; readonly id: number; readonly query: UserQuery }
  /** The same page again, since something has changed. */
  | { readonly kind: 'refresh'; readonly query: UserQuery };

export type Load =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly wanted: Wanted }
  | { readonly kind: 'failed'; readonly wanted: Wanted };

/** A cell in which somebody types. */
export interface Edit {
  readonly id: number;
  readonly field: Field;
  /** What the field began with. */
  readonly initial: string;
  /** The value, and the row's revision, that whoever types has seen. */
  readonly base: string;
  readonly revision: number;
  /** What was sent to be stored, while that goes on. */
  readonly sent: string | null;
  readonly problem: string | null;
  /** What somebody else stored meanwhile. */
  readonly theirs: { readonly value: string; readonly by: string | null } | null;
  /** Who deleted the row meanwhile; empty where nobody knows. */
  readonly goneBy: string | null;
}

/** What narrows the list, or cuts it, by the names of the form's fields. */
export type Filter = 'q' | 'role' | 'country' | 'size';

export type UsersMessage =
  | { readonly type: 'UserAskedFor'; readonly query: UserQuery }
  | { readonly type: 'UserChangedFilter'; readonly filter: Filter; readonly text: string }
  | { readonly type: 'UserClearedFilters' }
  | { readonly type: 'UserChoseSuggestion'; readonly id: number }
  | { readonly type: 'UserClickedRetry' }
  | { readonly type: 'UserOpenedCell'; readonly id: number; readonly field: Field }
  | { readonly type: 'UserSentCell'; readonly id: number; readonly field: Field; readonly text: string }
  | { readonly type: 'UserLeftCell'; readonly id: number; readonly field: Field }
  | { readonly type: 'UserClickedDelete'; readonly id: number }
  | { readonly type: 'UserClickedUndo'; readonly id: number }
  | { readonly type: 'UserToggledDeletions' }
  | { readonly type: 'RefreshIsDue' }
  | {
      readonly type: 'SourceReturnedPage';
      readonly wanted: Wanted;
      readonly page: UserPage | undefined;
      /** Only where they may have changed. */
      readonly deletions?: Deletions;
    }
  | { readonly type: 'SourceFailedToLoad'; readonly wanted: Wanted }
  | {
      readonly type: 'SourceAnsweredEdit';
      readonly id: number;
      readonly field: Field;
      readonly outcome: EditOutcome | { readonly kind: 'failed' };
    }
  | {
      readonly type: 'SourceAnsweredRemove';
      readonly id: number;
      readonly outcome: RemoveOutcome | { readonly kind: 'failed' };
    }
  | { readonly type: 'SourceAnsweredRestore'; readonly outcome: RestoreOutcome | { readonly kind: 'failed' } }
  | { readonly type: 'SourceChanged'; readonly change: UserChange }
  | { readonly type: 'SourceHadChanged' };

/** What is announced of a deletion; to the eye the list of deletions says it. */
export function deletionNotice({ name }: { readonly name: string }): string {
  return `${name} was deleted.`;
}

/** What comes of a message. */
export type Next = readonly [UsersModel, Effect<UsersMessage>];

/** What was asked for last, whether it is shown by now or not. */
export function askedQuery({ load, page }: UsersModel): UserQuery {
  return load.kind === 'idle' ? page.query : load.wanted.query;
}
