/*
 * The tables as types, for kysely. `migrations.ts` makes them.
 */

export interface Tables {
  readonly anime: AnimeTable;
  readonly anime_genres: { readonly anime_id: number; readonly genre: string; readonly position: number };
  readonly votes: VotesTable;
  readonly users: UsersTable;
  readonly user_words: { readonly word: string; readonly user_id: number };
  readonly deleted_users: DeletedUsersTable;
  readonly admin_sessions: AdminSessionsTable;
  readonly settings: { readonly name: string; readonly value: string };
  readonly migrations: { readonly name: string; readonly applied_at: string };
}

interface AnimeTable {
  readonly id: number;
  readonly title: string;
  readonly episodes: number;
  readonly year: number;
  readonly studio: string;
  readonly synopsis: string;
  /**
   * Title and title with studio, folded (`components/fold.ts`), so that sorting and search are the same in each
   * database.
   */
  readonly sort_title: string;
  readonly search_text: string;
  /** Kept equal to the rows of `votes` by each transaction that changes one. */
  readonly vote_count: number;
  readonly vote_sum: number;
  /** The average in hundredths, 0 without votes. */
  readonly average: number;
  /** Counts the changes of this anime's votes. */
  readonly revision: number;
}

interface VotesTable {
  readonly anime_id: number;
  readonly visitor: string;
  readonly score: number;
  /** ISO 8601, UTC. */
  readonly voted_at: string;
}

/** What is known of a user, whether there or deleted. */
export interface UserFacts {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: 'member' | 'moderator' | 'admin';
  readonly country: string;
  /** `YYYY-MM-DD` */
  readonly joined_on: string;
  /** Counts the changes of this user: who edits says which one was seen. */
  readonly revision: number;
}

export interface UsersTable extends UserFacts {
  /** The name folded (`components/fold.ts`), so that sorting is the same in each database. */
  readonly sort_name: string;
  /** The address in small letters: there is one user of it. */
  readonly email_key: string;
}

/** Users who can still be brought back. */
interface DeletedUsersTable extends UserFacts {
  /** ISO 8601, UTC. */
  readonly deleted_at: string;
  readonly deleted_by: string;
}

interface AdminSessionsTable {
  /** A digest of what stands in the cookie. */
  readonly id: string;
  readonly name: string;
  /** A digest of the name and password hash that were valid at the login. */
  readonly credential: string;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
}
