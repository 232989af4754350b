/*
 * Anime as the pages have them, read from what `/api/anime` answers, and the addresses that are asked for them. Input:
 * JSON from outside. Output: checked data.
 */

import type { Anime, AnimeQuery, Rating } from '../schema/anime.ts';

/** A part of the list, from its start or from a cursor on. */
export interface AnimeList {
  readonly anime: readonly Anime[];
  /** How many there are in all. */
  readonly total: number;
  /** The cursor at which more of them begin; null: these are all. */
  readonly next: string | null;
}

/** What the list says when a rating has changed. */
export interface Rated {
  readonly id: number;
  readonly rating: Rating;
  /** Names the state of all ratings with this change in it. */
  readonly at: string;
}

/** As many as the API gives at once, and as it takes ids. */
export const maxPageLength = 100;

/** The address of a list, or of a later part of it. */
export function listAddress(query: AnimeQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? '/api/anime' : `/api/anime?${parameters}`;
}

/** @throws TypeError when it is no anime. */
export function toAnime(json: unknown): Anime {
  const { id, title, episodes, year, studio, genres, synopsis, rating } = toFields<Anime>(json);
  if (!isWhole(id) || !isWhole(episodes) || !isWhole(year)) throw refusal(json, 'anime');
  if (!isText(title) || !isText(studio) || !isText(synopsis)) throw refusal(json, 'anime');
  if (!Array.isArray(genres) || !genres.every(isText)) throw refusal(json, 'anime');
  return { id, title, episodes, year, studio, genres, synopsis, rating: toRating(rating) };
}

/** @throws TypeError when it is no rating. */
function toRating(json: unknown): Rating {
  const { average, votes } = toFields<Rating>(json);
  if (!isWhole(votes) || !(average === null || typeof average === 'number')) throw refusal(json, 'rating');
  return { average, votes };
}

/**
 * Reads what an event said of a rating (`rating-feed.ts`), and the state that the feed shows; null when it is not that.
 */
export function toRated(detail: unknown, at: unknown): Rated | null {
  const [id, average, votes]: readonly unknown[] = Array.isArray(detail) ? detail : [];
  try {
    return isWhole(id) && isText(at) ? { id, rating: toRating({ average, votes }), at } : null;
  } catch {
    return null;
  }
}

/**
 * @param header Gives a header of the answer: `Link` says where more are, `X-Total-Count` how many there are in all.
 * @throws TypeError when it is no list of anime.
 */
export function toAnimeList(json: unknown, header: (name: string) => string | null): AnimeList {
  if (!Array.isArray(json)) throw refusal(json, 'list');
  const anime = json.map(toAnime);
  const [, next = ''] = /<([^<>]*)>; *rel="next"/.exec(header('link') ?? '') ?? [];
  const cursor = new URLSearchParams(next.slice(next.indexOf('?') + 1)).get('cursor');
  return { anime, total: Number(header('x-total-count') ?? anime.length), next: cursor };
}

function toFields<Shape>(json: unknown): { readonly [key in keyof Shape]?: unknown } {
  return typeof json === 'object' && json !== null ? json : {};
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function refusal(json: unknown, what: string): TypeError {
  return new TypeError(`no ${what}: ${JSON.stringify(json)?.slice(0, 80)}`);
}
