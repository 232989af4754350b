/** @jsxRuntime automatic @jsxImportSource react */
/*
 * The document of 1,000 rows in React: what it gives can be hydrated.
 */

import { renderToString } from 'react-dom/server';

const Row = ({ row, isSelected }) => (
  <tr className={isSelected ? 'danger' : undefined}>
    <td>{row.id}</td>
    <td>{row.label}</td>
  </tr>
);

const Document = ({ rows, selected }) => (
  <html lang="en">
    <head>
      <meta charSet="utf-8" />
      <title>Rows</title>
    </head>
    <body>
      <table>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} isSelected={row.id === selected} />
          ))}
        </tbody>
      </table>
    </body>
  </html>
);

export const render = (table) => `<!doctype html>${renderToString(<Document {...table} />)}`;
