# Production mode: no code reloading, no debug output; requests are not logged, as no other subject logs them.
import Config

config :bench, Bench.Endpoint,
  adapter: Bandit.PhoenixAdapter,
  server: true,
  url: [host: "127.0.0.1"],
  http: [ip: {127, 0, 0, 1}, port: 0, http_options: [compress: false]],
  pubsub_server: Bench.PubSub,
  live_view: [signing_salt: "of the measurement"],
  # secrets of a program that only listens on its own machine
  secret_key_base: String.duplicate("a secret of the measurement ", 3)

config :logger, level: :warning
config :phoenix, json_library: Jason
