defmodule Bench.SharedCount do
  # The number that all pages show.

  def create do
    :ets.new(__MODULE__, [:named_table, :public])
    :ets.insert(__MODULE__, {:count, 0})
  end

  def read, do: :ets.lookup_element(__MODULE__, :count, 2)
  def add, do: :ets.update_counter(__MODULE__, :count, 1)
end

defmodule Bench.SharedLive do
  # A counter for everybody: who clicks has the change in the answer, all others by publish/subscribe.
  use Phoenix.LiveView

  @topic "shared"

  def mount(_params, _session, socket) do
    if connected?(socket), do: Phoenix.PubSub.subscribe(Bench.PubSub, @topic)
    {:ok, assign(socket, count: Bench.SharedCount.read())}
  end

  def handle_event("up", _value, socket) do
    count = Bench.SharedCount.add()
    Phoenix.PubSub.broadcast_from(Bench.PubSub, self(), @topic, {:changed, count})
    {:noreply, assign(socket, count: count)}
  end

  def handle_info({:changed, count}, socket), do: {:noreply, assign(socket, count: count)}

  def render(assigns) do
    ~H"""
    <div><button phx-click="up">Up</button><output>{@count}</output></div>
    """
  end
end
