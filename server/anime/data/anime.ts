/*
 * Reads anime: one, or a page of the list that a query describes. Input: a checked query. Output: what the API and the
 * pages show, in the shape that `components/schema/anime.ts` gives it.
 */

import { type ExpressionBuilder, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { fold } from '../../../components/fold.ts';
import {
  type Anime,
  type AnimeQuery,
  type AnimeSort,
  defaultPageLength,
  type Facets,
  type Genre,
  maxSearchLength,
} from '../../../components/schema/anime.ts';
import { isId } from '../../../components/schema/id.ts';
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { toRating } from './ratings.ts';
import { isStorable } from './storable.ts';
import type { Tables } from './tables.ts';

export interface AnimePage {
  readonly anime: readonly Anime[];
  /** How many the query finds on all pages. */
  readonly total: number;
  /** Cursors of the pages beside this one, where there are any. */
  readonly next: string | undefined;
  readonly previous: string | undefined;
}

type AnimeSelection<Columns> = SelectQueryBuilder<Tables, 'anime', Columns>;

const columns = [
  'id',
  'title',
  'episodes',
  'year',
  'studio',
  'synopsis',
  'vote_count',
  'average',
  'sort_title',
] as const;
type AnimeRow = Pick<Selectable<Tables['anime']>, (typeof columns)[number]>;

const sortColumns = { id: 'id', title: 'sort_title', year: 'year', rating: 'average', votes: 'vote_count' } as const;
type SortColumn = (typeof sortColumns)[keyof typeof sortColumns];

/** Finds one page, or nothing where the cursor was not made for this sort. */
export async function findAnime({ tables }: Database, query: AnimeQuery): Promise<AnimePage | undefined> {
  const sort = query.sort ?? 'id';
  const limit = query.limit ?? defaultPageLength;
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const { column, isDown } = sortOf(sort);
  if (query.cursor !== undefined && !fits(cursor, sort, column)) return undefined;

  const isBackward = cursor?.direction === 'before';
  const found = filtered(tables.selectFrom('anime'), query);
  const beside = cursor === undefined ? found : found.where((eb) => isBeside(eb, column, isDown, cursor));
  const [rows, { total }] = await Promise.all([
    beside
      .select(columns)
      .orderBy(column, isDown === isBackward ? 'asc' : 'desc')
      .orderBy('id', isBackward ? 'desc' : 'asc')
      .limit(limit + 1)
      .execute(),
    found.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow(),
  ]);
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (isBackward) shown.reverse();

  const cursorAt = (row: AnimeRow | undefined, direction: Cursor['direction']) =>
    row && encodeCursor({ sort, direction, value: row[column], id: row.id });
  return {
    anime: await withGenres(tables, shown),
    total: Number(total),
    next: isBackward || hasMore ? cursorAt(shown.at(-1), 'after') : undefined,
    previous: (isBackward && hasMore) || (cursor && !isBackward) ? cursorAt(shown[0], 'before') : undefined,
  };
}

export async function readAnime({ tables }: Database, id: number): Promise<Anime | undefined> {
  if (!isId(id)) return undefined;
  const rows = await tables.selectFrom('anime').select(columns).where('id', '=', id).execute();
  return (await withGenres(tables, rows))[0];
}

/** All genres by name. */
export async function readGenres({ tables }: Database): Promise<Genre[]> {
  const rows = await tables
    .selectFrom('anime_genres')
    .select(({ fn }) => ['genre as name', fn.countAll().as('anime')])
    .groupBy('genre')
    .execute();
  return rows
    .map(({ name, anime }) => ({ name, anime: Number(anime) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export async function readFacets(database: Database): Promise<Facets> {
  const [genres, rows] = await Promise.all([
    readGenres(database),
    database.tables.selectFrom('anime').select('year').distinct().orderBy('year', 'desc').execute(),
  ]);
  return { genres, years: rows.map(({ year }) => year) };
}

function sortOf(sort: AnimeSort): { column: SortColumn; isDown: boolean } {
  const isDown = sort.startsWith('-');
  return { column: sortColumns[(isDown ? sort.slice(1) : sort) as keyof typeof sortColumns], isDown };
}

function fits(cursor: Cursor | undefined, sort: AnimeSort, column: SortColumn): cursor is Cursor {
  return cursor?.sort === sort && typeof cursor.value === (column === 'sort_title' ? 'string' : 'number');
}

function filtered<Columns>(
  anime: AnimeSelection<Columns>,
  { search, genre, year, ids }: AnimeQuery,
): AnimeSelection<Columns> {
  let selection = anime;
  for (const word of fold(search?.slice(0, maxSearchLength) ?? '').split(' ')) {
    if (word === '') continue;
    const pattern = `%${word.replace(/[%_\\]/g, '\\$&')}%`;
    selection = selection.where(({ ref }) => sql<boolean>`${ref('search_text')} like ${pattern} escape '\\'`);
  }
  if (year !== undefined) selection = selection.where('year', '=', year);
  if (ids !== undefined) selection = selection.where('id', 'in', ids.split(',').map(Number));
  if (genre !== undefined) {
    selection = selection.where('id', 'in', (eb) =>
      eb
        .selectFrom('anime_genres')
        .select('anime_id')
        .where('genre', '=', isStorable(genre) ? genre : ''),
    );
  }
  return selection;
}

/** Says which rows come after the cursor's row, or before it. Equal values go by id, upwards in every sort. */
function isBeside(eb: ExpressionBuilder<Tables, 'anime'>, column: SortColumn, isDown: boolean, cursor: Cursor) {
  const isBackward = cursor.direction === 'before';
  return eb.or([
    eb(column, isDown === isBackward ? '>' : '<', cursor.value),
    eb.and([eb(column, '=', cursor.value), eb('id', isBackward ? '<' : '>', cursor.id)]),
  ]);
}

async function withGenres(tables: Database['tables'], rows: readonly AnimeRow[]): Promise<Anime[]> {
  if (rows.length === 0) return [];
  const genres = await tables
    .selectFrom('anime_genres')
    .select(['anime_id', 'genre'])
    .where(
      'anime_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('position')
    .execute();
  const byAnime = Map.groupBy(genres, ({ anime_id }) => anime_id);
  return rows.map(({ vote_count, average, sort_title: _, ...facts }) => ({
    ...facts,
    genres: (byAnime.get(facts.id) ?? []).map(({ genre }) => genre),
    rating: toRating({ vote_count, average }),
  }));
}
