/*
 * The colours of the covers. Each palette carries a picture by itself, beside the others, and on light and dark paper.
 */

import type { Palette } from './cover-drawing.ts';

type Palettes = readonly [Palette, ...Palette[]];

export const dayPalettes: Palettes = [
  palette('#f6d9b8', '#f0a57b', '#fff3dc', '#d9694f', '#5b2a3c', '#2f7f86'),
  palette('#a8dbd4', '#f3e9cf', '#f2694a', '#5aa9a5', '#14474f', '#f2694a'),
  palette('#9fd0e6', '#f7f0d0', '#ffd166', '#8fbf7f', '#23533f', '#e76f51'),
  palette('#f4e8d3', '#f1c9a0', '#d8392b', '#c98b6b', '#2b2226', '#d8392b'),
  palette('#e9e2cf', '#a9c3d6', '#e4573d', '#5d86b0', '#17305c', '#e4573d'),
  palette('#fbd0d8', '#f9eedd', '#e85d75', '#e6a0ac', '#5c2846', '#4f9d94'),
  palette('#f3c34f', '#f9e7b2', '#fff6dc', '#d9822b', '#3d2a1f', '#2a6f73'),
  palette('#cfdadd', '#f1efe4', '#e2a65a', '#9fb2b5', '#2f4148', '#c8553d'),
  palette('#bda9e6', '#fbe0d3', '#fff7ea', '#9d86c9', '#3a2a63', '#f2807a'),
  palette('#e8e3bd', '#bccb92', '#fbf7dc', '#7f9a5a', '#27391f', '#d9653b'),
];

export const nightPalettes: Palettes = [
  palette('#3b2a5a', '#e8788a', '#ffe0b0', '#8c4a7d', '#221637', '#ffb35c'),
  palette('#0e1b3d', '#3a62a8', '#f4ecd0', '#284379', '#080f24', '#ffcf5c'),
  palette('#0c2330', '#2f9488', '#dcf5d0', '#1d5c63', '#071419', '#f08fb0'),
  palette('#1a0f3c', '#b0257f', '#ffd9f2', '#54208a', '#0b0620', '#2fe0d4'),
  palette('#2a1216', '#c8412c', '#ffd38a', '#7c2323', '#14080b', '#ffa43d'),
  palette('#0f4c5c', '#e8c7a0', '#fb8b6b', '#3c7a80', '#0a2a33', '#fb8b6b'),
  palette('#1f2430', '#7d8798', '#f1efe8', '#454e61', '#0e1118', '#e0524a'),
];

function palette(top: string, bottom: string, light: string, far: string, near: string, accent: string): Palette {
  return { top, bottom, light, far, near, accent };
}
