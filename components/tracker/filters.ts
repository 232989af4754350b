/*
 * What a list is filtered and sorted by, as the URL of a page says it. Input: the query of a URL, which anybody can
 * have written. Output: filters that mean something, what of the URL did not, and the same as a URL or a query of the
 * API.
 */

import type { AnimeQuery, AnimeSort, Facets } from '../schema/anime.ts';
import { routes } from './routes.ts';

export interface Filters {
  /** Words that stand in title or studio. */
  readonly q: string;
  /** Empty: all of them. */
  readonly genre: string;
  readonly year: number | null;
  readonly sort: AnimeSort;
}

/** What a URL says, each as it was written; empty: nothing. */
export interface ListQuery {
  readonly q: string;
  readonly genre: string;
  readonly year: string;
  readonly sort: string;
}

export const noFilters: Filters = { q: '', genre: '', year: null, sort: 'id' };

/** All orders of the list, in words. */
export const sorts: { readonly [sort in AnimeSort]: string } = {
  id: 'As listed',
  title: 'Title, A to Z',
  '-title': 'Title, Z to A',
  '-year': 'Newest first',
  year: 'Oldest first',
  '-rating': 'Best rated',
  rating: 'Worst rated',
  '-votes': 'Most votes',
  votes: 'Fewest votes',
};

/** Reads the filters of a URL; `ignored` says in words which of them cannot be meant. */
export function toFilters(query: ListQuery, { genres, years }: Facets): { filters: Filters; ignored: string[] } {
  const genre = genres.find(({ name }) => name.toLowerCase() === query.genre.toLowerCase())?.name ?? '';
  const year = years.find((each) => String(each) === query.year) ?? null;
  const sort = isSort(query.sort) ? query.sort : noFilters.sort;
  const ignored: string[] = [];
  if (query.genre !== '' && genre === '') ignored.push(`the genre “${query.genre}”`);
  if (query.year !== '' && year === null) ignored.push(`the year “${query.year}”`);
  if (query.sort !== '' && sort !== query.sort) ignored.push(`the order “${query.sort}”`);
  return { filters: { q: query.q, genre, year, sort }, ignored };
}

/** The URL of a page with these filters. @param cursor Where the page begins, if not at the start. */
export function filtersHref({ q, genre, year, sort }: Filters, cursor = ''): string {
  const order = sort === noFilters.sort ? '' : sort;
  return routes.list.href({}, { q, genre, year: year === null ? '' : String(year), sort: order, cursor });
}

/** The same as the API understands it. */
export function toAnimeQuery({ q, genre, year, sort }: Filters, cursor = ''): AnimeQuery {
  return {
    ...(q !== '' && { search: q }),
    ...(genre !== '' && { genre }),
    ...(year !== null && { year }),
    ...(sort !== noFilters.sort && { sort }),
    ...(cursor !== '' && { cursor }),
  };
}

function isSort(text: string): text is AnimeSort {
  return Object.hasOwn(sorts, text);
}
