defmodule Bench.TableLive do
  # A table whose rows are in the assigns: 1,000, or 10,000.
  use Phoenix.LiveView

  def mount(_params, _session, socket) do
    count = if socket.assigns.live_action == :table10k, do: 10_000, else: 1_000
    {:ok, assign(socket, table: Bench.Table.create(count), operations: Bench.Table.operations())}
  end

  def handle_event(operation, _value, socket) do
    {:noreply, update(socket, :table, &Bench.Table.operate(&1, operation))}
  end

  def render(assigns) do
    ~H"""
    <div><button :for={name <- @operations} phx-click={name}>{name}</button>
    <table><tbody><Bench.Rows.rows rows={@table.rows} selected={@table.selected} /></tbody></table></div>
    """
  end
end
