/*
 * What every document of the app has: its head, and the name of the site. Nothing in it is inline script or style, so
 * that a strict Content-Security-Policy holds. Input: what is a document's own. Output: a template for `reply.html`.
 */

import { html, type Template } from '../../../shared/index.ts';
import type { Assets } from '../assets.ts';

export interface Frame {
  readonly title: string;
  /** What else stands in the head. */
  readonly head: Template | null;
  /** A template, or a part that `reply.html` understands. */
  readonly content: object;
  readonly assets: Assets;
}

export function frame({ title, head, content, assets }: Frame): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
        <meta name="theme-color" content="#11181c" media="(prefers-color-scheme: dark)">
        <link rel="icon" href=${assets.url('favicon.svg')} type="image/svg+xml">
        <link rel="stylesheet" href=${assets.url('app.css')}>
        ${head}
      </head>
      <body>${content}</body>
    </html>
  `;
}

/** Whether the page answers before the server has: `client-runtime/anime/switch.ts` reads and changes it. */
export const answers = html`
  <section class="colophon answers" aria-label="Settings">
    <label><input id="answers-at-once" type="checkbox" checked disabled> Show what I do at once</label>
    <span>Else it is shown when the server has answered.</span>
  </section>
`;

/** The name of the site, as the tracker's own pages have it (`components/tracker/views.ts`). */
export function brand(assets: Assets): Template {
  return html`<a class="brand" href="/"><img src=${assets.url('favicon.svg')} width="36" height="36" alt="">Anime tracker</a>`;
}
