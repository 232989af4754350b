/*
 * What server, API and browser exchange about anime and ratings: each schema is a JSON Schema (for checks and OpenAPI)
 * and a TypeScript type of the same name. A browser that imports only the types gets no code.
 */

import Type, { type Static } from 'typebox';
import { maxId } from './id.ts';

const lowestScore = 1;
const highestScore = 10;

export type Score = Static<typeof Score>;
export const Score = Type.Integer({ minimum: lowestScore, maximum: highestScore, description: 'From 1 to 10.' });

export type Rating = Static<typeof Rating>;
export const Rating = Type.Object({
  average: Type.Union([Type.Number({ minimum: lowestScore, maximum: highestScore }), Type.Null()], {
    description: 'Mean of all votes with two decimals; null before the first vote.',
  }),
  votes: Type.Integer({ minimum: 0, description: 'How many visitors voted.' }),
});

/** A rating, and the vote of the visitor who asks. */
export type VisitorRating = Static<typeof VisitorRating>;
export const VisitorRating = Type.Object({
  ...Rating.properties,
  vote: Type.Union([Score, Type.Null()], { description: 'The own vote of the visitor who asks; null without one.' }),
});

export type Anime = Static<typeof Anime>;
export const Anime = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  title: Type.String(),
  episodes: Type.Integer({ minimum: 1, description: 'Of the series without later seasons; a film has 1.' }),
  year: Type.Integer({ description: 'Of the first broadcast or showing.' }),
  studio: Type.String(),
  genres: Type.Array(Type.String(), { minItems: 1 }),
  synopsis: Type.String(),
  rating: Rating,
});

/** A genre, and how many anime have it. */
export type Genre = Static<typeof Genre>;
export const Genre = Type.Object({ name: Type.String(), anime: Type.Integer({ minimum: 1 }) });

/** What the list can be filtered by. */
export interface Facets {
  /** By name. */
  readonly genres: readonly Genre[];
  /** Those that some anime is of, the latest first. */
  readonly years: readonly number[];
}

export type AnimeParams = Static<typeof AnimeParams>;
export const AnimeParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: maxId }) });

export type AnimeSort = Static<typeof AnimeSort>;
export const AnimeSort = Type.Enum(['id', 'title', '-title', 'year', '-year', 'rating', '-rating', 'votes', '-votes'], {
  description: 'A minus sorts downwards. Without this the list has its own order.',
});

export const defaultPageLength = 50;
/** Of a text to search for; what is longer is cut by those who need not refuse it. */
export const maxSearchLength = 100;

/** What a list is asked for; only what is named is filtered by. */
export type AnimeQuery = Static<typeof AnimeQuery>;
export const AnimeQuery = Type.Object(
  {
    search: Type.Optional(
      Type.String({
        maxLength: maxSearchLength,
        description: 'Words that all stand in title or studio, accents and case aside.',
      }),
    ),
    genre: Type.Optional(Type.String({ maxLength: 50, description: 'As `/api/genres` spells it.' })),
    year: Type.Optional(Type.Integer({ minimum: 1900, maximum: 2100 })),
    ids: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,8}(,[1-9]\\d{0,8}){0,99}$',
        description: 'Only those with these ids: up to 100, with commas between them.',
      }),
    ),
    sort: Type.Optional(AnimeSort),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: `Longest page; ${defaultPageLength} unless told.` }),
    ),
    cursor: Type.Optional(
      Type.String({
        maxLength: 500,
        description: 'Where a page begins: copied from a `Link` header, nothing to make.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type VoteRequest = Static<typeof VoteRequest>;
export const VoteRequest = Type.Object(
  {
    score: Score,
    replaces: Type.Optional(
      Type.Union([Score, Type.Null()], {
        description:
          'The vote that the visitor believes to change, null for none. Another one there is a conflict (409); without this the new vote wins.',
      }),
    ),
  },
  { additionalProperties: false },
);
