/*
 * Anime as the pages show them, read from what `/api/anime` answers. Input: JSON from outside. Output: checked data.
 */

/** What the pages show of an anime. */
export interface Anime {
  readonly id: number;
  readonly title: string;
  readonly episodes: number;
  readonly year?: number;
  readonly studio?: string;
  readonly genres?: readonly string[];
  readonly synopsis?: string;
}

/** A part of the list, from its start. */
export interface AnimeList {
  readonly anime: readonly Anime[];
  /** How many there are in all. */
  readonly total: number;
  /** Where more of them are; null if these are all. */
  readonly next: string | null;
}

/** @throws TypeError when it is no anime. */
export function toAnime(json: unknown): Anime {
  const { id, title, episodes, year, studio, genres, synopsis } = (json ?? {}) as {
    readonly [key in keyof Anime]?: unknown;
  };
  if (!Number.isInteger(id) || typeof title !== 'string' || !Number.isInteger(episodes)) {
    throw new TypeError(`${JSON.stringify(json)?.slice(0, 80)} is no anime`);
  }
  return {
    id: id as number,
    title,
    episodes: episodes as number,
    ...(Number.isInteger(year) && { year: year as number }),
    ...(typeof studio === 'string' && { studio }),
    ...(Array.isArray(genres) && { genres: genres.filter((genre) => typeof genre === 'string') }),
    ...(typeof synopsis === 'string' && { synopsis }),
  };
}

/**
 * @param header Gives a header of the answer: `Link` says where more are, `X-Total-Count` how many there are in all.
 * @throws TypeError when it is no list of anime.
 */
export function toAnimeList(json: unknown, header: (name: string) => string | null): AnimeList {
  if (!Array.isArray(json)) throw new TypeError('the list is no list');
  const anime = json.map(toAnime);
  const [, next = null] = /<([^<>]*)>; *rel="next"/.exec(header('link') ?? '') ?? [];
  return { anime, total: Number(header('x-total-count') ?? anime.length), next };
}

/** Whether an anime is one of those that the text asks for: all its words stand in title or studio. */
export function isFound({ title, studio = '' }: Anime, text: string): boolean {
  const words = fold(text).split(' ');
  const facts = fold(`${title} ${studio}`);
  return words.every((word) => facts.includes(word));
}

// Accents and case aside, as the server's own search.
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
