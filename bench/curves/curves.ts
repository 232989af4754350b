/*
 * What is measured over its size, each with the exponent that it may have: 0 is a cost that follows the change whatever
 * there is besides, 1 one that grows with it. Input: a size. Output: something to do, again and again, and how many units
 * of work that is.
 */

import { compile } from '../../server/html-parser.ts';
import { memoryStore } from '../../server/store/memory.ts';
import { component, effect, html, keyed, type List, list } from '../../shared/index.ts';
import { drawnBy } from '../../shared/tree/drawn-digest.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { counter, nestedListOf } from '../app/components.ts';
import { createTable, type Row, relabel } from '../app/rows.ts';
import { type MemoryPage, MemoryServer } from './memory-server.ts';

export interface Run {
  /** Does it once more. */
  act(): unknown;
  /** How many units of work that is. Default 1. */
  readonly units?: number;
  /** Puts things back before the next time; this is not measured. */
  reset?(): unknown;
  end?(): unknown;
}

export interface Curve {
  readonly title: string;
  /** What grows. */
  readonly of: string;
  /** What the cost is of. */
  readonly unit: string;
  readonly sizes: readonly number[];
  /** No more than this is the exponent of the work, counted. */
  readonly limit: number;
  open(size: number): Run | Promise<Run>;
}

const rowCounts = [100, 1_000, 10_000, 100_000];

type Rows = readonly Row[] | List<Row>;

const rowView = (row: Row) => html`<tr><td>${row.id}</td><td>${row.label}</td></tr>`;
const tableView = (rows: Rows) => html`<table><tbody>${keyed(rows, 'id', rowView)}</tbody></table>`;

/** A rendering that is brought from one list to the next, which is made from it. */
function rendered(
  first: Rows,
  change: (rows: Rows, time: number) => Rows,
  back?: (rows: Rows) => Rows,
  look: (rendering: Rendering) => void = () => {},
): Run {
  const rendering = new Rendering(compile, new TemplateTable());
  let rows = first;
  let time = 0;
  const show = (next: Rows): void => {
    rows = next;
    rendering.render(tableView(rows));
    rendering.keep();
    look(rendering);
  };
  show(rows);
  return {
    act: () => show(change(rows, ++time)),
    ...(back && { reset: () => show(back(rows)) }),
  };
}

const changeOne =
  (count: number) =>
  (rows: Rows, time: number): Rows => {
    const at = placeOf(time, count);
    return list.with(rows as List<Row>, at, relabel(list.at(rows as List<Row>, at) as Row, time));
  };

const placeOf = (time: number, count: number): number => (time * 37) % count;

/** So many characters of JSON, of which one click changes a hundred. */
const bigModel = (bytes: number) => {
  const count = Math.ceil(bytes / 100);
  return component<{ readonly rows: List<Row>; readonly tick: number }, { readonly type: 'UserClicked' }>({
    name: 'curve-model',
    init: () => [
      { rows: list.from(createTable(count).rows.map(({ id }) => ({ id, label: 'x'.repeat(75) }))), tick: 0 },
      effect.none,
    ],
    update({ rows, tick }) {
      const at = placeOf(tick, count);
      return [
        { rows: list.with(rows, at, { id: at + 1, label: `${tick}`.padEnd(75, 'y') }), tick: tick + 1 },
        effect.none,
      ];
    },
    view: ({ tick }) => html`<button @click=${{ type: 'UserClicked' }}>${tick}</button>`,
  });
};

/** By turns a row comes and goes; and not always at the same place. */
const editedList = (count: number) => {
  interface Model {
    readonly rows: List<Row>;
    readonly tick: number;
  }
  return component<Model, { readonly type: 'UserClicked' }>({
    name: 'curve-table',
    init: () => [{ rows: list.from(createTable(count).rows), tick: 0 }, effect.none],
    update({ rows, tick }) {
      const at = (count >> 1) + placeOf(tick >> 1, 100);
      const next =
        tick % 2 === 0 ? list.insert(rows, at, { id: count + 1 + tick, label: 'another' }) : list.remove(rows, at);
      return [{ rows: next, tick: tick + 1 }, effect.none];
    },
    view: ({ rows }) =>
      html`<ul @click=${{ type: 'UserClicked' }}>${keyed(rows, 'id', ({ id, label }) => html`<li>${id} ${label}</li>`)}</ul>`,
  });
};

