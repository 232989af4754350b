/*
 * The tracker's data: what a page is made from, the model, the messages, and what can be asked of a model.
 */

import type { Effect, HttpError } from '../../shared/index.ts';
import type { Anime, AnimeQuery, Facets, Rating } from '../schema/anime.ts';
import { type AnimeList, listAddress, type Rated } from './anime.ts';
import { type Filters, type ListQuery, noFilters, toAnimeQuery, toFilters } from './filters.ts';
import { pageOf, toId } from './routes.ts';

/** What a page of the tracker is made from. It goes to the browser with the page. */
export interface TrackerProps {
  /** Path and query of the page. */
  readonly url: string;
  readonly facets: Facets;
  /** Names the state of all ratings that the page was made from, or an earlier one. */
  readonly at: string;
  /** The list of a home or list page: what `listQueryOf` asks for. */
  readonly list?: AnimeList;
  /** The anime of a detail page; null where there is no such anime. */
  readonly anime?: Anime | null;
}

/** What is asked of the API. */
export type Wanted =
  /** A list that is kept under its address; where more of it is wanted, that has another. */
  | { readonly kind: 'list'; readonly address: string; readonly more: string | null }
  | { readonly kind: 'anime'; readonly id: number };

export type Request =
  | { readonly kind: 'idle' }
  /** `before` is what the try before this one failed with: it is still shown. */
  | { readonly kind: 'loading'; readonly wanted: Wanted; readonly before?: HttpError | undefined }
  | { readonly kind: 'failed'; readonly wanted: Wanted; readonly error: HttpError };

/** A list as far as it is known. */
export interface KnownList {
  readonly ids: readonly number[];
  readonly total: number;
  readonly next: string | null;
}

/** What is known of the feed of ratings. */
export interface Feed {
  readonly isLive: boolean;
  /** Names the state of all ratings that is shown. */
  readonly at: string;
  /** Ratings heard since; what the API answers may be older. */
  readonly heard: { readonly [id: string]: Rating };
  /** Some changes were not heard: ratings have to be asked. */
  readonly isBehind: boolean;
}

/** What is said beside the page. */
export type Notice = 'offline' | 'stopped' | 'vote-lost' | 'score-lost';

export interface TrackerModel {
  readonly url: string;
  readonly facets: Facets;
  /** All anime seen so far, by id; null: there is none. */
  readonly anime: { readonly [id: string]: Anime | null };
  /** The lists asked for last, by their addresses. */
  readonly lists: { readonly [address: string]: KnownList };
  /** The URL of the list page that was shown last. */
  readonly listUrl: string;
  /** The address of the list that is shown until the page's own is here. */
  readonly shown: string;
  /** What stands in the search field. */
  readonly search: string;
  /** The URL that typing has led to: typing on replaces it. */
  readonly typedUrl: string;
  /** Where the page goes: its URL says so as soon as the effects of this turn have run. Empty: it stays. */
  readonly wantedUrl: string;
  readonly request: Request;
  /** When the list was asked for last, in milliseconds since 1970; null: not in this browser. */
  readonly refreshedAt: number | null;
  readonly feed: Feed;
  /** The own vote on the page was saved, and the server has not answered. */
  readonly isVoting: boolean;
  /** The list's score has no connection; `waiting`: and somebody has changed it since. */
  readonly score: 'live' | 'away' | 'waiting';
  readonly notice: Notice | null;
}

export type TrackerMessage =
  | { readonly type: 'UrlChanged'; readonly url: string }
  | { readonly type: 'UserChoseFilters'; readonly change: Partial<ListQuery>; readonly isTyping: boolean }
  | { readonly type: 'UserClickedRefresh' }
  | { readonly type: 'UserClickedMore' }
  | { readonly type: 'UserClickedRetry' }
  | { readonly type: 'UserDismissedNotice' }
  | { readonly type: 'ApiReturnedList'; readonly wanted: Wanted; readonly list: AnimeList; readonly at: number }
  | { readonly type: 'ApiReturnedAnime'; readonly wanted: Wanted; readonly anime: Anime }
  | { readonly type: 'ApiFailed'; readonly wanted: Wanted; readonly error: HttpError }
  | { readonly type: 'ApiReturnedRatings'; readonly anime: readonly Anime[]; readonly others: readonly number[] }
  | { readonly type: 'ApiKeptRatings' }
  | { readonly type: 'FeedRated'; readonly rated: Rated }
  | { readonly type: 'FeedOpened'; readonly at: string }
  | { readonly type: 'FeedWasLost' }
  | { readonly type: 'FeedFailed' }
  | { readonly type: 'UserSavedVote' }
  | { readonly type: 'VoteWasAnswered' }
  | { readonly type: 'UserClickedScore' }
  | { readonly type: 'ScoreTurned'; readonly isLive: boolean }
  /** What was done on an island of the page may not have arrived, or was not applied. */
  | { readonly type: 'IslandLostEvents' }
  | { readonly type: 'StorageReturnedTime'; readonly at: number | null }
  | { readonly type: 'NetworkWasLost' }
  | { readonly type: 'NetworkCameBack' }
  | { readonly type: 'TimePassed' };

/** What comes of a message. */
export type Next = readonly [TrackerModel, Effect<TrackerMessage>];

/** How many anime the home page shows. */
const picks = 3;

/** What a page asks of the list; null: it shows none. */
export function listQueryOf(url: string, facets: Facets): AnimeQuery | null {
  const page = pageOf(url);
  if (page?.name === 'home') return { limit: picks };
  return page?.name === 'list' ? toAnimeQuery(filtersOf(url, facets), page.query.cursor) : null;
}

/** The address of the list that a page shows; null: it shows none. */
export function listAddressOf(url: string, facets: Facets): string | null {
  const query = listQueryOf(url, facets);
  return query && listAddress(query);
}

/** The filters that a URL asks for; of one without any: none. */
export function filtersOf(url: string, facets: Facets): Filters {
  const page = pageOf(url);
  return page?.name === 'list' ? toFilters(page.query, facets).filters : noFilters;
}

/** What a page needs and the model does not have. */
export function missingOf(model: TrackerModel): Wanted | null {
  const page = pageOf(model.url);
  const address = listAddressOf(model.url, model.facets);
  if (address !== null) return model.lists[address] ? null : { kind: 'list', address, more: null };
  const id = page?.name === 'detail' ? toId(page.params.id) : Number.NaN;
  return findAnime(model, id) === undefined ? { kind: 'anime', id } : null;
}

/** Whether the URL is of a page that there is; else a server answers 404. */
export function isPage({ url, anime }: TrackerProps): boolean {
  const page = pageOf(url);
  return page !== null && (page.name !== 'detail' || (anime !== null && anime !== undefined));
}

/** The title of the document. */
export function titleOf(model: TrackerModel): string {
  const page = pageOf(model.url);
  const name = 'Anime tracker';
  if (page?.name === 'home') return name;
  if (page?.name === 'list') return `All anime – ${name}`;
  const anime = page?.name === 'detail' ? findAnime(model, toId(page.params.id)) : null;
  return `${anime === undefined ? 'Anime' : (anime?.title ?? 'Not found')} – ${name}`;
}

/** An anime seen before; null: there is none; undefined: that has to be asked. */
export function findAnime({ anime }: TrackerModel, id: number): Anime | null | undefined {
  return Number.isNaN(id) ? null : anime[id];
}

/** The anime of a list, in its order. */
export function animeOf({ anime }: TrackerModel, { ids }: KnownList): Anime[] {
  return ids.map((id) => anime[id]).filter((each) => each !== null && each !== undefined);
}
