// What the URL of a list says, and what is made of it: anybody can have written it.

import { describe, expect, test } from 'vitest';
import { filtersHref, noFilters, sorts, toAnimeQuery, toFilters } from '../components/tracker/filters.ts';
import { pageOf } from '../components/tracker/routes.ts';

const facets = {
  genres: [
    { name: 'Drama', anime: 3 },
    { name: 'Science Fiction', anime: 1 },
  ],
  years: [2016, 1998],
};

describe('a URL', () => {
  test.each([
    ['/anime', {}],
    ['/anime?q=&genre=&year=&sort=', {}],
    ['/anime?q=++mob+', { q: 'mob' }],
    ['/anime?genre=Drama&year=2016&sort=-rating', { genre: 'Drama', year: 2016, sort: '-rating' }],
    ['/anime?genre=science+fiction', { genre: 'Science Fiction' }],
    [`/anime?q=${'x'.repeat(200)}`, { q: 'x'.repeat(100) }],
  ])('%s is understood', (url, expected) => {
    expect(read(url)).toEqual({ filters: { ...noFilters, ...expected }, ignored: [] });
  });

  test.each([
    ['/anime?genre=Operetta', ['the genre “Operetta”']],
    ['/anime?year=soon', ['the year “soon”']],
    ['/anime?year=2017', ['the year “2017”']],
    ['/anime?year=2016.0&sort=best', ['the year “2016.0”', 'the order “best”']],
    ['/anime?sort=constructor', ['the order “constructor”']],
  ])('%s is taken without what cannot be meant, which is said', (url, ignored) => {
    expect(read(url)).toEqual({ filters: noFilters, ignored });
  });
});

test('filters make the URL that they are read from again, the shortest there is', () => {
  for (const sort of Object.keys(sorts) as (keyof typeof sorts)[]) {
    for (const filters of [
      { ...noFilters, sort },
      { q: 'a&b “c”', genre: 'Drama', year: 1998, sort },
    ]) {
      expect(read(filtersHref(filters)).filters).toEqual(filters);
    }
  }
  expect(filtersHref(noFilters)).toBe('/anime');
  expect(filtersHref({ ...noFilters, genre: 'Drama' }, 'abc')).toBe('/anime?genre=Drama&cursor=abc');
});

test('what is not filtered by is not asked of the API', () => {
  expect(toAnimeQuery(noFilters)).toEqual({});
  expect(toAnimeQuery({ q: 'mob', genre: 'Drama', year: 2016, sort: 'title' }, 'abc')).toEqual({
    search: 'mob',
    genre: 'Drama',
    year: 2016,
    sort: 'title',
    cursor: 'abc',
  });
});

function read(url: string) {
  const page = pageOf(url);
  if (page?.name !== 'list') throw new Error(`${url} is no list`);
  return toFilters(page.query, facets);
}
