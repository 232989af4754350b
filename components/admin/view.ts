/*
 * What the table looks like: how to find users above, the users, how to go on below, and who was deleted. The form
 * `view` works without scripts: sorting, filtering and paging load the page anew then. Roles are written out, because
 * on a phone the style sheet shows rows as cards and browsers forget what they are.
 */

import { type EventData, html, keyed, on, type Template } from '../../shared/index.ts';
import { askedQuery, deletionNotice, type Filter, type UsersMessage, type UsersModel } from './model.ts';
import { pageSizes, readQuery, type SortColumn, sortColumns, sortValue, type UserQuery } from './query.ts';
import { rowView } from './row-view.ts';
import { roles } from './user.ts';
import { maxSearchLength } from './words.ts';

type View = Template<UsersMessage>;

const labels: Readonly<Record<SortColumn, string>> = {
  name: 'Name',
  email: 'Email',
  role: 'Role',
  country: 'Country',
  joined: 'Joined',
};

/** So many deletions are shown without asking. */
const shownDeletions = 2;
const filterDelayMs = 200;

export function view(model: UsersModel): View {
  if (model.isEnded) return endedView;
  const { page, load, notice, edits, marks, found, removing, deletions } = model;
  const { rows, total, query } = page;
  const isOfDeletion = deletions.latest.some((each) => notice === deletionNotice(each));
  return html`
    <section class="users" aria-label="Users" aria-busy=${String(load.kind === 'loading' && load.wanted.kind !== 'refresh')}>
      <user-search @choose=${({ detail }) => chosen(detail)}></user-search>
      ${filterView(model)}
      <p class="users-count" role="status">${countText(model)}</p>
      ${load.kind === 'failed' ? problemView : null}
      <table class="users-table" id="users-table" role="table" tabindex="-1">
        <caption class="hint">${captionView}</caption>
        <thead role="rowgroup">
          <tr role="row">
            ${keyed(sortColumns, (column) => column, headerView, { sort: query.sort, isDown: query.isDown })}
            <th role="columnheader" scope="col"><span class="unseen">Delete</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">${keyed(rows, 'id', rowView, { edits, marks, found, removing })}</tbody>
      </table>
      ${total === 0 ? emptyView(query) : null}
      ${pagerView(model)}
      <div class="users-notes">
        <p class=${isOfDeletion ? 'users-said is-shown' : 'users-said'} role="status">${notice}</p>
        ${deletionsView(model)}
      </div>
    </section>
  `;
}

const endedView: View = html`
  <p class="problem" role="alert">
    <span>You are not logged in any more. Nothing that you do here is stored.</span>
    <a class="plain" href="/admin/login">Log in again</a>
  </p>
`;

const captionView = html`
  <span class="only-scripts"
    ><span class="only-keys">Enter or F2 changes a cell, Escape leaves it as it was, arrow keys move between cells.</span
    ><span class="only-press">Press a name, an address, a role or a country to change it.</span></span>
  <span class="only-plain">Without JavaScript users can be read, sorted and filtered, but not changed.</span>
`;

const problemView: View = html`
  <div class="problem" role="alert">
    <p>The users cannot be loaded just now. What is shown may be old.</p>
    <button class="plain" type="button" @click=${{ type: 'UserClickedRetry' }}>Try again</button>
  </div>
`;

function emptyView({ text, role, country }: UserQuery): View {
  if (`${text}${role}${country}` === '') return html`<div class="users-empty"><p>There are no users yet.</p></div>`;
  return html`
    <div class="users-empty">
      <p>Nobody is found. Each word is looked for at the beginning of a name, or of a part of an address.</p>
      <button class="plain only-scripts" type="button" @click=${{ type: 'UserClearedFilters' }}>Show all users</button>
    </div>
  `;
}

