// Computes the contrasts of the stylesheet's colours by WCAG 2.2, for both colour schemes. Text needs 4.5 to its
// background, what shows a control or a state needs 3. Input: public/app.css. A new pair of colours belongs here.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plainAssets } from '../server/anime/assets.ts';
import { failureDocument } from '../server/anime/pages/document.ts';

const css = readFileSync(new URL('../public/app.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');
const schemes = { light: colours(light), dark: { ...colours(light), ...colours(dark) } };

const text = [
  ['ink', 'paper'],
  ['ink', 'surface'],
  ['muted', 'paper'],
  ['muted', 'surface'],
  ['accent', 'paper'],
  ['accent', 'surface'],
  ['accent-strong', 'paper'],
  ['accent-strong', 'surface'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['sun', 'paper'],
  ['paper', 'ink'],
  ['danger', 'danger-surface'],
  ['sun', 'surface'],
  ['danger', 'paper'],
  ['danger', 'surface'],
] as const;

const shapes = [
  ['edge', 'surface'],
  ['edge', 'paper'],
  ['sun', 'track'],
  ['accent', 'surface'],
] as const;

describe.each(Object.entries(schemes))('in the %s scheme', (scheme, colour) => {
  test.each(text)('text in %s can be read on %s', (front, back) => {
    expect(contrast(colour[front], colour[back])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(shapes)('%s can be told from %s', (front, back) => {
    expect(contrast(colour[front], colour[back])).toBeGreaterThanOrEqual(3);
  });

  test("the browser's own bars have the page's colour", () => {
    const page = failureDocument('/', plainAssets).strings.join('');
    expect(page).toContain(`content="${colour.paper}" media="(prefers-color-scheme: ${scheme})"`);
  });
});

/** The custom properties of a piece of the stylesheet that are colours, each as `#rrggbb`. */
function colours(part: string): Record<string, string> {
  const found = part.matchAll(/--([\w-]+):\s*(#[\da-f]{6})\s*;/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value]));
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string | undefined): number {
  if (colour === undefined) throw new Error('the stylesheet does not define this colour');
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
