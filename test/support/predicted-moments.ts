// A component with all that a person can do, for the moments in which a page begins to predict: it writes down what it
// is told. Used by the server and by the script of a page.

import { component, type EventData, effect, focus, html, keyed, on } from '../../shared/index.ts';

export interface MomentsModel {
  /** What was told, in its order. */
  readonly log: readonly string[];
  readonly draft: string;
  readonly late: string;
  readonly name: string;
  readonly isTicked: boolean;
  readonly role: string;
  readonly rows: readonly string[];
  /** What stands in the cell, while it is open. */
  readonly cell: string | null;
}

export interface Told {
  readonly type: string;
  readonly text: string;
}

const told =
  (type: string) =>
  ({ value }: EventData): Told => ({ type, text: value ?? '' });

function change(model: MomentsModel, { type, text }: Told): Partial<MomentsModel> {
  const { rows } = model;
  switch (type) {
    case 'typed':
      return { draft: text };
    case 'waited':
      return text.includes(':') ? {} : { late: text };
    case 'renamed':
      return { name: text };
    case 'ticked':
      return { isTicked: !model.isTicked };
    case 'chose':
      return { role: text };
    case 'raised':
      return { rows: [text, ...rows.filter((row) => row !== text)] };
    case 'removed':
      return { rows: rows.filter((row) => row !== text) };
    case 'opened':
      return { cell: '' };
    case 'stored':
      return { cell: null };
    default:
      return {};
  }
}

export const moments = component<MomentsModel, Told>({
  init: () => [
    {
      log: [],
      draft: '',
      late: '',
      name: 'Ann',
      isTicked: false,
      role: 'member',
      rows: ['one', 'two', 'three'],
      cell: null,
    },
    effect.none,
  ],
  update: (model, message) => [
    { ...model, log: [...model.log, `${message.type} ${message.text}`], ...change(model, message) },
    message.type === 'opened' ? effect.batch([effect.emit('cell-opened'), focus('#cell')]) : effect.none,
  ],
  view: (model) => html`
    <button id="press" @click=${{ type: 'pressed', text: '' }}>Press</button>
    <input id="draft" .value=${model.draft} @input=${told('typed')}>
    <input id="late" .value=${model.late} @input=${on(told('waited'), { debounceMs: 300 })}>
    <input id="name" .value=${model.name} @change=${told('renamed')}>
    <input id="tick" type="checkbox" .checked=${model.isTicked} @change=${{ type: 'ticked', text: '' }}>
    <select id="role" .value=${model.role} @change=${told('chose')}>
      <option value="member">member</option>
      <option value="admin">admin</option>
    </select>
    <form id="send" @submit=${on(({ fields }): Told => ({ type: 'sent', text: String(fields?.text) }), { fields: ['text'] })}>
      <input id="text" name="text">
    </form>
    <ul>${keyed(
      model.rows,
      (row) => row,
      (row) => html`<li>
        ${row}
        <input id=${`late-${row}`} @input=${on(({ value }): Told => ({ type: 'waited', text: `${row}: ${value}` }), { debounceMs: 300 })}>
        <button id=${`raise-${row}`} @click=${{ type: 'raised', text: row }}>up</button>
        <button id=${`remove-${row}`} @click=${{ type: 'removed', text: row }}>remove</button>
      </li>`,
    )}</ul>
    ${
      model.cell === null
        ? html`<button id="open" @click=${{ type: 'opened', text: '' }}>Open</button>`
        : html`<form id="store" @submit=${on(({ fields }): Told => ({ type: 'stored', text: String(fields?.cell) }), { fields: ['cell'] })}>
            <input id="cell" name="cell" .defaultValue=${model.cell}>
          </form>`
    }
    <output>${JSON.stringify(model.log)}</output>
  `,
});
