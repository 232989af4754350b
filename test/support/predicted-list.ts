// A list that several people change at once, for tests of predicted islands: rows come, go, move and change, and what
// the server alone knows has it refuse some of it. Used by the server and by the script of a page.

import { component, type EventClient, type EventData, effect, html, keyed } from '../../shared/index.ts';

export interface ListRow {
  readonly id: string;
  readonly text: string;
  readonly isDone: boolean;
}

export interface ListModel {
  readonly rows: readonly ListRow[];
  readonly draft: string;
  /** Never leaves the server: rows that nobody may remove. */
  readonly secret?: { readonly word: string; readonly locked: readonly string[] };
}

export type ListMessage =
  | { readonly type: 'Typed'; readonly text: string }
  | { readonly type: 'Added'; readonly id: string; readonly text: string; readonly at: number }
  | { readonly type: 'Removed' | 'Toggled' | 'Raised'; readonly id: string }
  | { readonly type: 'Renamed'; readonly id: string; readonly text: string };

export const rowsOf = (count: number): ListRow[] =>
  Array.from({ length: count }, (_, index) => ({ id: `r${index}`, text: `Thing ${index}`, isDone: false }));

export const lockedRow = 'r1';

export function updateList(model: ListModel, message: ListMessage): ListModel {
  const { rows, secret } = model;
  const changed = (change: Partial<ListRow>, id: string): ListModel => ({
    ...model,
    rows: rows.map((row) => (row.id === id ? { ...row, ...change } : row)),
  });
  switch (message.type) {
    case 'Typed':
      return { ...model, draft: message.text };
    case 'Added':
      if (message.text === '') return model;
      return { ...model, draft: '', rows: [...rows, { id: message.id, text: message.text, isDone: false }] };
    case 'Removed':
      if (secret?.locked.includes(message.id)) throw new Error(`${message.id} is locked`);
      return { ...model, rows: rows.filter(({ id }) => id !== message.id) };
    case 'Toggled':
      return changed({ isDone: !rows.find(({ id }) => id === message.id)?.isDone }, message.id);
    case 'Renamed':
      return changed({ text: message.text }, message.id);
    case 'Raised': {
      const at = rows.findIndex(({ id }) => id === message.id);
      const row = rows[at];
      if (!row) return model;
      return { ...model, rows: [row, ...rows.filter((each) => each !== row)] };
    }
  }
}

const added = ({ fields }: EventData, client: EventClient): ListMessage => ({
  type: 'Added',
  id: client.newId(),
  text: String(fields?.text ?? ''),
  at: client.now(),
});

export const listView = ({ rows, draft }: ListModel) => html`
  <form @submit=${added}>
    <input name="text" .value=${draft} @input=${({ value }: EventData): ListMessage => ({ type: 'Typed', text: value ?? '' })}>
    <button class="add">Add</button>
  </form>
  <output>${rows.length}</output>
  <ul>${keyed(
    rows,
    'id',
    (row) => html`
      <li class=${row.isDone ? 'done' : 'open'}>
        <button class="toggle" @click=${{ type: 'Toggled', id: row.id } satisfies ListMessage}>x</button>
        <input class="name" .value=${row.text} @change=${({ value }: EventData): ListMessage => ({ type: 'Renamed', id: row.id, text: value ?? '' })}>
        <b>${row.text}</b>
        <button class="raise" @click=${{ type: 'Raised', id: row.id } satisfies ListMessage}>up</button>
        <button class="remove" @click=${{ type: 'Removed', id: row.id } satisfies ListMessage}>remove</button>
      </li>
    `,
  )}</ul>
`;

/** What a server knows of it besides. */
export interface ListProps {
  readonly word: string;
  readonly rows: number;
}

export const predictedList = component<ListModel, ListMessage, ListProps>({
  init: ({ word, rows }) => [{ rows: rowsOf(rows), draft: '', secret: { word, locked: [lockedRow] } }, effect.none],
  update: (model, message) => [updateList(model, message), effect.none],
  view: listView,
});
