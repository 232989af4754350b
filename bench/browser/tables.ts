/*
 * Runs in the page: changes a table of 1,000 rows by one view after another's code and tells how long the script took.
 * Layout is forced after each operation, outside of the time, so that no operation pays for the one before.
 */

import { createTable, type Operation, operate, type Table } from '../app/rows.ts';

/**
 * Draws a table into the container it was created for; `operation` is what happened to the last one. A view that draws
 * a little later says when.
 */
export type View = (table: Table, operation: Operation | undefined) => void | Promise<void>;

export type CreateView = (container: HTMLElement) => View;

/** What a bundle of this module offers to the measurement. */
export interface TableBench {
  /** Microseconds of each repetition, per operation. */
  measure(warmup: number, repetitions: number): Promise<{ readonly [operation in Operation]?: readonly number[] }>;
}

const turns: readonly (readonly Operation[])[] = [
  ['one'],
  ['update10'],
  ['swap'],
  ['select'],
  ['append', 'remove'],
  ['prepend', 'remove'],
  ['reverse'],
];

/** Offers `globalThis.tableBench` for one view. */
export function offer(create: CreateView): void {
  const container = document.createElement('main');
  document.body.append(container);
  const view = create(container);
  let table = createTable(1_000);
  void view(table, undefined);
  const bench: TableBench = {
    async measure(warmup, repetitions) {
      const times: Partial<Record<Operation, number[]>> = {};
      for (const operations of turns) {
        // a slow one gets fewer repetitions, and no more time
        const end = performance.now() + 5_000;
        for (let repetition = -warmup; repetition < repetitions; repetition++) {
          if (performance.now() > end) repetition = Math.max(repetition, repetitions - 1);
          for (const operation of operations) {
            table = operate(table, operation);
            const started = performance.now();
            const drawn = view(table, operation);
            if (drawn) await drawn;
            const us = (performance.now() - started) * 1_000;
            container.getBoundingClientRect();
            await nextTask();
            if (repetition < 0) continue;
            times[operation] ??= [];
            times[operation].push(us);
          }
        }
        check(container, table);
      }
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
