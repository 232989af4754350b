/*
 * The table's view written out by hand, without any marks: what the HTML of the live island is weighed against.
 */

import { operations, type Table } from './rows.ts';

/** The same text as the component's view, as if nothing would ever adopt it. Labels here need no escaping. */
export function plainTable({ rows, selected }: Table): string {
  const buttons = operations.map((name) => `<button>${name}</button>\n`).join('');
  const body = rows
    .map(({ id, label }) => `<tr${id === selected ? ' class="danger"' : ''}><td>${id}</td><td>${label}</td></tr>`)
    .join('');
  return `<div>\n${buttons}<table><tbody>${body}</tbody></table></div>`;
}
