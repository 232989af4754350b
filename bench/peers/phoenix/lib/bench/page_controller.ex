defmodule Bench.PageController do
  # The document that is not live, and the driver's question about memory.
  use Phoenix.Controller, formats: [:html]
  import Phoenix.Component, only: [sigil_H: 2]

  def rows(conn, _params) do
    assigns = %{table: Bench.Table.create(1_000)}

    page = ~H"""
    <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rows</title></head><body><table><tbody><Bench.Rows.rows
      rows={@table.rows} selected={@table.selected} /></tbody></table></body></html>
    """

    html(conn, Phoenix.HTML.Safe.to_iodata(page))
  end

  # Every process collects its garbage, as a live view does by itself when it has been idle for a while.
  def collect(conn, _params) do
    for process <- Process.list(), do: :erlang.garbage_collect(process)
    text(conn, Integer.to_string(:erlang.memory(:total)))
  end
end
