/*
 * The document of 1,000 rows in Solid, compiled by its own preset: what it gives can be hydrated.
 */

import { For } from 'solid-js';
import { renderToString } from 'solid-js/web';

const Row = (props) => (
  <tr class={props.isSelected ? 'danger' : undefined}>
    <td>{props.row.id}</td>
    <td>{props.row.label}</td>
  </tr>
);

const Document = (props) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>Rows</title>
    </head>
    <body>
      <table>
        <tbody>
          <For each={props.rows}>{(row) => <Row row={row} isSelected={row.id === props.selected} />}</For>
        </tbody>
      </table>
    </body>
  </html>
);

export const render = (table) => `<!doctype html>${renderToString(() => <Document {...table} />)}`;
