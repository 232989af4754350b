/*
 * The tables as types, for kysely. `migrations.ts` makes them.
 */

export interface Tables {
  readonly anime: AnimeTable;
  readonly anime_genres: { readonly anime_id: number; readonly genre: string; readonly position: number };
  readonly votes: VotesTable;
  readonly users: UsersTable;
  readonly snapshots: { readonly key: string; readonly snapshot: string; readonly version: number };
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
  /** Title and title with studio, folded (see `fold.ts`), so that sorting and search are the same in each database. */
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

export interface UsersTable {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: 'member' | 'moderator' | 'admin';
  readonly country: string;
  /** `YYYY-MM-DD` */
  readonly joined_on: string;
}
