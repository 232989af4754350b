defmodule Bench.Endpoint do
  # Phoenix on Bandit as its generator sets it up, without what no subject has: static files, request ids, telemetry of
  # requests, parsers of bodies. No compression.
  use Phoenix.Endpoint, otp_app: :bench

  @session_options [store: :cookie, key: "_bench_key", signing_salt: "of the session", same_site: "Lax"]

  # the driver is silent while others have their turns: the limit of a minute would stop it
  socket "/live", Phoenix.LiveView.Socket, websocket: [connect_info: [session: @session_options], timeout: 600_000]

  plug Plug.Session, @session_options
  plug Bench.Router
end
