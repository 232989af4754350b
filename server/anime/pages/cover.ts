/*
 * The cover of an anime: a poster that is drawn from its title, the same each time. Its genres say what kinds of scene
 * it can be. Output: SVG in the format 2:3, of numbers and curated colours alone: no text of the anime stands in it.
 */

import { box, type Chance, chanceOf, height, type Palette, type Scene, width } from './cover-drawing.ts';
import { city, clouds, forest, gate, hills, mountains, sea, space, wires } from './cover-landscapes.ts';
import { dayPalettes, nightPalettes } from './cover-palettes.ts';
import { arcs, blossom, cubes, lanes, rain, rays, scales, strings, tiles } from './cover-patterns.ts';

type Scenes = readonly [Scene, ...Scene[]];

/** What can be seen of an anime without reading it. */
export interface CoverSubject {
  readonly title: string;
  readonly genres?: readonly string[];
}

const anyScenes: Scenes = [
  hills,
  sea,
  mountains,
  city,
  space,
  wires,
  clouds,
  forest,
  gate,
  rays,
  tiles,
  arcs,
  scales,
  strings,
  rain,
  blossom,
  cubes,
  lanes,
];

const scenesByGenre = new Map<string, Scenes>([
  ['Action', [rays, city, mountains, arcs]],
  ['Adventure', [mountains, sea, hills, clouds]],
  ['Comedy', [tiles, rays, hills, wires]],
  ['Drama', [wires, sea, clouds, rain, hills]],
  ['Fantasy', [forest, mountains, gate, scales]],
  ['Historical', [gate, scales, blossom]],
  ['Horror', [forest, city, rain]],
  ['Mecha', [cubes, space, rays]],
  ['Music', [strings, arcs]],
  ['Mystery', [cubes, rain, city, forest]],
  ['Romance', [blossom, rain, clouds]],
  ['School', [wires, blossom, tiles]],
  ['Science Fiction', [space, city, cubes]],
  ['Slice of Life', [hills, clouds, wires]],
  ['Sports', [lanes, arcs]],
  ['Supernatural', [gate, forest, scales]],
  ['Thriller', [city, cubes, rain]],
]);

const darkGenres: readonly string[] = ['Horror', 'Mecha', 'Mystery', 'Science Fiction', 'Supernatural', 'Thriller'];

/** Draws a cover. */
export function drawCover({ title, genres = [] }: CoverSubject): string {
  const chance = chanceOf(title);
  const isDark = chance.happens(genres.some((genre) => darkGenres.includes(genre)) ? 0.65 : 0.25);
  const palette = chance.pick(isDark ? nightPalettes : dayPalettes);
  const [first, ...others] = genres.flatMap((genre) => scenesByGenre.get(genre) ?? []);
  const scene = chance.pick(first === undefined ? anyScenes : [first, ...others]);
  return frame(chance, palette, scene(chance, palette));
}

/** The sky, and a scene before it or its mirror image. */
function frame(chance: Chance, { top, bottom }: Palette, scene: string): string {
  const side = chance.happens(0.5) ? `<g transform="matrix(-1 0 0 1 ${width} 0)">${scene}</g>` : scene;
  const sky = `<linearGradient id="a" x2="0" y2="1"><stop stop-color="${top}"/><stop offset=".8" stop-color="${bottom}"/></linearGradient>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${sky}${box(0, 0, width, height, 'url(#a)')}${side}</svg>`;
}
