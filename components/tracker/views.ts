/*
 * What the tracker shows. Input: its model. Output: the page inside its document (`server/anime/pages/document.ts`):
 * the masthead, one of the pages, and what stays while pages change: the feed of ratings, and what is said beside it
 * all.
 */

import { html, on, type Template } from '../../shared/index.ts';
import { toRated } from './anime.ts';
import { detailView } from './detail-view.ts';
import { ghostLedger, ledger } from './entry-view.ts';
import { listView } from './list-view.ts';
import { animeOf, listAddressOf, type Notice, type TrackerMessage, type TrackerModel } from './model.ts';
import { problemView } from './problem-view.ts';
import { hasScore, pageOf, routes } from './routes.ts';

type View = Template<TrackerMessage>;

export function view(model: TrackerModel): View {
  const { url } = model;
  return html`
    <a class="skip" href="#content">Skip to the content</a>
    <header class="masthead">
      <a class="brand" href="/"><img src="/assets/favicon.svg" width="36" height="36" alt="">Anime tracker</a>
      <nav aria-label="Pages">
        <a href=${routes.list.href()} aria-current=${pageOf(url)?.name === 'list' ? 'page' : null}>All anime</a>
      </nav>
    </header>
    <main
      class="layout"
      id="content"
      @islet:dropped=${{ type: 'IslandLostEvents' }}
      @islet:refused=${{ type: 'IslandLostEvents' }}
    >
      ${pageView(model)}
      ${hasScore(url) ? listRating(model.score === 'waiting' || model.notice === 'offline') : null}
    </main>
    <footer class="colophon">
      <p>The same list as data: <a href="/api/anime">/api/anime</a></p>
    </footer>
    <server-component
      class="feed"
      route="/ws/ratings"
      @rated=${on(({ detail, [shownAt]: at }) => heard(detail, at), { include: [shownAt] })}
      @islet:state=${on(({ detail, [shownAt]: at }) => turned(detail, at), { include: [shownAt] })}
    ></server-component>
    <div class="notice" role="status">${model.notice && noticeView(model.notice, model.url)}</div>
  `;
}

/** Where the feed's island shows the state of all ratings, from an event of its element. */
const shownAt = 'target.firstElementChild.dataset.at';

/** The list is one thing, and has one score: it stands beside the list and nowhere else. */
function listRating(isAway: boolean): View {
  return html`
    <section class="card" aria-labelledby="rating-title">
      <h2 id="rating-title">Rate this list</h2>
      <p class="hint">${isAway ? scoreIsAway : scoreIsLive}</p>
      <server-component
        class="of-list"
        route="/ws/rate"
        @click=${{ type: 'UserClickedScore' }}
        @islet:state=${on(({ detail }) => scoreTurned(detail))}
      ></server-component>
    </section>
  `;
}

// of one length, so that nothing moves
const scoreIsLive = 'There is one score, and it belongs to everybody here. Change it and every open page follows.';
const scoreIsAway = 'This page is cut off just now. What you click here is sent, in order, once it is connected again.';

function pageView(model: TrackerModel): View {
  const page = pageOf(model.url);
  if (page?.name === 'home') return homeView(model);
  if (page?.name === 'list') return listView(model);
  return (page?.name === 'detail' && detailView(model, page.params.id)) || missingView(page === null);
}

function homeView(model: TrackerModel): View {
  const { facets, lists, request, url } = model;
  const list = lists[listAddressOf(url, facets) ?? ''];
  const shown = list ? animeOf(model, list) : [];
  const episodes = shown.reduce((sum, each) => sum + each.episodes, 0);
  return html`
    <section class="shelf posters" aria-labelledby="page-title" aria-busy=${String(request.kind === 'loading')}>
      <h1 id="page-title" tabindex="-1">Worth watching</h1>
      <p class="lede">${list ? `${shown.length} series, ${episodes} episodes` : 'One moment…'}</p>
      ${problemView(model)}
      ${list ? ledger(shown) : ghostLedger(3)}
      <p class="onward"><a href=${routes.list.href()}>All ${list?.total} anime</a></p>
    </section>
  `;
}

/** The form is a plain one: what it asks for is on another page. */
function missingView(isPage: boolean): View {
  return html`
    <section class="shelf" aria-labelledby="page-title">
      <h1 id="page-title" tabindex="-1">Nothing here</h1>
      <p class="lede">${`There is no such ${isPage ? 'page' : 'anime'}. Perhaps the address has a mistake in it.`}</p>
      <form class="finder" role="search" action=${routes.list.href()}>
        <label for="search">Title or studio</label>
        <input id="search" name="q" type="search" maxlength="100" autocomplete="off">
        <button class="plain" type="submit">Search</button>
      </form>
      <p class="onward"><a href=${routes.home.href()}>Worth watching</a> <a href=${routes.list.href()}>All anime</a></p>
    </section>
  `;
}

function noticeView(notice: Notice, url: string): View {
  switch (notice) {
    case 'offline':
      return html`
        <p>No connection. What is here can still be read; the numbers stand still, and votes are sent once it is back.</p>
      `;
    case 'stopped':
      return html`<p>The numbers are no longer live. <a href=${url} data-islet-reload>Reload the page</a></p>`;
    case 'vote-lost':
      return html`
        <p>
          Your last vote may not have arrived, since there was no connection. Look at it again, and save it once more if
          it is not there.
          ${dismiss}
        </p>
      `;
    case 'score-lost':
      return html`
        <p>
          What you last clicked may not have counted, since the connection was lost. Look at the score again, and change
          it once more if it is not right.
          ${dismiss}
        </p>
      `;
  }
}

const dismiss: View = html`
  <button class="quiet" type="button" @click=${{ type: 'UserDismissedNotice' }}>All right</button>
`;

function scoreTurned(detail: unknown): TrackerMessage | null {
  const state = stateIn(detail);
  return state === 'live' || state === 'offline' ? { type: 'ScoreTurned', isLive: state === 'live' } : null;
}

function heard(detail: unknown, at: unknown): TrackerMessage | null {
  const rated = toRated(detail, at);
  return rated && { type: 'FeedRated', rated };
}

function turned(detail: unknown, at: unknown): TrackerMessage | null {
  switch (stateIn(detail)) {
    case 'live':
      return { type: 'FeedOpened', at: String(at) };
    case 'offline':
      return { type: 'FeedWasLost' };
    case 'failed':
      return { type: 'FeedFailed' };
    default:
      return null;
  }
}

function stateIn(detail: unknown): unknown {
  return (detail as { readonly state?: unknown } | null)?.state;
}
