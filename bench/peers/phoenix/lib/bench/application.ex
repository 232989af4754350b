defmodule Bench.Application do
  # Starts what the measured routes need, says where it listens, and ends with the driver that started it: a driver that was
  # stopped closes standard input.
  use Application

  @impl true
  def start(_type, _args) do
    Bench.SharedCount.create()
    children = [{Phoenix.PubSub, name: Bench.PubSub}, Bench.Endpoint]
    {:ok, supervisor} = Supervisor.start_link(children, strategy: :one_for_one, name: Bench.Supervisor)
    {:ok, {_address, port}} = Bench.Endpoint.server_info(:http)
    IO.puts("listening on http://127.0.0.1:#{port}")
    spawn(&stop_at_end_of_input/0)
    {:ok, supervisor}
  end

  defp stop_at_end_of_input do
    case IO.read(:stdio, :line) do
      line when is_binary(line) -> stop_at_end_of_input()
      _end_or_error -> System.halt(0)
    end
  end
end
