// The anime tracker's data: the same tests on SQLite and PostgreSQL. What goes wrong with a database, and what survives
// it, is in `data-failures.test.ts`.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnimeQuery } from '../components/schema/anime.ts';
import { type AnimePage, findAnime, readAnime, readGenres } from '../server/anime/data/anime.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { generateUsers } from '../server/anime/data/made-up-users.ts';
import { createRatings, type RatingChange, type Ratings } from '../server/anime/data/ratings.ts';
import { readCookieSecret } from '../server/anime/data/secret.ts';
import { readSeed } from '../server/anime/data/seed.ts';
import { describeDatabases } from './support/databases.ts';
import { createTopic } from './support/topics.ts';

type MaybeCursor = Omit<AnimeQuery, 'cursor'> & { cursor?: string | undefined };

test('the seed has more than 200 anime of different titles, and begins with the three that were there first', () => {
  const seed = readSeed();
  expect(seed.length).toBeGreaterThanOrEqual(200);
  expect(new Set(seed.map(({ title }) => title)).size).toBe(seed.length);
  expect(seed.slice(0, 3).map(({ id, title, episodes }) => [id, title, episodes])).toEqual([
    [1, 'Cowboy Bebop', 26],
    [2, 'Steins;Gate', 24],
    [3, 'Mob Psycho 100', 37],
  ]);
  for (const { title, episodes, year, studio, genres, synopsis } of seed) {
    expect(episodes, title).toBeGreaterThan(0);
    expect(year, title).toBeGreaterThan(1960);
    expect(studio, title).not.toBe('');
    expect(genres, title).toEqual([...new Set(genres)].sort());
    expect(synopsis, title).toMatch(/^[A-Z0-9].{30,}[.]$/);
  }
});

