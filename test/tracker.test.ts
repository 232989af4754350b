// What the tracker makes of news that come in any order, as values. Whole pages are in test/e2e/.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Anime, Rating } from '../components/schema/anime.ts';
import type { TrackerMessage, TrackerModel } from '../components/tracker/model.ts';
import { tracker } from '../components/tracker.ts';
import { observe, type Simulation, simulate } from '../server/testing/index.ts';
import { effect } from '../shared/index.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a rating that the feed tells', () => {
  test('is newer than an answer that was under way', () => {
    const app = open(anime(1), anime(2));
    app.send({ type: 'UserClickedRefresh' }, rated(1, 7, 1), rated(3, 9, 1));
    app.send(answer(app, [anime(1), anime(2), anime(3)]));
    expect([ratingOf(app, 1), ratingOf(app, 3)]).toEqual([
      { average: 7, votes: 1 },
      { average: 9, votes: 1 },
    ]);
  });

  test('is older than what is asked after a gap, in which others may not have been heard', () => {
    const app = open(anime(1));
    app.send(rated(1, 7, 1), { type: 'FeedWasLost' }, { type: 'FeedOpened', at: 'later' });
    app.send({ type: 'ApiReturnedRatings', anime: [anime(1, { average: 2, votes: 5 })], others: [] });
    expect(ratingOf(app, 1)).toEqual({ average: 2, votes: 5 });
    app.send(rated(1, 3, 6));
    expect(ratingOf(app, 1)).toEqual({ average: 3, votes: 6 });
  });

  test('leaves the rows of all other anime alone', () => {
    const app = open(anime(1), anime(2));
    const before = app.model;
    app.send(rated(1, 7, 1));
    expect(app.model.anime[1]).not.toBe(before.anime[1]);
    expect(app.model.anime[2]).toBe(before.anime[2]);
    expect(app.model.lists).toBe(before.lists);
  });
});

describe('a feed that comes back', () => {
  test('with what was heard last asks for nothing', () => {
    const app = open(anime(1));
    app.send(rated(1, 7, 1, 'now'), { type: 'FeedWasLost' });
    const count = app.effects.length;
    app.send({ type: 'FeedOpened', at: 'now' });
    expect(asked(app, count)).toEqual([]);
  });

  test('with anything else has all ratings asked that are known, as many at a time as the API takes', async () => {
    const all = Array.from({ length: 150 }, (_, index) => anime(index + 1));
    const app = open(...all);
    const count = app.effects.length;
    app.send({ type: 'FeedOpened', at: 'later' });
    const [first] = asked(app, count);
    expect(first).toMatch(/^\/api\/anime\?ids=1%2C2%2C.*%2C100&limit=100$/);
    const others = all.slice(100).map(({ id }) => id);
    app.send({ type: 'ApiReturnedRatings', anime: all.slice(0, 100), others });
    expect(asked(app, count + 1)[0]).toMatch(/^\/api\/anime\?ids=101%2C.*%2C150&limit=100$/);
    expect(app.model.feed.isBehind).toBe(true);
    app.send({ type: 'ApiReturnedRatings', anime: all.slice(100), others: [] });
    expect(app.model.feed.isBehind).toBe(false);
  });

  test('has ratings asked again later, where they could not be asked', () => {
    const app = open(anime(1));
    app.send({ type: 'FeedOpened', at: 'later' }, { type: 'ApiKeptRatings' });
    const count = app.effects.length;
    const [delay] = observe(app.effects[count - 1] as never).delays;
    expect(delay?.ms).toBeGreaterThan(1_000);
    app.send({ type: 'TimePassed' });
    expect(asked(app, count)).toHaveLength(1);
  });

  test('for a moment only is not mentioned', () => {
    const app = open(anime(1));
    app.send({ type: 'FeedWasLost' }, { type: 'FeedOpened', at: 'start' }, { type: 'TimePassed' });
    expect(app.model.notice).toBeNull();
    app.send({ type: 'FeedWasLost' }, { type: 'TimePassed' });
    expect(app.model.notice).toBe('offline');
    app.send({ type: 'FeedOpened', at: 'start' });
    expect(app.model.notice).toBeNull();
  });
});

test('an answer that nobody waits for any more is passed over', async () => {
  const app = open(anime(1));
  const { length } = app.effects;
  app.send({ type: 'UserClickedRefresh' });
  const asked = observe(effect.batch(app.effects.slice(length)));
  app.send({ type: 'UrlChanged', url: '/anime/1' });
  const left = observe(effect.batch(app.effects.slice(length)));
  expect(left.names).toEqual([...asked.names, ...asked.names]);
  // there is no such server: each answer would be that
  await expect.poll(() => asked.messages).toMatchObject([{ type: 'ApiFailed' }]);
  expect(left.messages).toEqual([]);
});

test('of the lists one has been to, the last few are kept', () => {
  const app = open(anime(1));
  for (let index = 0; index < 30; index++) {
    app.send({ type: 'UrlChanged', url: `/anime?q=${index}` });
    app.send(answer(app, [anime(2)]));
  }
  const kept = Object.keys(app.model.lists);
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([10, '/api/anime?search=20', '/api/anime?search=29']);
});

type App = Simulation<TrackerModel, TrackerMessage>;

/** The page of the list, with some anime on it. */
function open(...list: Anime[]): App {
  return simulate(tracker, {
    url: '/anime',
    facets: { genres: [], years: [] },
    at: 'start',
    list: { anime: list, total: list.length, next: null },
  });
}

function anime(id: number, rating: Rating = { average: null, votes: 0 }): Anime {
  return { id, title: `Anime ${id}`, episodes: 12, year: 2020, studio: 'S', genres: ['Drama'], synopsis: '', rating };
}

const rated = (id: number, average: number, votes: number, at = `${id} ${votes}`): TrackerMessage => ({
  type: 'FeedRated',
  rated: { id, rating: { average, votes }, at },
});

/** The answer to what is asked for now. */
function answer(app: App, list: Anime[]): TrackerMessage {
  const { request } = app.model;
  if (request.kind !== 'loading') throw new Error('nothing is asked');
  const { wanted } = request;
  return { type: 'ApiReturnedList', wanted, list: { anime: list, total: list.length, next: null }, at: 0 };
}

const ratingOf = (app: App, id: number): Rating | undefined => app.model.anime[id]?.rating;

/** Carries out the effects from one on, and tells what they ask of the server. */
function asked(app: App, from: number): string[] {
  const urls: string[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    urls.push(url);
    return new Promise(() => {});
  });
  for (const effect of app.effects.slice(from)) observe(effect);
  return urls;
}
