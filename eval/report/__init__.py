"""Last step: a run → what people and machines read. One module a format; `write` makes a folder."""
