"""One ASGI layer in front of every route: who may, from where, how much, and what is logged."""
