/*
 * The tracker's data: what a page is made from, the model, the messages, and what can be asked of a model.
 */

import type { HttpError } from '../../shared/index.ts';
import type { Anime, AnimeList } from './anime.ts';
import { pageOf, toId } from './routes.ts';

/** What a page of the tracker is made from. It goes to the browser with the page. */
export interface TrackerProps {
  /** Path and query of the page. */
  readonly url: string;
  /** The list, or what the query of the page finds in it. */
  readonly list: AnimeList;
  /** The anime of a detail page; null where there is no such anime. */
  readonly anime?: Anime | null;
}

/** What is asked of the API. */
export type Wanted =
  | { readonly kind: 'list'; readonly url: string; readonly isMore: boolean }
  | { readonly kind: 'anime'; readonly id: number };

export type Request =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly wanted: Wanted }
  | { readonly kind: 'failed'; readonly wanted: Wanted; readonly error: HttpError };

/** Own scores by the anime's id, kept in the browser. */
export type Scores = { readonly [id: string]: number };

export interface TrackerModel {
  readonly url: string;
  readonly list: AnimeList;
  /** What the list was asked for. */
  readonly query: string;
  /** What stands in the search field; it filters the list at once. */
  readonly search: string;
  /** Those seen on pages of their own, by id; null: there is no such anime. */
  readonly seen: { readonly [id: string]: Anime | null };
  readonly request: Request;
  /** When the list was asked for last, in milliseconds since 1970; null: not in this browser. */
  readonly refreshedAt: number | null;
  readonly scores: Scores;
}

export type TrackerMessage =
  | { readonly type: 'UrlChanged'; readonly url: string }
  | { readonly type: 'UserTypedSearch'; readonly text: string }
  | { readonly type: 'UserSubmittedSearch'; readonly text: string }
  | { readonly type: 'UserClickedRefresh' }
  | { readonly type: 'UserClickedMore' }
  | { readonly type: 'UserClickedRetry' }
  | { readonly type: 'UserSavedScore'; readonly id: number; readonly score: unknown }
  | { readonly type: 'UserClickedForget'; readonly id: number }
  | { readonly type: 'ApiReturnedList'; readonly wanted: Wanted; readonly list: AnimeList; readonly at: number }
  | { readonly type: 'ApiReturnedAnime'; readonly wanted: Wanted; readonly anime: Anime }
  | { readonly type: 'ApiFailed'; readonly wanted: Wanted; readonly error: HttpError }
  | { readonly type: 'StorageReturnedTime'; readonly at: number | null }
  | { readonly type: 'StorageReturnedScores'; readonly scores: Scores | null }
  | { readonly type: 'NetworkCameBack' };

/** Whether the URL is of a page that there is; else a server answers 404. */
export function isPage({ url, anime }: TrackerProps): boolean {
  const page = pageOf(url);
  return page !== null && (page.name !== 'detail' || (anime !== null && anime !== undefined));
}

/** The title of the document. */
export function titleOf(model: Pick<TrackerModel, 'url' | 'list' | 'seen'>): string {
  const page = pageOf(model.url);
  const name = 'Anime tracker';
  if (page?.name === 'home') return name;
  if (page?.name === 'list') return `All anime – ${name}`;
  const anime = page?.name === 'detail' ? findAnime(model, toId(page.params.id)) : null;
  return `${anime === undefined ? 'Anime' : (anime?.title ?? 'Not found')} – ${name}`;
}

/** An anime of the list or one seen before; null: there is none; undefined: that has to be asked. */
export function findAnime({ list, seen }: Pick<TrackerModel, 'list' | 'seen'>, id: number): Anime | null | undefined {
  if (Number.isNaN(id)) return null;
  return list.anime.find((anime) => anime.id === id) ?? seen[id];
}
