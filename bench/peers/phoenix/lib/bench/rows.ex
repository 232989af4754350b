defmodule Bench.Rows do
  # The rows, once for the live table and once for the document.
  use Phoenix.Component

  attr :rows, :list, required: true
  attr :selected, :integer, required: true

  def rows(assigns) do
    ~H"""
    <tr :for={row <- @rows} :key={row.id} class={if row.id == @selected, do: "danger"}><td>{row.id}</td><td>{row.label}</td></tr>
    """
  end
end
