/*
 * What the tracker shows. Input: its model. Output: the page inside its frame (`server/app/pages/document.ts`): the
 * heading, one of the pages, and beside it the rating that everybody shares, which stays while the pages change.
 */

import { html, keyed, type Template } from '../../shared/index.ts';
import { type Anime, isFound } from './anime.ts';
import { findAnime, type Request, type TrackerMessage, type TrackerModel } from './model.ts';
import { pageOf, routes, toId } from './routes.ts';

type View = Template<TrackerMessage>;

/** How many anime the home page shows. */
const picks = 3;

export function view(model: TrackerModel): View {
  const page = pageOf(model.url);
  return html`
    <a class="skip" href="#list">Skip to the list</a>
    <header class="masthead">
      <a class="brand" href="/"><img src="/assets/favicon.svg" width="36" height="36" alt="">Anime tracker</a>
      <nav aria-label="Pages">
        <a href=${routes.list.href()} aria-current=${page?.name === 'list' ? 'page' : null}>All anime</a>
      </nav>
    </header>
    <main class="layout">
      ${pageView(model)}
      <section class="card" aria-labelledby="rating-title">
        <h2 id="rating-title">Rate this list</h2>
        <p class="hint">There is one score, and it belongs to everybody here. Change it and every open page follows.</p>
        <server-component route="/ws/rate"></server-component>
      </section>
    </main>
    <footer class="colophon">
      <p>The same list as data: <a href="/api/anime">/api/anime</a></p>
    </footer>
  `;
}

function pageView(model: TrackerModel): View {
  const page = pageOf(model.url);
  if (page?.name === 'home') return homeView(model);
  if (page?.name === 'list') return listView(model);
  const anime = page?.name === 'detail' ? findAnime(model, toId(page.params.id)) : null;
  if (anime === undefined) return waitingView(model.request);
  return anime ? detailView(model, anime) : missingView();
}

function homeView({ list, scores }: TrackerModel): View {
  const shown = list.anime.slice(0, picks);
  return html`
    <section class="shelf" id="list" aria-labelledby="list-title">
      <h1 id="list-title" tabindex="-1">Worth watching</h1>
      <p class="lede">${summary(shown)}</p>
      ${ledger(shown, scores)}
      <p class="onward"><a href=${routes.list.href()}>All ${list.total} anime</a></p>
    </section>
  `;
}

function listView({ list, query, search, request, refreshedAt, scores }: TrackerModel): View {
  const isFiltered = search.trim() !== query;
  const shown = isFiltered ? list.anime.filter((anime) => isFound(anime, search)) : list.anime;
  const isLoading = request.kind === 'loading';
  return html`
    <section class="shelf" id="list" aria-labelledby="list-title" aria-busy=${String(isLoading)}>
      <h1 id="list-title" tabindex="-1">All anime</h1>
      <form class="search" role="search" action="/anime" @submit=${({ fields }) => submitted(fields?.q)}>
        <label for="search">Title or studio</label>
        <input
          id="search"
          name="q"
          type="search"
          maxlength="100"
          autocomplete="off"
          .value=${search}
          @input=${({ value = '' }) => ({ type: 'UserTypedSearch', text: value })}
        >
        <button class="plain" type="submit">Search</button>
      </form>
      <div class="toolbar">
        <p class="lede" role="status">${amount(shown.length, list.total, query)}</p>
        <button
          class="plain refresh"
          type="button"
          aria-disabled=${String(isLoading)}
          @click=${isLoading ? null : { type: 'UserClickedRefresh' }}
        >${isLoading ? 'Refreshing…' : 'Refresh'}</button>
      </div>
      ${request.kind === 'failed' ? problemView(request) : null}
      ${ledger(shown, scores)}
      ${shown.length === 0 ? html`<p class="onward">Nothing here has this in its title or studio.</p>` : null}
      ${list.next === null ? null : html`<p class="onward">${isFiltered ? searchAll(search, list.total) : showMore}</p>`}
      <p class="fineprint">${
        refreshedAt === null
          ? null
          : html`Refreshed in this browser: <time datetime=${new Date(refreshedAt).toISOString()}>${toTimeText(refreshedAt)}</time>`
      }</p>
    </section>
  `;
}

const showMore: View = html`<button class="plain" type="button" @click=${{ type: 'UserClickedMore' }}>Show more</button>`;

