/*
 * The floor in the browser: each operation on the table's DOM by hand, with the rows' elements kept by id.
 */

import type { Operation, Row, Table } from '../../app/rows.ts';

export function createView(container: Element) {
  const body = document.createElement('tbody');
  const table = document.createElement('table');
  table.append(body);
  container.replaceChildren(table);
  const template = document.createElement('template');
  template.innerHTML = '<tr><td> </td><td> </td></tr>';
  const elements = new Map<number, HTMLElement>();
  let before: Table | undefined;

  const create = (row: Row): HTMLElement => {
    const element = (template.content.firstChild as HTMLElement).cloneNode(true) as HTMLElement;
    const [id, label] = element.children as unknown as [Element, Element];
    (id.firstChild as Text).data = String(row.id);
    (label.firstChild as Text).data = row.label;
    elements.set(row.id, element);
    return element;
  };
  const of = (row: Row | undefined): HTMLElement => elements.get((row as Row).id) as HTMLElement;

  return (next: Table, operation: Operation | undefined): void => {
    const { rows } = next;
    const old = before?.rows ?? [];
    switch (operation) {
      case undefined:
        body.replaceChildren(...rows.map(create));
        break;
      case 'one':
      case 'update10':
        for (let index = 0; index < rows.length; index++) {
          const row = rows[index] as Row;
          if (row !== old[index]) (of(row).lastElementChild?.firstChild as Text).data = row.label;
        }
        break;
      case 'swap': {
        const second = of(old[1]);
        const last = of(old[old.length - 2]);
        const afterLast = last.nextSibling;
        body.insertBefore(last, second);
        body.insertBefore(second, afterLast);
        break;
      }
      case 'select':
        if (before?.selected) elements.get(before.selected)?.removeAttribute('class');
        elements.get(next.selected)?.setAttribute('class', 'danger');
        break;
      case 'append':
        body.append(create(rows.at(-1) as Row));
        break;
      case 'remove': {
        const gone = old[1] as Row;
        of(gone).remove();
        elements.delete(gone.id);
        break;
      }
      case 'prepend':
        body.prepend(create(rows[0] as Row));
        break;
      case 'reverse':
        body.append(...rows.map(of));
    }
    before = next;
  };
}
