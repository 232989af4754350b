/*
 * The anime that the tracker knows when it starts. The pages and the API show them as they are here.
 */

export interface Anime {
  readonly id: number;
  readonly title: string;
  readonly episodes: number;
}

export const animeSeed: readonly Anime[] = [
  { id: 1, title: 'Cowboy Bebop', episodes: 26 },
  { id: 2, title: 'Steins;Gate', episodes: 24 },
  { id: 3, title: 'Mob Psycho 100', episodes: 37 },
];
