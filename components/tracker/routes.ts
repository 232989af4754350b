/*
 * The tracker's URLs. The server asks them what a page is, the browser which links are its own.
 */

import { matchRoute, route } from '../../shared/index.ts';

// As long as the API takes; what is longer finds no more.
const maxTextLength = 100;

const text = (value: string | null): string => value?.trim().slice(0, maxTextLength) ?? '';

export const routes = {
  home: route('/'),
  list: route('/anime', { q: text, genre: text, year: text, sort: text, cursor: (value) => value ?? '' }),
  detail: route('/anime/:id'),
};

/** The page that a URL is of; null: there is none. */
export function pageOf(url: string) {
  return matchRoute(routes, url);
}

/** Whether the list's score stands on the page. */
export function hasScore(url: string): boolean {
  const name = pageOf(url)?.name;
  return name === 'home' || name === 'list';
}

/** The id in a URL of a detail page, or NaN: an anime's id is a whole number. */
export function toId(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}