// What is typed is looked for among those that are here; the server knows the others.
function searchAll(text: string, total: number): View {
  return html`<button class="plain" type="button" @click=${{ type: 'UserSubmittedSearch', text }}>Search all ${total}</button>`;
}

function detailView({ scores }: TrackerModel, anime: Anime): View {
  const { id, title, year, studio, genres = [], synopsis } = anime;
  const score = scores[id];
  const facts = [count(anime.episodes, 'episode'), year, studio].filter((fact) => fact !== undefined);
  return html`
    <article class="shelf" id="list" aria-labelledby="list-title">
      <p class="back"><a href=${routes.list.href()}>All anime</a></p>
      <h1 id="list-title" tabindex="-1">${title}</h1>
      <p class="lede">${facts.join(' · ')}</p>
      ${synopsis === undefined ? null : html`<p class="synopsis">${synopsis}</p>`}
      ${
        genres.length === 0
          ? null
          : html`<ul class="tags" role="list">${keyed(
              genres,
              (genre) => genre,
              (genre) => html`<li>${genre}</li>`,
            )}</ul>`
      }
      <section class="own" aria-labelledby="own-title">
        <h2 id="own-title">Your own score</h2>
        ${keyed(
          [anime],
          (each) => each.id,
          () => html`<anime-rating
            value=${score ?? 5}
            @change=${({ detail }) => ({ type: 'UserSavedScore', id, score: detail })}
          ></anime-rating>`,
          [score],
        )}
        <p class="fineprint">${
          score === undefined
            ? 'It is kept in this browser alone.'
            : html`You gave it ${score} of 10, kept in this browser alone.
                <button class="quiet" type="button" @click=${{ type: 'UserClickedForget', id }}>Forget it</button>`
        }</p>
      </section>
    </article>
  `;
}

function missingView(): View {
  return html`
    <section class="shelf" id="list" aria-labelledby="list-title">
      <h1 id="list-title" tabindex="-1">Nothing here</h1>
      <p class="lede">There is no such page, or no such anime.</p>
      <p class="onward"><a href=${routes.list.href()}>All anime</a></p>
    </section>
  `;
}

function waitingView(request: Request): View {
  return html`
    <section class="shelf" id="list" aria-labelledby="list-title" aria-busy=${String(request.kind === 'loading')}>
      <h1 id="list-title" tabindex="-1">One moment</h1>
      ${request.kind === 'failed' ? problemView(request) : html`<p class="lede" role="status">Asking for this anime…</p>`}
    </section>
  `;
}

function problemView({ error }: Extract<Request, { kind: 'failed' }>): View {
  return html`
    <div class="problem" role="alert">
      <p>${explain(error.kind)}</p>
      <button class="plain" type="button" @click=${{ type: 'UserClickedRetry' }}>Try again</button>
    </div>
  `;
}

function explain(kind: Extract<Request, { kind: 'failed' }>['error']['kind']): string {
  switch (kind) {
    case 'offline':
      return 'You are offline. What is shown stays; it is asked for again as soon as the network is back.';
    case 'timeout':
      return 'The server did not answer in time.';
    case 'network':
      return 'The server cannot be reached.';
    default:
      return 'The server gave an answer that is of no use here.';
  }
}

function ledger(anime: readonly Anime[], scores: TrackerModel['scores']): View {
  return html`<ul class="ledger" role="list">${keyed(
    anime,
    ({ id }) => id,
    ({ id, title, episodes }) => html`<li class="entry"
      ><a class="entry-title" href=${routes.detail.href({ id })}>${title}</a> ${
        scores[id] === undefined ? null : html`<span class="entry-own">you: ${scores[id]}</span>`
      } <span class="entry-count">${count(episodes, 'episode')}</span></li>`,
    [scores],
  )}</ul>`;
}

function submitted(text: unknown): TrackerMessage {
  return { type: 'UserSubmittedSearch', text: typeof text === 'string' ? text : '' };
}

function summary(anime: readonly Anime[]): string {
  const episodes = anime.reduce((sum, each) => sum + each.episodes, 0);
  return `${anime.length} series, ${count(episodes, 'episode')}`;
}

function amount(shown: number, total: number, query: string): string {
  const found = query === '' ? `${total} anime` : `${total} with “${query}”`;
  return shown === total ? found : `${shown} of ${found}`;
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

// In the words and the time zone of the person: it is said in the browser alone.
function toTimeText(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
