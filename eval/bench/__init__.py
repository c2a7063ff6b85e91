"""Benchmarks on public data: the whole pipeline, the reader alone, and retrieval alone."""
