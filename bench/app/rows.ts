/*
 * The table that everybody renders: its rows and its operations, as plain immutable data.
 * Used by the islet app and by every peer, so that a difference between them is never one of the data.
 */

export interface Row {
  readonly id: number;
  readonly label: string;
}

/** A table's model: enough to render it, and to say what comes next. */
export interface Table {
  readonly rows: readonly Row[];
  readonly selected: number;
  /** The id of the next new row. */
  readonly nextId: number;
  /** Counts the operations; makes each changed label another text than before. */
  readonly tick: number;
}

/** In the order of the buttons above every table. */
export const operations = ['one', 'update10', 'swap', 'select', 'append', 'remove', 'prepend', 'reverse'] as const;

export type Operation = (typeof operations)[number];

/** Operations as they are measured in a browser: a row that comes goes at once, so that the table keeps its size. */
export const turns: readonly (readonly Operation[])[] = [
  ['one'],
  ['update10'],
  ['swap'],
  ['select'],
  ['append', 'remove'],
  ['prepend', 'remove'],
  ['reverse'],
];

/** A table of `count` rows, ids from 1 on. */
export function createTable(count: number): Table {
  const rows = Array.from({ length: count }, (_, index) => createRow(index + 1));
  return { rows, selected: 0, nextId: count + 1, tick: 0 };
}

/** Gives the table after an operation; rows that do not change stay the same objects. */
export function operate(table: Table, operation: Operation): Table {
  const { rows, nextId } = table;
  const tick = table.tick + 1;
  switch (operation) {
    case 'one': {
      // Another row each time, spread over the list: no peer shall live off a row that it has in hand already.
      const index = (tick * 37) % rows.length;
      return { ...table, tick, rows: rows.with(index, relabel(rows[index] as Row, tick)) };
    }
    case 'update10':
      return { ...table, tick, rows: rows.map((row, index) => (index % 10 === 0 ? relabel(row, tick) : row)) };
    case 'swap': {
      const last = rows.length - 2;
      return { ...table, tick, rows: rows.with(1, rows[last] as Row).with(last, rows[1] as Row) };
    }
    case 'select':
      return { ...table, tick, selected: (rows[(tick * 37) % rows.length] as Row).id };
    case 'append':
      return { ...table, tick, nextId: nextId + 1, rows: [...rows, createRow(nextId)] };
    case 'remove':
      return { ...table, tick, rows: rows.toSpliced(1, 1) };
    case 'prepend':
      return { ...table, tick, nextId: nextId + 1, rows: [createRow(nextId), ...rows] };
    case 'reverse':
      return { ...table, tick, rows: rows.toReversed() };
  }
}

function createRow(id: number): Row {
  return { id, label: `row ${id}` };
}

/** The same row with another label. */
export function relabel(row: Row, tick: number): Row {
  return { id: row.id, label: `row ${row.id} v${tick}` };
}
