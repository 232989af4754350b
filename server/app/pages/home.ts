/*
 * The home page: the list of anime and the rating that everybody shares, as one document.
 * Input: the list from the data layer and the rating's island. Output: a template for `reply.html`.
 */

import { html, keyed, type Template } from '../../../shared/index.ts';
import type { Anime } from '../data/seed.ts';

export interface HomeContent {
  readonly anime: readonly Anime[];
  /** What stands where the rating belongs: `serverComponent({ route: '/ws/rate' })`. */
  readonly rating: object;
}

/** Makes the home page. Nothing in it is inline script or style, so that a strict Content-Security-Policy holds. */
export function homePage({ anime, rating }: HomeContent): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Anime tracker</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="description" content="A list of anime, and one rating that everybody shares, live.">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
        <meta name="theme-color" content="#11181c" media="(prefers-color-scheme: dark)">
        <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/app.css">
        <script type="module" src="/islet/element.js"></script>
      </head>
      <body>
        <a class="skip" href="#list">Skip to the list</a>
        <header class="masthead">
          <a class="brand" href="/"><img src="/assets/favicon.svg" width="36" height="36" alt="">Anime tracker</a>
        </header>
        <main class="layout">
          <section class="shelf" id="list" aria-labelledby="list-title">
            <h1 id="list-title">Worth watching</h1>
            <p class="lede">${summary(anime)}</p>
            <ul class="ledger" role="list">${keyed(anime, (each) => each.id, animeRow)}</ul>
          </section>
          <section class="card" aria-labelledby="rating-title">
            <h2 id="rating-title">Rate this list</h2>
            <p class="hint">There is one score, and it belongs to everybody here. Change it and every open page follows.</p>
            ${rating}
          </section>
        </main>
        <footer class="colophon">
          <p>The same list as data: <a href="/api/anime">/api/anime</a></p>
        </footer>
      </body>
    </html>
  `;
}

const animeRow = ({ title, episodes }: Anime): Template =>
  html`<li class="entry"><span class="entry-title">${title}</span> <span class="entry-count">${count(episodes, 'episode')}</span></li>`;

function summary(anime: readonly Anime[]): string {
  const episodes = anime.reduce((sum, each) => sum + each.episodes, 0);
  return `${anime.length} series, ${count(episodes, 'episode')}`;
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
