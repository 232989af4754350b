/*
 * The measured board: a counter, a text that is shown as it is typed, and 1,000 rows that are ticked, moved and
 * deleted. Written as a user would write it; the server and the page's script have the same code.
 */

import { component, type EventData, effect, html, keyed } from '../../shared/index.ts';

interface BoardRow {
  readonly id: string;
  readonly title: string;
  readonly isDone: boolean;
}

export interface Board {
  readonly count: number;
  readonly draft: string;
  readonly rows: readonly BoardRow[];
}

export type BoardMessage =
  | { readonly type: 'UserClickedUp' }
  | { readonly type: 'UserTyped'; readonly text: string }
  | { readonly type: 'UserToggled' | 'UserDeleted' | 'UserMoved'; readonly id: string };

/** What is measured, in the order of the tables. */
export const boardActions = ['up', 'toggle', 'delete', 'move', 'text'] as const;

export type BoardAction = (typeof boardActions)[number];

export const rowCount = 1_000;

/** A row goes up by so many places. */
const moveBy = 5;

export const rowId = (index: number): string => `r${index}`;

export function createBoard(): Board {
  const rows = Array.from({ length: rowCount }, (_, index) => ({
    id: rowId(index),
    title: `Thing ${index}`,
    isDone: false,
  }));
  return { count: 0, draft: '', rows };
}

export function updateBoard(board: Board, message: BoardMessage): Board {
  const { rows } = board;
  if (message.type === 'UserClickedUp') return { ...board, count: board.count + 1 };
  if (message.type === 'UserTyped') return { ...board, draft: message.text };
  const at = rows.findIndex(({ id }) => id === message.id);
  const row = rows[at];
  if (!row) return board;
  switch (message.type) {
    case 'UserToggled':
      return { ...board, rows: rows.with(at, { ...row, isDone: !row.isDone }) };
    case 'UserDeleted':
      return { ...board, rows: rows.toSpliced(at, 1) };
    case 'UserMoved':
      return { ...board, rows: rows.toSpliced(at, 1).toSpliced(Math.max(0, at - moveBy), 0, row) };
  }
}

const rowView = ({ id, title, isDone }: BoardRow) => html`
  <li class=${isDone ? 'done' : null}>
    <button class="toggle" @click=${{ type: 'UserToggled', id } satisfies BoardMessage}>x</button>
    <span>${title}</span>
    <button class="move" @click=${{ type: 'UserMoved', id } satisfies BoardMessage}>up</button>
    <button class="delete" @click=${{ type: 'UserDeleted', id } satisfies BoardMessage}>delete</button>
  </li>
`;

export const board = component<Board, BoardMessage>({
  name: 'bench-board',
  init: () => [createBoard(), effect.none],
  update: (model, message) => [updateBoard(model, message), effect.none],
  view: ({ count, draft, rows }) => html`<div>
    <button class="up" @click=${{ type: 'UserClickedUp' } satisfies BoardMessage}>Up</button><output>${count}</output>
    <input class="text" .value=${draft} @input=${({ value = '' }: EventData): BoardMessage => ({ type: 'UserTyped', text: value })}><p>${draft}</p>
    <ul>${keyed(rows, 'id', rowView)}</ul>
  </div>`,
});
