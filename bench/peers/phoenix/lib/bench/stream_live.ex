defmodule Bench.StreamLive do
  # The same 1,000 rows as a stream: the page has them, the server keeps their ids alone, as a database would have them.
  # Operations that a stream has no short way for are not offered.
  use Phoenix.LiveView
  alias Bench.Table

  def mount(_params, _session, socket) do
    %{rows: rows, next_id: next_id} = Table.create(1_000)

    {:ok,
     socket
     |> assign(ids: Enum.map(rows, & &1.id), next_id: next_id, tick: 0, operations: ~w(one update10 append remove prepend))
     |> stream(:rows, rows)}
  end

  def handle_event(operation, _value, socket) do
    tick = socket.assigns.tick + 1
    {:noreply, socket |> assign(tick: tick) |> change(operation, tick)}
  end

  defp change(%{assigns: %{ids: ids}} = socket, "one", tick) do
    stream_insert(socket, :rows, changed(Enum.at(ids, rem(tick * 37, length(ids))), tick))
  end

  defp change(%{assigns: %{ids: ids}} = socket, "update10", tick) do
    ids |> Enum.take_every(10) |> Enum.reduce(socket, &stream_insert(&2, :rows, changed(&1, tick)))
  end

  defp change(%{assigns: %{ids: ids, next_id: id}} = socket, "append", _tick) do
    socket |> assign(ids: ids ++ [id], next_id: id + 1) |> stream_insert(:rows, Table.row(id))
  end

  defp change(%{assigns: %{ids: [first, second | others]}} = socket, "remove", _tick) do
    socket |> assign(ids: [first | others]) |> stream_delete_by_dom_id(:rows, "rows-#{second}")
  end

  defp change(%{assigns: %{ids: ids, next_id: id}} = socket, "prepend", _tick) do
    socket |> assign(ids: [id | ids], next_id: id + 1) |> stream_insert(:rows, Table.row(id), at: 0)
  end

  defp changed(id, tick), do: Table.relabel(%{id: id}, tick)

  def render(assigns) do
    ~H"""
    <div><button :for={name <- @operations} phx-click={name}>{name}</button>
    <table><tbody id="rows" phx-update="stream"><tr :for={{dom_id, row} <- @streams.rows} id={dom_id}><td>{row.id}</td><td>{row.label}</td></tr></tbody></table></div>
    """
  end
end
