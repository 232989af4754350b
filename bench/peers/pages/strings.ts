/*
 * The floor of server rendering: the document put together by hand, every value escaped.
 */

import type { Table } from '../../app/rows.ts';

const special = /[&<>"']/;
const everySpecial = /[&<>"']/g;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function render({ rows, selected }: Table): string {
  let html = '';
  for (const row of rows) {
    const attribute = row.id === selected ? ' class="danger"' : '';
    html += `<tr${attribute}><td>${escape(row.id)}</td><td>${escape(row.label)}</td></tr>`;
  }
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rows</title></head><body><table><tbody>' +
    `${html}</tbody></table></body></html>`
  );
}

function escape(value: string | number): string {
  const text = String(value);
  return special.test(text) ? text.replace(everySpecial, (character) => entities[character] as string) : text;
}
