"""The three ways in: web chat, HTTP API with widget, command line."""
