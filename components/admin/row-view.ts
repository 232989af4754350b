/*
 * One row of the table, and a cell of it in which somebody types. Each value is a button that opens its cell; the form
 * that takes its place stores by submitting and leaves by resetting. What somebody else stored meanwhile stands below.
 */

import { html, on, type Template } from '../../shared/index.ts';
import { isOf } from './edits.ts';
import type { Edit, UsersMessage, UsersModel } from './model.ts';
import { type Field, maxLengths, roles, type UserRow } from './user.ts';

type View = Template<UsersMessage>;

const fieldNames: Readonly<Record<Field, string>> = { name: 'Name', email: 'Email', role: 'Role', country: 'Country' };

/** What a row shows besides itself. */
export type RowDeps = Pick<UsersModel, 'edits' | 'marks' | 'found' | 'removing'>;

export function rowView(row: UserRow, { edits, marks, found, removing }: RowDeps): View {
  const { id, joined } = row;
  const by = marks[id];
  const state = found === id ? 'found' : by === undefined ? null : 'changed';
  const cell = (field: Field): View => {
    const edit = edits.find(isOf(id, field));
    return edit === undefined ? valueView(row, field) : editView(row, edit);
  };
  return html`
    <tr role="row" id="u${id}" data-state=${state} aria-busy=${removing === id ? 'true' : null}>
      <th class="name" role="rowheader" scope="row">${cell('name')}${by !== undefined && html`<small>changed by ${by}</small>`}</th>
      <td class="email" role="cell">${cell('email')}</td>
      <td class="role" role="cell">${cell('role')}</td>
      <td class="country" role="cell">${cell('country')}</td>
      <td class="joined" role="cell">${joined}</td>
      <td class="actions" role="cell"><button
        class="remove"
        type="button"
        @click=${{ type: 'UserClickedDelete', id }}
      >Delete</button></td>
    </tr>
  `;
}

function valueView(row: UserRow, field: Field): View {
  return html`<button
    class="cell"
    type="button"
    title="Change (Enter or F2)"
    @click=${{ type: 'UserOpenedCell', id: row.id, field }}
  >${row[field]}</button>`;
}

function editView(row: UserRow, edit: Edit): View {
  const { id, field, sent, problem, theirs, goneBy } = edit;
  const noteId = `n${id}-${field}`;
  const hasNote = problem !== null || theirs !== null || goneBy !== null;
  const label = `${fieldNames[field]} of ${row.name}`;
  return html`
    <form
      class="edit"
      novalidate
      aria-busy=${String(sent !== null)}
      @submit=${on(({ fields }) => ({ type: 'UserSentCell', id, field, text: fields.value }), { fields: ['value'] })}
      @reset=${{ type: 'UserLeftCell', id, field }}
    >
      ${inputView(edit, label, hasNote ? noteId : null)}
      ${
        goneBy === null
          ? html`<button class="primary" type="submit">${theirs === null ? 'Save' : 'Save mine'}</button>`
          : null
      }<button class="plain" type="reset">${theirs === null ? 'Cancel' : 'Keep theirs'}</button>
      ${hasNote ? html`<p class="edit-note" id=${noteId} role="alert">${noteView(edit)}</p>` : null}
    </form>
  `;
}

function inputView({ field, initial, problem }: Edit, label: string, noteId: string | null): View {
  const isInvalid = problem === null ? null : 'true';
  if (field === 'role') {
    return html`<select name="value" aria-label=${label} aria-invalid=${isInvalid} aria-describedby=${noteId}>
      ${roles.map((role) => html`<option value=${role} .defaultSelected=${role === initial}>${role}</option>`)}
    </select>`;
  }
  return html`<input
    name="value"
    inputmode=${field === 'email' ? 'email' : 'text'}
    .defaultValue=${initial}
    maxlength=${maxLengths[field]}
    autocomplete="off"
    autocapitalize=${field === 'country' ? 'characters' : 'none'}
    spellcheck="false"
    aria-label=${label}
    aria-invalid=${isInvalid}
    aria-describedby=${noteId}
  >`;
}

function noteView({ problem, theirs, goneBy }: Edit): View | string {
  if (goneBy !== null)
    return `${goneBy === '' ? 'Somebody' : goneBy} deleted this user. Nothing can be stored any more.`;
  if (problem !== null) return problem;
  return html`${theirs?.by ?? 'Somebody'} changed this to <b>${theirs?.value}</b> meanwhile. Yours stands above.`;
}
