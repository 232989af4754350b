defmodule Bench.Layouts do
  # The page around a live view: what a client needs to join it.
  use Phoenix.Component
  import Plug.CSRFProtection, only: [get_csrf_token: 0]

  def root(assigns) do
    ~H"""
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="csrf-token" content={get_csrf_token()} /><title>bench</title></head>
    <body>{@inner_content}</body></html>
    """
  end
end
