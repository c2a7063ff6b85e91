"""Figures for Prometheus, in a registry of their own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What one server counts."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        self.requests = Counter(
            "groundwire_requests",
            "Requests by route, method and status.",
            ["route", "method", "status"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "groundwire_request_seconds",
            "Time from a request's head to the end of its response.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.refused = Counter(
            "groundwire_refused", "Requests refused, by reason.", ["reason"], registry=registry
        )
        self.answers = Counter(
            "groundwire_answers",
            "Questions by outcome: answered, abstained, failed, timed_out.",
            ["outcome"],
            registry=registry,
        )
        self.stage_seconds = Histogram(
            "groundwire_stage_seconds",
            "Time of each stage of an answer.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.waiting = Gauge(
            "groundwire_waiting", "Questions that wait for a worker.", registry=registry
        )
        self.running = Gauge("groundwire_running", "Questions being answered.", registry=registry)
        self.articles = Gauge(
            "groundwire_articles", "Articles in the current generation.", registry=registry
        )
        self.generation = Gauge(
            "groundwire_generation_info",
            "The current generation, as a label.",
            ["generation"],
            registry=registry,
        )

    def text(self) -> bytes:
        """All figures in the Prometheus text form."""
        return generate_latest(self.registry)
