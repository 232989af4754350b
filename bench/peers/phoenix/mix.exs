defmodule Bench.MixProject do
  use Mix.Project

  # Exact versions: a figure is one of a version.
  def project do
    [
      app: :bench,
      version: "0.1.0",
      elixir: "~> 1.15",
      deps: [
        {:phoenix, "== 1.8.9"},
        {:phoenix_live_view, "== 1.2.10"},
        {:bandit, "== 1.12.5"},
        {:jason, "== 1.4.5"}
      ]
    ]
  end

  def application, do: [mod: {Bench.Application, []}, extra_applications: [:logger]]
end
