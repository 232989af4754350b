// Routes: URLs as patterns, read and built. The same on the server and in the browser.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { matchRoute, route } from '../shared/language/route.ts';

const home = route('/');
const list = route('/anime', { q: (text) => text ?? '', page: (text) => Number(text ?? 1) });
const detail = route('/anime/:id');
const episode = route('/anime/:anime/episodes/:episode');
const files = route('/files/*');

describe('reading a URL', () => {
  test('takes the parameters out of the path, decoded', () => {
    expect(detail.match('/anime/7')?.params).toEqual({ id: '7' });
    expect(detail.match('/anime/a%20b%2Fc')?.params).toEqual({ id: 'a b/c' });
    expect(episode.match('/anime/7/episodes/26')?.params).toEqual({ anime: '7', episode: '26' });
    expect(files.match('/files/a/b.txt')?.params).toEqual({ rest: 'a/b.txt' });
  });

  test('takes the values out of the query, each as its reader says', () => {
    expect(list.match('/anime?q=mob%20psycho&page=2&other=1')?.query).toEqual({ q: 'mob psycho', page: 2 });
    expect(list.match('/anime')?.query).toEqual({ q: '', page: 1 });
  });

  test('takes the part behind the #', () => {
    expect(home.match('/#list')?.hash).toBe('list');
    expect(list.match('/anime?q=x#top')).toEqual({ params: {}, query: { q: 'x', page: 1 }, hash: 'top' });
  });

  test('does not mind a slash at the end', () => {
    expect(detail.match('/anime/7/')?.params).toEqual({ id: '7' });
    expect(home.match('')).not.toBeNull();
  });

  test.each(['/anime', '/anime/', '/anime/7/more', '/manga/7', '/', '/anime/%', '/anime/%c3'])(
    'is null for %s, which is not of the pattern',
    (url) => {
      expect(detail.match(url)).toBeNull();
    },
  );

  test('takes no character of a pattern for more than itself', () => {
    expect(route('/a.b').match('/axb')).toBeNull();
    expect(route('/a+(b)').match('/a+(b)')).not.toBeNull();
  });
});

describe('building a URL', () => {
  test('fills in the parameters, encoded', () => {
    expect(home.href()).toBe('/');
    expect(detail.href({ id: 7 })).toBe('/anime/7');
    expect(detail.href({ id: 'a b/c?d' })).toBe('/anime/a%20b%2Fc%3Fd');
    expect(files.href({ rest: 'a/b c.txt' })).toBe('/files/a/b%20c.txt');
  });

  test('says in the query what there is to say', () => {
    expect(list.href({}, { q: 'mob psycho', page: 2 })).toBe('/anime?q=mob+psycho&page=2');
    expect(list.href({}, { q: '' })).toBe('/anime');
  });

  test('is the other way round of reading', () => {
    for (const id of ['1', 'a b', 'ü/ö', '100%', '?#', '..']) {
      expect(detail.match(detail.href({ id }))?.params.id).toBe(id);
    }
    expect(list.match(list.href({}, { q: 'a&b=c#d', page: 3 }))?.query).toEqual({ q: 'a&b=c#d', page: 3 });
  });
});

test('the first route of several that fits is found', () => {
  const routes = { home, list, detail };
  expect(matchRoute(routes, '/anime/7')).toEqual({ name: 'detail', params: { id: '7' }, query: {}, hash: '' });
  expect(matchRoute(routes, '/anime?q=x')?.name).toBe('list');
  expect(matchRoute(routes, '/healthz')).toBeNull();
});

test('types follow from the pattern', () => {
  expectTypeOf(detail.match('/anime/7')?.params.id).toEqualTypeOf<string | undefined>();
  expectTypeOf(list.match('/anime')?.query.page).toEqualTypeOf<number | undefined>();
  const match = matchRoute({ home, list, detail }, '/anime/7');
  if (match?.name === 'detail') expectTypeOf(match.params).toExtend<{ readonly id: string }>();
  if (match?.name === 'list') expectTypeOf(match.query.q).toEqualTypeOf<string>();

  // @ts-expect-error: the parameter is missing
  detail.href();
  // @ts-expect-error: there is no such parameter
  detail.href({ number: 7 });
  // @ts-expect-error: there is no such value in the query
  list.href({}, { sort: 'title' });
  // @ts-expect-error: there is no such parameter
  detail.match('/anime/7')?.params.number;
});
