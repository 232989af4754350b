/*
 * The table in uhtml 4.7.1, rows keyed by `htmlFor`.
 */

import { html, htmlFor, render } from 'uhtml/keyed';
import type { Table } from '../../app/rows.ts';

export function createView(container: Element) {
  const list = {};
  return ({ rows, selected }: Table): void => {
    render(
      container,
      html`<table><tbody>${rows.map(
        (row) =>
          htmlFor(list, row.id)`<tr class=${row.id === selected ? 'danger' : null}><td>${row.id}</td><td>${row.label}</td></tr>`,
      )}</tbody></table>`,
    );
  };
}
