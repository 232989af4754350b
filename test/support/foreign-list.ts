// A list of forms whose controls hide the form's own members, with a title, a block that comes and goes, and buttons:
// for pages to which somebody else does something. Sorting is refused.

import { component, effect, html, keyed, on } from '../../shared/index.ts';

type Message =
  | { readonly type: 'UserCounted' }
  | { readonly type: 'UserRemovedFirst' }
  | { readonly type: 'UserAdded' }
  | { readonly type: 'UserSorted' };

interface Model {
  readonly count: number;
  readonly rows: readonly number[];
}

export const foreignList = component<Model, Message>({
  name: 'a-list',
  init: () => [{ count: 0, rows: [1, 2, 3] }, effect.none],
  update(model, { type }) {
    const { count, rows } = model;
    if (type === 'UserCounted') return [{ ...model, count: count + 1 }, effect.none];
    if (type === 'UserRemovedFirst') return [{ ...model, rows: rows.slice(1) }, effect.none];
    if (type === 'UserAdded') return [{ ...model, rows: [Math.max(0, ...rows) + 1, ...rows] }, effect.none];
    return [model, effect.none];
  },
  view: ({ count, rows }) => html`
    <h1 class="title ${count > 0 ? 'counted' : ''}" style="order: ${count}">${count} clicks</h1>
    <p id="block">${count % 2 ? html`<b>odd ${count}</b>` : null}</p>
    <input id="note">
    <button id="count" @click=${{ type: 'UserCounted' }}>Count</button>
    <button id="remove" @click=${{ type: 'UserRemovedFirst' }}>Remove</button>
    <button id="add" @click=${{ type: 'UserAdded' }}>Add</button>
    <ul @sorted=${on({ type: 'UserSorted' })}>
      ${keyed(
        rows,
        (row) => row,
        (row) => html`
          <form>
            <input name="remove"><input name="parentNode"><input name="nextSibling"><input name="insertBefore">
            <input name="firstChild"><input name="attributes"><input name="getAttribute"><input name="addEventListener"><input name="isConnected"><input name="contains"><input name="localName">
            <span>row ${row}</span>
          </form>
        `,
      )}
    </ul>
  `,
});
