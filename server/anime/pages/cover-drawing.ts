/*
 * What a cover's scene is drawn with: chance that a title decides, colours, and pieces of SVG. Nothing in here takes a
 * text from outside into the picture; what it writes are numbers and a palette's colours.
 */

import { randomNumbers } from '../random-numbers.ts';

export const width = 200;
export const height = 300;

/** Colours that go together, each as `#rrggbb`. */
export interface Palette {
  /** The sky, or the ground of a pattern. */
  readonly top: string;
  readonly bottom: string;
  /** Sun or moon. */
  readonly light: string;
  /** What is far away, and what is near; what lies between is mixed. */
  readonly far: string;
  readonly near: string;
  readonly accent: string;
}

/** Chance that is the same each time for the same text. */
export interface Chance {
  /** A number from `least` up to `most`, with one decimal. */
  between(least: number, most: number): number;
  /** One of a list, of which there is at least one. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  happens(probability: number): boolean;
}

/** A scene: what stands before the sky. */
export type Scene = (chance: Chance, palette: Palette) => string;

/** Chance out of a text, whose letters FNV-1a spreads over the seed. */
export function chanceOf(text: string): Chance {
  let seed = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) seed = Math.imul(seed ^ text.charCodeAt(at), 0x01000193);
  const next = randomNumbers(seed);
  return {
    between: (least, most) => round(least + next() * (most - least)),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    happens: (probability) => next() < probability,
  };
}

export function times(count: number, draw: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => draw(at)).join('');
}

export function round(number: number): number {
  return Math.round(number * 10) / 10;
}

/** A colour between two: 0 is the first, 1 the second. */
export function mix(one: string, other: string, share: number): string {
  const channels = [1, 3, 5].map((start) => {
    const [from = 0, to = 0] = [one, other].map((colour) => Number.parseInt(colour.slice(start, start + 2), 16));
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

export function circle(x: number, y: number, radius: number, fill: string, rest = ''): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}"${rest}/>`;
}

export function box(x: number, y: number, wide: number, high: number, fill: string, rest = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(high)}" fill="${fill}"${rest}/>`;
}

export function shape(path: string, fill: string, rest = ''): string {
  return `<path d="${path}" fill="${fill}"${rest}/>`;
}

export function line(path: string, colour: string, thick: number, rest = ''): string {
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${round(thick)}"${rest}/>`;
}

/** Sun or moon with a glow. */
export function disc(x: number, y: number, radius: number, { light }: Palette): string {
  return circle(x, y, radius * 1.7, light, ' opacity=".16"') + circle(x, y, radius, light);
}

export function stars(chance: Chance, count: number, downTo: number, colour: string): string {
  const dots = times(count, () => `M${chance.between(4, 196)} ${chance.between(4, downTo)}h0`);
  return line(dots, colour, 1.6, ' stroke-linecap="round" opacity=".8"');
}

/** Land with a soft edge from left to right. */
export function hill(chance: Chance, y: number, swing: number, fill: string): string {
  const [one, two, three] = [1, 2, 3].map(() => round(y + chance.between(-swing, swing)));
  const bend = chance.between(50, 85);
  return shape(
    `M0 ${one}C${bend} ${round(y - swing)} ${round(bend + 20)} ${two} ${round(bend + 60)} ${three}S190 ${round(y - swing / 2)} 200 ${one}V300H0z`,
    fill,
  );
}

/** Land with a jagged edge: peaks of a height, so many from left to right. */
export function ridge(chance: Chance, y: number, rise: number, peaks: number, fill: string): string {
  const step = width / peaks;
  const edge = times(peaks, (at) => {
    const x = round((at + 0.5) * step + chance.between(-step / 4, step / 4));
    return `L${x} ${round(y - chance.between(rise * 0.45, rise))}L${round((at + 1) * step)} ${round(y + chance.between(-rise / 5, rise / 5))}`;
  });
  return shape(`M0 ${y}${edge}V300H0z`, fill);
}