describeDatabases((place) => {
  test('a new database has the seed', async () => {
    const database = await place.open();
    const [seed] = readSeed();
    expect(await readAnime(database, 1)).toEqual({ ...seed, rating: { average: null, votes: 0 } });
    expect((await find(database, {})).total).toBe(readSeed().length);
    expect(await readAnime(database, 100_000)).toBeUndefined();
  });

  test('migrations that ran already change nothing', async () => {
    const location = await place.fresh();
    const first = await place.open(location);
    await first.tables.deleteFrom('anime').where('id', '=', 3).execute();
    const applied = await first.tables.selectFrom('migrations').selectAll().execute();
    const second = await place.open(location);
    expect(await second.tables.selectFrom('migrations').selectAll().execute()).toEqual(applied);
    expect(await readAnime(second, 3)).toBeUndefined();
  });

  test('a database that a newer version wrote is left alone', async () => {
    const location = await place.fresh();
    const { tables } = await place.open(location);
    await tables.insertInto('migrations').values({ name: '999-later', applied_at: 'later' }).execute();
    await expect(place.open(location)).rejects.toMatchObject({ failure: 'newer', exitCode: 65 });
  });

  test('the secret of cookies stays the same', async () => {
    const location = await place.fresh();
    const [one, other] = await Promise.all([place.open(location), place.open(location)]);
    const [first, second] = await Promise.all([readCookieSecret(one), readCookieSecret(other)]);
    expect(first).toBe(second);
    expect(first).toMatch(/^[\w-]{43}$/);
  });

  describe('the list', () => {
    let database: Database;
    beforeAll(async () => {
      database = await openDatabase(await place.fresh());
      await voteForSome(createRatings(database, createTopic()));
    });
    afterAll(() => database.close());

    test('search finds all words in title and studio, whatever their case and accents', async () => {
      expect(await titles(database, { search: 'NAUSICAA' })).toEqual(['Nausicaä of the Valley of the Wind']);
      expect(await titles(database, { search: ' ghibli  castle ' })).toEqual([
        'Castle in the Sky',
        "Howl's Moving Castle",
      ]);
      expect(await titles(database, { search: 'ghibli no-such-word' })).toEqual([]);
      expect(await titles(database, { search: "x' OR 1=1 --" })).toEqual([]);
      expect(await titles(database, { search: '%' })).toEqual([]);
    });

    test('genre and year narrow the list, together too', async () => {
      const { anime } = await find(database, { genre: 'Mecha', limit: 100 });
      expect(anime.every(({ genres }) => genres.includes('Mecha'))).toBe(true);
      expect(await titles(database, { genre: 'Mecha', year: 1995 })).toEqual(['Neon Genesis Evangelion']);
      expect(await titles(database, { genre: 'mecha' })).toEqual([]);
      const genres = await readGenres(database);
      expect(genres).toContainEqual({ name: 'Mecha', anime: anime.length });
      expect(genres.map(({ name }) => name)).toEqual(genres.map(({ name }) => name).sort());
    });

    test.each(['id', 'title', '-title', 'year', '-year', 'rating', '-rating', 'votes', '-votes'] as const)(
      'pages sorted by %s, forwards and back, have each anime once',
      async (sort) => {
        const forwards = await walk(database, { sort, limit: 37 }, 'next');
        expect(forwards.flat()).toHaveLength(readSeed().length);
        expect(new Set(forwards.flat()).size).toBe(readSeed().length);
        const backwards = await walk(database, { sort, limit: 37 }, 'previous', await lastCursor(database, sort));
        expect(backwards.reverse().flat()).toEqual(forwards.flat().slice(0, backwards.flat().length));
      },
    );

    test('sorting goes by title without accents and case, by year, by votes', async () => {
      expect(await titles(database, { sort: 'title', limit: 3 })).toEqual([
        '5 Centimeters per Second',
        '86',
        'A Place Further Than the Universe',
      ]);
      expect((await find(database, { sort: 'year', limit: 1 })).anime[0]?.year).toBe(1963);
      expect((await find(database, { sort: '-rating', limit: 2 })).anime.map(({ rating }) => rating.average)).toEqual([
        9.5, 8,
      ]);
      expect((await find(database, { sort: '-votes', limit: 2 })).anime.map(({ id }) => id)).toEqual([7, 5]);
    });

    test('a cursor of another sort, or one that is none, finds no page', async () => {
      const { next } = await find(database, { sort: 'year', limit: 5 });
      const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      for (const cursor of [
        next,
        'x',
        '',
        forged(['title', 'after', 7, 1]),
        forged([]),
        forged(null),
        forged(['title', 'up', 'a', 1]),
      ]) {
        expect(await findAnime(database, { sort: 'title', cursor: cursor ?? '' })).toBeUndefined();
      }
    });
  });

  test('a row that comes before the cursor meanwhile shifts no page', async () => {
    const database = await place.open();
    const first = await find(database, { limit: 5 });
    await database.tables.deleteFrom('anime').where('id', '=', 2).execute();
    const second = await find(database, { limit: 5, cursor: first.next });
    expect(second.anime.map(({ id }) => id)).toEqual([6, 7, 8, 9, 10]);
  });

  test('a vote counts once for each visitor, can be changed and taken back', async () => {
    const ratings = createRatings(await place.open(), createTopic());
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 7 });
    await ratings.vote({ animeId: 1, visitor: 'ben', score: 10 });
    expect(await ratings.read(1, 'ann')).toMatchObject({ rating: { average: 8.5, votes: 2 }, vote: 7 });
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 1 });
    expect(await ratings.read(1, 'ann')).toMatchObject({ rating: { average: 5.5, votes: 2 }, vote: 1 });
    await ratings.withdraw(1, 'ann');
    expect(await ratings.read(1, 'ann')).toMatchObject({ rating: { average: 10, votes: 1 }, vote: null });
    expect(await ratings.withdraw(1, 'ann')).toEqual({ kind: 'no-vote' });
    expect(await ratings.read(2)).toEqual({ rating: { average: null, votes: 0 }, vote: null, revision: 0 });
    expect(await ratings.read(100_000)).toBeUndefined();
    expect(await ratings.vote({ animeId: 100_000, visitor: 'ann', score: 7 })).toEqual({ kind: 'no-such-anime' });
  });

  test('a vote that names another one than is stored is a conflict, and changes nothing', async () => {
    const ratings = createRatings(await place.open(), createTopic());
    const vote = { animeId: 1, visitor: 'ann' };
    expect(await ratings.vote({ ...vote, score: 7, replaces: 3 })).toEqual({ kind: 'conflict', vote: null });
    expect(await ratings.vote({ ...vote, score: 7, replaces: null })).toMatchObject({ kind: 'stored' });
    expect(await ratings.vote({ ...vote, score: 8, replaces: null })).toEqual({ kind: 'conflict', vote: 7 });
    expect(await ratings.vote({ ...vote, score: 8, replaces: 7 })).toMatchObject({ kind: 'stored' });
    expect(await ratings.read(1, 'ann')).toMatchObject({ rating: { average: 8, votes: 1 }, vote: 8 });
  });

  test('votes at the same time, in two processes’ connections, are all counted', async () => {
    const location = await place.fresh();
    const databases = [await place.open(location), await place.open(location)] as const;
    const services = databases.map((database) => createRatings(database, createTopic()));
    await Promise.all(
      Array.from({ length: 100 }, (_, at) => {
        const vote = { animeId: 1 + (at % 3), visitor: `visitor ${at % 40}`, score: 1 + (at % 10) };
        return services[at % 2]?.vote(vote);
      }),
    );
    const counted = await databases[0].tables
      .selectFrom('votes')
      .select(({ fn }) => ['anime_id', fn.countAll().as('votes'), fn.sum('score').as('sum')])
      .groupBy('anime_id')
      .orderBy('anime_id')
      .execute();
    expect(counted).toHaveLength(3);
    for (const { anime_id, votes, sum } of counted) {
      const average = Math.round((100 * Number(sum)) / Number(votes)) / 100;
      expect(await services[1]?.read(anime_id)).toMatchObject({ rating: { votes: Number(votes), average } });
    }
  });

  test('subscribers hear of each vote once it is stored, in order, until they end it', async () => {
    const ratings = createRatings(await place.open(), createTopic());
    const changes: RatingChange[] = [];
    const stop = ratings.changes.subscribe((change) => changes.push(change));
    await Promise.all([4, 6, 8].map((score) => ratings.vote({ animeId: 1, visitor: `gave ${score}`, score })));
    await ratings.vote({ animeId: 2, visitor: 'ann', score: 3, replaces: 9 });
    await ratings.withdraw(1, 'gave 4');
    expect(changes.at(-1)).toEqual({
      animeId: 1,
      rating: { average: 7, votes: 2 },
      revision: 4,
      visitor: 'gave 4',
      vote: null,
    });
    const revisions = changes.map(({ revision }) => revision);
    expect(revisions).toEqual([...revisions].sort());
    stop();
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 1 });
    expect(changes.at(-1)?.revision).toBe(4);
  });

  test('what a subscriber throws does not make a stored vote look failed', async () => {
    const errors: unknown[] = [];
    const ratings = createRatings(
      await place.open(),
      createTopic((error) => errors.push(error)),
    );
    const heard: number[] = [];
    const boom = new Error('boom');
    ratings.changes.subscribe(() => {
      throw boom;
    });
    ratings.changes.subscribe(({ revision }) => heard.push(revision));
    expect(await ratings.vote({ animeId: 1, visitor: 'ann', score: 7 })).toMatchObject({ kind: 'stored' });
    expect([errors, heard]).toEqual([[boom], [1]]);
  });

  test('users are made up until there are as many as asked for, the same ones each time', async () => {
    const [one, other] = [await place.open(), await place.open()];
    expect(await generateUsers(one, 1_200)).toBe(1_200);
    expect(await generateUsers(one, 1_200)).toBe(0);
    expect(await generateUsers(other, 700)).toBe(700);
    expect(await generateUsers(other, 1_200)).toBe(500);
    const users = await one.tables.selectFrom('users').selectAll().orderBy('id').execute();
    expect(users).toHaveLength(1_200);
    expect(await other.tables.selectFrom('users').selectAll().orderBy('id').execute()).toEqual(users);
  });
});

