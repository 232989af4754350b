defmodule Bench.CounterLive do
  # A counter for each page.
  use Phoenix.LiveView

  def mount(_params, _session, socket), do: {:ok, assign(socket, count: 0)}

  def handle_event("up", _value, socket), do: {:noreply, update(socket, :count, &(&1 + 1))}

  def render(assigns) do
    ~H"""
    <div><button phx-click="up">Up</button><output>{@count}</output></div>
    """
  end
end