async function openAll(server: MemoryServer, count: number, route: (index: number) => string): Promise<MemoryPage[]> {
  const pages: MemoryPage[] = [];
  while (pages.length < count) pages.push(await server.visit(route(pages.length)));
  return pages;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const curves: readonly Curve[] = [
  {
    title: 'one row of an array is changed',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    // an array is copied and compared
    limit: 1,
    open: (size) =>
      rendered(createTable(size).rows, (rows, time) => {
        const at = placeOf(time, size);
        return (rows as readonly Row[]).with(at, relabel((rows as readonly Row[])[at] as Row, time));
      }),
  },
  {
    title: 'one row of a long list is changed',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    // the table of its chunks is copied, one for each 128 rows
    limit: 0.1,
    open: (size) => rendered(list.from(createTable(size).rows), changeOne(size)),
  },
  {
    title: 'the same where it is compared with what the server has drawn',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    limit: 0.1,
    open: (size) => rendered(list.from(createTable(size).rows), changeOne(size), undefined, drawnBy),
  },
  {
    title: 'a row of a long list is removed from its middle',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    limit: 0.2,
    open: (size) => {
      const first = list.from(createTable(size).rows);
      const removed = list.at(first, size >> 1) as Row;
      return rendered(
        first,
        (rows) => list.remove(rows as List<Row>, size >> 1),
        (rows) => list.insert(rows as List<Row>, size >> 1, removed),
      );
    },
  },
  {
    title: 'a row is put into the middle of a long list',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    limit: 0.35,
    open: (size) =>
      rendered(
        list.from(createTable(size).rows),
        (rows) => list.insert(rows as List<Row>, size >> 1, { id: size + 1, label: 'another' }),
        (rows) => list.remove(rows as List<Row>, size >> 1),
      ),
  },
  {
    title: 'a long list gets the first row since it is shown',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    limit: 0.35,
    open: (size) => {
      const first = list.from(createTable(size).rows);
      const next = list.insert(first, size >> 1, { id: size + 1, label: 'another' });
      const begin = (): Run => rendered(first, () => next);
      let run = begin();
      return {
        act: () => run.act(),
        reset: () => {
          run = begin();
        },
      };
    },
  },
  {
    title: 'the first row of a long list becomes its last, and the last its first',
    of: 'rows',
    unit: 'a rendering',
    sizes: rowCounts,
    limit: 0.2,
    open: (size) =>
      rendered(list.from(createTable(size).rows), (rows, time) =>
        time % 2 === 0 ? list.move(rows as List<Row>, -1, 0) : list.move(rows as List<Row>, 0, -1),
      ),
  },
  {
    title: 'every second row is removed',
    of: 'rows',
    unit: 'a row',
    sizes: rowCounts,
    limit: 0.1,
    open: (size) => {
      const { rows } = createTable(size);
      const half = rows.filter(({ id }) => id % 2 === 1);
      return {
        ...rendered(
          rows,
          () => half,
          () => rows,
        ),
        units: size,
      };
    },
  },
  {
    title: 'a table is rendered for the first time, and written as HTML',
    of: 'rows',
    unit: 'a row',
    sizes: rowCounts,
    limit: 0.05,
    open: (size) => {
      const { rows } = createTable(size);
      return {
        units: size,
        act: () => {
          const rendering = new Rendering(compile, new TemplateTable());
          rendering.render(tableView(rows));
          return renderContent(rendering.content);
        },
      };
    },
  },
  {
    title: 'a button in a template in a row of a long list is clicked',
    of: 'rows',
    unit: 'a click',
    sizes: rowCounts,
    limit: 0.1,
    async open(size) {
      const server = new MemoryServer();
      server.route('/nested', nestedListOf(size));
      const page = await server.visit('/nested');
      let time = 0;
      // ids count in document order: the root, then row and button, row and button
      return { act: () => page.click(2 * placeOf(++time, size) + 3, 0), end: () => server.close() };
    },
  },
  {
    title: 'a shared counter is clicked',
    of: 'subscribers',
    unit: 'a delivery',
    sizes: [10, 100, 1_000, 10_000],
    limit: 0.05,
    async open(size) {
      const server = new MemoryServer();
      server.route('/shared', counter, { shared: true });
      const pages = await openAll(server, size, () => '/shared');
      const [clicks, ...others] = pages as [MemoryPage, ...MemoryPage[]];
      const act = () => Promise.all([...others.map((page) => page.next()), clicks.click(1, 0)]);
      return { act, units: size, end: () => server.close() };
    },
  },
  {
    title: 'one of many counters is clicked',
    of: 'actors',
    unit: 'a click',
    sizes: [10, 100, 1_000, 10_000],
    limit: 0.05,
    async open(size) {
      const server = new MemoryServer();
      server.route('/counter', counter);
      const pages = await openAll(server, size, () => '/counter');
      let time = 0;
      return { act: () => pages[placeOf(++time, size)]?.click(1, 0), end: () => server.close() };
    },
  },
  {
    title: 'a page joins, and its connection is lost',
    of: 'other pages',
    unit: 'a visit',
    sizes: [10, 100, 1_000, 10_000],
    limit: 0.05,
    async open(size) {
      const server = new MemoryServer();
      server.route('/counter', counter);
      await openAll(server, size, () => '/counter');
      const act = async (): Promise<void> => {
        (await server.visit('/counter')).transport.terminate();
        await turn();
      };
      return { act, end: () => server.close() };
    },
  },
  {
    title: 'a page joins one of many routes with a parameter',
    of: 'routes',
    unit: 'a join',
    sizes: [1, 10, 100, 1_000],
    limit: 0.05,
    async open(size) {
      const server = new MemoryServer();
      for (let index = 0; index < size; index++) server.route(`/route${index}/:id`, counter);
      let time = 0;
      const act = async (): Promise<void> => {
        (await server.visit(`/route${size - 1}/${++time}`)).transport.close(1000, '');
        await turn();
      };
      return { act, end: () => server.close() };
    },
  },
  {
    title: 'a page joins all of its islands',
    of: 'islands',
    unit: 'an island',
    sizes: [1, 4, 20, 100, 400],
    limit: 0.05,
    async open(size) {
      const server = new MemoryServer();
      server.route('/counter', counter);
      const routes = Array.from({ length: size }, () => '/counter');
      const act = async (): Promise<void> => {
        const page = await server.open();
        await page.join(...routes);
        page.transport.close(1000, '');
        await turn();
      };
      return { act, units: size, end: () => server.close() };
    },
  },
  {
    title: 'a click changes a hundred bytes of a model that is committed',
    of: 'bytes',
    unit: 'a click',
    sizes: [20_000, 100_000, 1_000_000, 3_500_000],
    limit: 0.4,
    async open(size) {
      const store = memoryStore();
      const server = new MemoryServer({ store });
      server.route('/model', bigModel(size), { shared: true, persist: true });
      const page = await server.visit('/model');
      // the first commit writes all of it
      await page.click(1, 0);
      return { act: () => page.click(1, 0), end: () => server.close() };
    },
  },
  {
    title: 'a row is put into the middle of a long list that is committed, or removed',
    of: 'rows',
    unit: 'a click',
    sizes: [1_000, 10_000, 40_000],
    limit: 0.2,
    async open(size) {
      const server = new MemoryServer({ store: memoryStore() });
      server.route('/table', editedList(size), { shared: true, persist: true });
      const page = await server.visit('/table');
      // the first commit writes all of it
      await page.click(1, 0);
      return { act: () => page.click(1, 0), end: () => server.close() };
    },
  },
];
