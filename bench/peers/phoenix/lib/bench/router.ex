defmodule Bench.Router do
  # The live routes, the document of 1,000 rows, and what the driver asks for.
  use Phoenix.Router
  import Phoenix.LiveView.Router

  pipeline :browser do
    plug :accepts, ["html"]
    plug :fetch_session
    plug :fetch_live_flash
    plug :put_root_layout, html: {Bench.Layouts, :root}
    plug :protect_from_forgery
    plug :put_secure_browser_headers
  end

  scope "/bench", Bench do
    pipe_through :browser
    live "/counter", CounterLive
    live "/shared", SharedLive
    live "/table", TableLive, :table
    live "/table10k", TableLive, :table10k
    live "/stream", StreamLive
  end

  scope "/bench", Bench do
    get "/ssr", PageController, :rows
    get "/collect", PageController, :collect
  end
end
