"""What ``/metrics`` tells of a served sandbox. No label holds a word that a request or a model chose."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from sandbox.types import STATUSES

SECONDS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Metrics:
    """Calls and sessions, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter("sandbox_calls", "Calls by how they ended.", ["status"], registry=self.registry)
        self.running = Gauge("sandbox_calls_running", "Calls that run or wait now.", registry=self.registry)
        self.sessions = Gauge("sandbox_sessions", "Sessions that are open now.", registry=self.registry)
        self.seconds = Histogram(
            "sandbox_call_seconds", "Wall time of a call.", buckets=SECONDS, registry=self.registry
        )
        for status in STATUSES:
            self.calls.labels(status)  # a status that never came up is 0, not absent
