"""The seed articles, byte for byte, and `articles.toml` with a readable title for each."""
