/*
 * The page of the list: search, filters and order, which stand in the URL and work as a plain form without scripts; the
 * rows; and the way to more of them.
 */

import { focus, html, keyed, on, type Template } from '../../shared/index.ts';
import type { AnimeSort } from '../schema/anime.ts';
import { ghostLedger, ledger } from './entry-view.ts';
import { type Filters, filtersHref, type ListQuery, noFilters, sorts, toFilters } from './filters.ts';
import { animeOf, type KnownList, listAddressOf, type TrackerMessage, type TrackerModel } from './model.ts';
import { problemView } from './problem-view.ts';
import { pageOf, routes } from './routes.ts';

type View = Template<TrackerMessage>;

/** How long somebody is taken to type on. */
const typingMs = 250;

export function listView(model: TrackerModel): View {
  const { facets, lists, refreshedAt, request, shown, url } = model;
  const page = pageOf(url);
  const query = page?.name === 'list' ? page.query : noQuery;
  const { filters, ignored } = toFilters(query, facets);
  const own = lists[listAddressOf(url, facets) ?? ''];
  const problem = problemView(model);
  const isLoading = request.kind === 'loading';
  // until the new list is here, or is known not to come, the one before keeps the page from jumping
  const list = own ?? (problem ? undefined : lists[shown]);
  return html`
    <section class="shelf" aria-labelledby="page-title" aria-busy=${String(isLoading)}>
      <h1 id="page-title" tabindex="-1">All anime</h1>
      ${filterForm(model, filters)}
      ${ignored.length > 0 ? html`<p class="hint">Left out, since nothing here has it: ${ignored.join(', ')}.</p>` : null}
      <div class="toolbar">
        <p class="lede" role="status">${own ? amount(own, filters) : problem ? '' : 'Looking…'}</p>
        <button
          class="plain refresh"
          type="button"
          aria-disabled=${String(isLoading)}
          @click=${isLoading ? null : { type: 'UserClickedRefresh' }}
        >${isLoading && own ? 'Refreshing…' : 'Refresh'}</button>
      </div>
      ${problem}
      ${query.cursor === '' ? null : html`<p class="back"><a href=${filtersHref(filters)}>To the start of the list</a></p>`}
      ${list ? ledger(animeOf(model, list), list !== own) : problem ? null : ghostLedger(8)}
      ${own?.total === 0 ? emptyView(filters) : null}
      ${own && own.next !== null ? moreView(own.next, filters, isLoading) : null}
      <p class="fineprint">${
        refreshedAt === null
          ? null
          : html`Refreshed in this browser: <time datetime=${new Date(refreshedAt).toISOString()}>${toTimeText(refreshedAt)}</time>`
      }</p>
    </section>
  `;
}

function filterForm({ facets, search }: TrackerModel, { genre, year, sort }: Filters): View {
  return html`
    <form
      class="filters"
      role="search"
      action="/anime"
      @submit=${on(({ fields }) => chose(fields), { fields: ['q', 'genre', 'year', 'sort'] })}
    >
      <p class="field filter-text">
        <label for="search">Title or studio</label>
        <input
          id="search"
          name="q"
          type="search"
          maxlength="100"
          autocomplete="off"
          .value=${search}
          @input=${on(({ value = '' }) => chose({ q: value }, true), { debounceMs: typingMs })}
        >
      </p>
      <p class="field">
        <label for="genre">Genre</label>
        <select id="genre" name="genre" @change=${({ value = '' }) => chose({ genre: value })}>
          <option value="" .selected=${genre === ''}>All genres</option>
          ${keyed(
            facets.genres,
            'name',
            ({ name, anime }, { genre }) =>
              html`<option value=${name} .selected=${genre === name}>${name} (${anime})</option>`,
            { genre },
          )}
        </select>
      </p>
      <p class="field">
        <label for="year">Year</label>
        <select id="year" name="year" @change=${({ value = '' }) => chose({ year: value })}>
          <option value="" .selected=${year === null}>All years</option>
          ${keyed(
            facets.years,
            (each) => each,
            (each, { year }) => html`<option value=${each} .selected=${year === each}>${each}</option>`,
            { year },
          )}
        </select>
      </p>
      <p class="field">
        <label for="sort">Order</label>
        <select id="sort" name="sort" @change=${({ value = '' }) => chose({ sort: value })}>
          ${keyed(
            Object.keys(sorts) as AnimeSort[],
            (each) => each,
            (each, { sort }) => html`
              <option value=${each === noFilters.sort ? '' : each} .selected=${sort === each}>${sorts[each]}</option>
            `,
            { sort },
          )}
        </select>
      </p>
      <button class="plain" type="submit">Show</button>
    </form>
  `;
}

function moreView(cursor: string, filters: Filters, isLoading: boolean): View {
  return html`<p class="onward"><a
    class="plain more"
    href=${filtersHref(filters, cursor)}
    aria-disabled=${isLoading ? 'true' : null}
    @click=${on({ type: 'UserClickedMore' }, { preventDefault: true })}
  >Show more</a></p>`;
}

/**
 * Moves the focus on to the first of the rows that were added, if it still is where more was asked for: that may be
 * gone.
 *
 * @param index Of the row, from 0.
 */
export function focusRow(index: number) {
  const asked = ':is(.shelf:has(.more:focus), body:not(:has(:focus)))';
  return focus(`${asked} .entry:nth-child(${index + 1}) .entry-title`, { preventScroll: true });
}

function emptyView(filters: Filters): View {
  const { q, genre, year } = filters;
  const isSearchNarrowed = q !== '' && (genre !== '' || year !== null);
  return html`
    <div class="empty">
      <p>There is no anime${describe(filters)}${q === '' ? '' : ' in title or studio'}.</p>
      <p>
        ${isSearchNarrowed ? html`<a href=${filtersHref({ ...noFilters, q })}>Look for “${q}” everywhere</a> or ` : null}
        <a href=${routes.list.href()}>${isSearchNarrowed ? 'show' : 'Show'} all anime</a>
      </p>
    </div>
  `;
}

function amount({ ids, total }: KnownList, filters: Filters): string {
  if (total === 0) return 'Nothing found';
  const found = `${total} anime${describe(filters)}`;
  return ids.length === total ? found : `${ids.length} of ${found}`;
}

function describe({ q, genre, year }: Filters): string {
  const parts = [genre && ` in ${genre}`, year !== null && ` of ${year}`, q && ` with “${q}”`];
  return parts.filter(Boolean).join('');
}

function chose(change: Partial<ListQuery>, isTyping = false): TrackerMessage {
  return { type: 'UserChoseFilters', change, isTyping };
}

const noQuery = { q: '', genre: '', year: '', sort: '', cursor: '' };

// In the words and the time zone of the person: it is said in the browser alone.
function toTimeText(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