async function find(database: Database, query: MaybeCursor): Promise<AnimePage> {
  const { cursor, ...rest } = query;
  const page = await findAnime(database, cursor === undefined ? rest : { ...rest, cursor });
  if (page === undefined) throw new Error(`no page at ${cursor}`);
  return page;
}

async function titles(database: Database, query: AnimeQuery): Promise<string[]> {
  return (await find(database, query)).anime.map(({ title }) => title);
}

/** Follows the cursors to the end. Gives the ids of each page. */
async function walk(
  database: Database,
  query: AnimeQuery,
  way: 'next' | 'previous',
  start?: string,
): Promise<number[][]> {
  const pages: number[][] = [];
  let cursor = start;
  do {
    const page = await find(database, { ...query, cursor });
    pages.push(page.anime.map(({ id }) => id));
    cursor = page[way];
  } while (cursor !== undefined);
  return pages;
}

/** The cursor that leads back from the last page. */
async function lastCursor(database: Database, sort: NonNullable<AnimeQuery['sort']>): Promise<string> {
  let page = await find(database, { sort, limit: 37 });
  while (page.next !== undefined) page = await find(database, { sort, limit: 37, cursor: page.next });
  if (page.previous === undefined) throw new Error('the last page leads nowhere');
  return page.previous;
}

async function voteForSome(ratings: Ratings): Promise<void> {
  const votes = [
    [5, 'ann', 8],
    [5, 'ben', 8],
    [7, 'ann', 2],
    [7, 'ben', 3],
    [7, 'cat', 3],
    [9, 'ann', 9],
    [9, 'ben', 10],
  ] as const;
  for (const [animeId, visitor, score] of votes) await ratings.vote({ animeId, visitor, score });
}
