/*
 * Runs in the page: changes a table of 1,000 rows by one view's code and tells how long the script took. Layout is forced
 * after each operation, and timed by itself, so that no operation pays for the one before.
 */

import { createTable, type Operation, operate, type Table } from '../app/rows.ts';

/**
 * Draws a table into the container it was created for; `operation` is what happened to the last one. A view that draws
 * a little later says when.
 */
export type View = (table: Table, operation: Operation | undefined) => void | Promise<void>;

export type CreateView = (container: HTMLElement) => View;

/** Microseconds of each repetition: the script, and the style and layout that follow from it. */
export type Times = {
  readonly [operation in Operation]?: { readonly script: readonly number[]; readonly layout: readonly number[] };
};

/** What a bundle of this module offers to the measurement. */
export interface TableBench {
  /** Does the operations of a turn so many times; slow ones no longer than `maxMs`. */
  measure(turn: readonly Operation[], repetitions: number, maxMs: number): Promise<Times>;
}

/** Offers `globalThis.tableBench` for one view. */
export function offer(create: CreateView): void {
  const container = document.createElement('main');
  document.body.append(container);
  const view = create(container);
  let table = createTable(1_000);
  void view(table, undefined);
  const bench: TableBench = {
    async measure(turn, repetitions, maxMs) {
      const times: { [operation in Operation]?: { script: number[]; layout: number[] } } = {};
      const end = performance.now() + maxMs;
      for (let repetition = 0; repetition < repetitions && performance.now() < end; repetition++) {
        for (const operation of turn) {
          table = operate(table, operation);
          const started = performance.now();
          const drawn = view(table, operation);
          if (drawn) await drawn;
          const changed = performance.now();
          container.getBoundingClientRect();
          const laidOut = performance.now();
          await nextTask();
          times[operation] ??= { script: [], layout: [] };
          times[operation].script.push((changed - started) * 1_000);
          times[operation].layout.push((laidOut - changed) * 1_000);
        }
      }
      check(container, table);
      return times;
    },
  };
  Object.assign(globalThis, { tableBench: bench });
}

/**
 * Lets the page's other tasks run, as between two clicks: islet ends no more than so many turns in a row without that.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** A view that draws nothing would be the fastest of all. */
function check(container: HTMLElement, { rows, selected }: Table): void {
  const drawn = [...container.querySelectorAll('tr')].map(
    (row) => `${row.className} ${[...row.children].map((cell) => cell.textContent).join(' ')}`,
  );
  const expected = rows.map((row) => `${row.id === selected ? 'danger' : ''} ${row.id} ${row.label}`);
  if (drawn.join() !== expected.join()) throw new Error(`the table is not as it should be: ${drawn.slice(0, 5)}`);
}
