"""What the service tells of itself to Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from service.runtime import logs

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000)
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
SPEEDS = (5, 10, 20, 40, 60, 80, 100, 150, 200, 300)


class Metrics:
    """The figures of one server."""

    def __init__(self, available: int) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dance_requests", "Requests answered.", ("route", "status"), registry=self.registry
        )
        self.waiting_seconds = Histogram(
            "dance_waiting_seconds",
            "Time that uploads waited in line.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.analysis_seconds = Histogram(
            "dance_analysis_seconds",
            "Time that analyses took, however they ended.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.speed = Histogram(
            "dance_frames_per_second",
            "Speed of each analysis.",
            buckets=SPEEDS,
            registry=self.registry,
        )
        self.frames = Counter("dance_frames", "Frames analysed.", registry=self.registry)
        self.in_use = Gauge(
            "dance_processes_in_use", "Analyses that run now.", registry=self.registry
        )
        self.available = Gauge(
            "dance_processes_available", "Analyses that may run at once.", registry=self.registry
        )
        self.available.set(available)
        self.arriving = Gauge(
            "dance_arriving", "Uploads that are on their way now.", registry=self.registry
        )
        self.waiting = Gauge("dance_waiting", "Uploads in line now.", registry=self.registry)
        self.refusals = Counter(
            "dance_refusals",
            "Uploads refused for want of a place or of room.",
            registry=self.registry,
        )
        self.crashes = Counter("dance_crashes", "Analyses that broke off.", registry=self.registry)
        self.deadlines = Counter(
            "dance_deadlines", "Analyses stopped at the deadline.", registry=self.registry
        )
        self.upload_bytes = Counter(
            "dance_upload_bytes", "Bytes of videos received.", registry=self.registry
        )
        self.live = Gauge(
            "dance_live_sessions", "Live sessions now.", ("sends",), registry=self.registry
        )
        self.live_frames = Counter(
            "dance_live_frames",
            "Frames of live sessions, by what became of them.",
            ("outcome",),
            registry=self.registry,
        )
        self.latency = Histogram(
            "dance_live_latency_seconds",
            "Time from the arrival of a frame of a live session to the reply's departure.",
            ("sends",),
            buckets=LATENCIES,
            registry=self.registry,
        )
        self.backlog = Gauge(
            "dance_backlog", "Background analyses that wait now.", registry=self.registry
        )
        self.backlog_seconds = Gauge(
            "dance_backlog_seconds",
            "For how long the oldest of them has waited.",
            registry=self.registry,
        )
        self.lost_lines = Gauge(
            "dance_lost_log_lines",
            "Lines of the log that were lost because nobody read it.",
            registry=self.registry,
        )
        self.lost_lines.set_function(logs.lost)

    def analysed(self, seconds: float, frames: int) -> None:
        """Note an analysis that has ended."""
        self.analysis_seconds.observe(seconds)
        self.frames.inc(frames)
        if frames:
            self.speed.observe(frames / seconds)

    def text(self) -> bytes:
        """Give all figures in the Prometheus text format."""
        return generate_latest(self.registry)
