"""Figures for a monitoring system, in Prometheus' text format."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ingest.index import Generation
from service.answers import Answer

_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 2, 5)


class Metrics:
    """Counters of one application; a registry of its own, so that two applications do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "scrutineer_http_requests",
            "Requests answered, by route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._answers = Counter(
            "scrutineer_answers", "Answers given, by status.", ("status",), registry=self._registry
        )
        self._seconds = Histogram(
            "scrutineer_ask_seconds",
            "Seconds from question to answer.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._index = Gauge(
            "scrutineer_index_passages",
            "Passages of the served generation.",
            ("generation",),
            registry=self._registry,
        )

    def request(self, method: str, route: str, status: int) -> None:
        """Count one request. `route` is the path's pattern, never the path as sent."""
        self._requests.labels(method, route, str(status)).inc()

    def answered(self, answer: Answer) -> None:
        """Count one answer and the time that it took."""
        self._answers.labels(answer.status).inc()
        self._seconds.observe(answer.took_ms / 1000)

    def text(self, generation: Generation) -> bytes:
        """Return all figures, with the generation that is served now."""
        self._index.clear()
        self._index.labels(generation.id).set(len(generation.passages))
        return generate_latest(self._registry)