function filterView(model: UsersModel): View {
  const { text, role, country, size, sort, isDown } = askedQuery(model);
  return html`
    <form
      class="users-filter"
      id="users-view"
      method="get"
      action="/admin"
      @submit=${({ fields = {} }) => ({ type: 'UserAskedFor', query: readQuery(fields) })}
    >
      <input type="hidden" name="sort" .value=${sortValue(sort, isDown)}>
      <label class="wide">Filter by name or email
        <input
          name="q"
          type="search"
          autocomplete="off"
          maxlength=${maxSearchLength}
          .value=${text}
          @input=${on(changed('q'), { debounceMs: filterDelayMs })}
        >
      </label>
      <label>Role
        <select name="role" @change=${changed('role')}>
          <option value="" .selected=${role === ''}>All</option>
          ${roles.map((each) => html`<option value=${each} .selected=${role === each}>${each}</option>`)}
        </select>
      </label>
      <label>Country
        <select name="country" @change=${changed('country')}>
          <option value="" .selected=${country === ''}>All</option>
          ${model.countries.map((each) => html`<option value=${each} .selected=${country === each}>${each}</option>`)}
        </select>
      </label>
      <label>Rows
        <select name="size" @change=${changed('size')}>
          ${pageSizes.map((each) => html`<option value=${each} .selected=${size === each}>${each}</option>`)}
        </select>
      </label>
      <button class="plain only-plain" type="submit">Show</button>
    </form>
  `;
}

function headerView(column: SortColumn, { sort, isDown }: Pick<UserQuery, 'sort' | 'isDown'>): View {
  const isSorted = sort === column;
  return html`<th role="columnheader" scope="col" aria-sort=${isSorted ? (isDown ? 'descending' : 'ascending') : null}
    ><button type="submit" form="users-view" name="sort" value=${sortValue(column, isSorted && !isDown)}>${labels[column]}</button></th>`;
}

/** At an end a button says that it is disabled and is not: one that were would lose the keyboard's focus. */
function pagerView({ page: { query, total } }: UsersModel): View {
  const last = Math.max(1, Math.ceil(total / query.size));
  const { page } = query;
  const button = (label: string, to: number): View => html`<button
    class="plain"
    type="submit"
    form="users-view"
    name="page"
    value=${to}
    aria-disabled=${String(to === page)}
  >${label}</button>`;
  return html`
    <nav class="users-pager" aria-label="Pages">
      ${button('First', 1)}
      ${button('Previous', Math.max(1, page - 1))}
      <span class="users-page">Page ${toText(page)} of ${toText(last)}</span>
      ${button('Next', Math.min(last, page + 1))}
      ${button('Last', last)}
    </nav>
  `;
}

function deletionsView({ deletions: { latest, total }, areDeletionsOpen }: UsersModel): View | null {
  if (total === 0) return null;
  const shown = areDeletionsOpen ? latest : latest.slice(0, shownDeletions);
  const hidden = total - shown.length;
  return html`
    <section class="deleted" aria-label="Deleted users">
      <ul role="list">${keyed(
        shown,
        'id',
        ({ id, name, by }) => html`<li><span><b>${name}</b> was deleted by ${by}.</span
          ><button class="plain" type="button" @click=${{ type: 'UserClickedUndo', id }}>Undo<span class="unseen"> deleting ${name}</span></button></li>`,
      )}</ul>
      ${
        total > shownDeletions
          ? html`<p>${hidden > 0 && html`<span>${toText(hidden)} more. </span>`}<button
              class="quiet"
              type="button"
              aria-expanded=${String(areDeletionsOpen)}
              @click=${{ type: 'UserToggledDeletions' }}
            >${areDeletionsOpen ? 'Show fewer' : 'Show more'}</button></p>`
          : null
      }
    </section>
  `;
}

function changed(filter: Filter) {
  return ({ value = '' }: EventData): UsersMessage => ({ type: 'UserChangedFilter', filter, text: value });
}

function chosen(detail: unknown): UsersMessage | null {
  const { id } = (detail ?? {}) as { readonly id?: unknown };
  return typeof id === 'number' && Number.isSafeInteger(id) ? { type: 'UserChoseSuggestion', id } : null;
}

/** Not by the rows that are shown: one may be missing for a moment, or be kept for whoever types in it. */
function countText({ page: { query, total } }: UsersModel): string {
  if (total === 0) return 'No users';
  const first = (query.page - 1) * query.size + 1;
  return `${toText(first)}–${toText(Math.min(first + query.size - 1, total))} of ${toText(total)} users`;
}

function toText(number: number): string {
  return number.toLocaleString('en');
}
