/** @jsxRuntime automatic @jsxImportSource preact */
/*
 * The table in Preact, rows keyed; a row that is the same object and as selected as before is not rendered again.
 */

import { Component, render } from 'preact';

class Row extends Component {
  shouldComponentUpdate(next) {
    return next.row !== this.props.row || next.isSelected !== this.props.isSelected;
  }

  render({ row, isSelected }) {
    return (
      <tr class={isSelected ? 'danger' : undefined}>
        <td>{row.id}</td>
        <td>{row.label}</td>
      </tr>
    );
  }
}

const TableView = ({ rows, selected }) => (
  <table>
    <tbody>
      {rows.map((row) => (
        <Row key={row.id} row={row} isSelected={row.id === selected} />
      ))}
    </tbody>
  </table>
);

export function createView(container) {
  return (table) => render(<TableView {...table} />, container);
}
