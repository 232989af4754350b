/*
 * The page of one anime: what is known of it, and beside it its live rating and one's own vote, each an island of the
 * server. They are other elements for another anime: nothing of the one before is shown for a moment.
 */

import { html, keyed, type Template } from '../../shared/index.ts';
import { plural } from '../plural.ts';
import type { Anime } from '../schema/anime.ts';
import { filtersHref, noFilters } from './filters.ts';
import { findAnime, type TrackerMessage, type TrackerModel } from './model.ts';
import { problemView } from './problem-view.ts';
import { toId } from './routes.ts';

type View = Template<TrackerMessage>;

/** Gives nothing where there is no such anime. */
export function detailView(model: TrackerModel, id: string): View | null {
  const anime = findAnime(model, toId(id));
  if (anime === null) return null;
  const { listUrl, request } = model;
  const problem = problemView(model);
  const isAsked = anime === undefined && problem === null;
  return html`
    <article class="shelf" aria-labelledby="page-title" aria-busy=${String(anime === undefined && request.kind === 'loading')}>
      <p class="back"><a href=${listUrl}>All anime</a></p>
      <h1 id="page-title" tabindex="-1">${anime ? anime.title : 'One moment'}</h1>
      ${problem}
      ${isAsked ? html`<p class="lede" role="status">Asking for this anime…</p>` : null}
      ${anime ? factsView(anime) : null}
    </article>
    ${keyed(anime ? [anime.id] : [], (each) => each, ratingView)}
  `;
}

function factsView({ id, year, studio, episodes, genres, synopsis }: Anime): View {
  return html`
    <div class="about">
      <span class="cover"><img src=${`/covers/${id}.svg`} width="200" height="300" alt=""></span>
      <div>
        <p class="synopsis">${synopsis}</p>
        <dl class="facts">
          <div><dt>Studio</dt><dd><a href=${filtersHref({ ...noFilters, q: studio })}>${studio}</a></dd></div>
          <div><dt>First shown</dt><dd><a href=${filtersHref({ ...noFilters, year })}>${year}</a></dd></div>
          <div><dt>Length</dt><dd>${plural(episodes, 'episode')}</dd></div>
        </dl>
        <ul class="tags" role="list" aria-label="Genres">${keyed(
          genres,
          (genre) => genre,
          (genre) => html`<li><a href=${filtersHref({ ...noFilters, genre })}>${genre}</a></li>`,
        )}</ul>
      </div>
    </div>
  `;
}

function ratingView(id: number): View {
  return html`
    <div class="card opinions">
      <section aria-labelledby="rating-title">
        <h2 id="rating-title">Rating</h2>
        <server-component class="of-everybody" route=${`/ws/rate/${id}`}></server-component>
      </section>
      <section aria-labelledby="vote-title">
        <h2 id="vote-title">Your vote</h2>
        <server-component
          class="of-oneself"
          route=${`/ws/vote/${id}`}
          @change=${{ type: 'UserSavedVote' }}
          @answered=${{ type: 'VoteWasAnswered' }}
        ></server-component>
      </section>
    </div>
  `;
}
