defmodule Bench.Table do
  # The rows and operations of bench/app/rows.ts, in Elixir: what it gives must be the same, operation by operation.

  @operations ~w(one update10 swap select append remove prepend reverse)

  def operations, do: @operations

  def create(count), do: %{rows: Enum.map(1..count, &row/1), selected: 0, next_id: count + 1, tick: 0}

  def operate(table, operation) do
    tick = table.tick + 1
    change(%{table | tick: tick}, operation, tick)
  end

  def row(id), do: %{id: id, label: "row #{id}"}
  def relabel(%{id: id}, tick), do: %{id: id, label: "row #{id} v#{tick}"}

  defp change(%{rows: rows} = table, "one", tick) do
    %{table | rows: List.update_at(rows, rem(tick * 37, length(rows)), &relabel(&1, tick))}
  end

  defp change(%{rows: rows} = table, "update10", tick) do
    %{table | rows: Enum.map_every(rows, 10, &relabel(&1, tick))}
  end

  defp change(%{rows: rows} = table, "swap", _tick) do
    last = length(rows) - 2
    {second, other} = {Enum.at(rows, 1), Enum.at(rows, last)}
    %{table | rows: rows |> List.replace_at(1, other) |> List.replace_at(last, second)}
  end

  defp change(%{rows: rows} = table, "select", tick) do
    %{table | selected: Enum.at(rows, rem(tick * 37, length(rows))).id}
  end

  defp change(%{rows: rows, next_id: id} = table, "append", _tick) do
    %{table | rows: rows ++ [row(id)], next_id: id + 1}
  end

  defp change(%{rows: [first, _second | others]} = table, "remove", _tick), do: %{table | rows: [first | others]}

  defp change(%{rows: rows, next_id: id} = table, "prepend", _tick) do
    %{table | rows: [row(id) | rows], next_id: id + 1}
  end

  defp change(%{rows: rows} = table, "reverse", _tick), do: %{table | rows: Enum.reverse(rows)}
end
