/*
 * The table in lit, rows keyed by `repeat`.
 */

import { html, nothing, render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Table } from '../../app/rows.ts';

export function createView(container: HTMLElement) {
  return ({ rows, selected }: Table): void => {
    render(
      html`<table><tbody>${repeat(
        rows,
        (row) => row.id,
        (row) => html`<tr class=${row.id === selected ? 'danger' : nothing}><td>${row.id}</td><td>${row.label}</td></tr>`,
      )}</tbody></table>`,
      container,
    );
  };
}
