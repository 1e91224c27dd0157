"""The integrator in numbers, for Prometheus: read from the database when asked, so that all workers are in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from p2c.integrator.jobs import Queue
from p2c.integrator.store import Store

_JOB_STATUSES = ("todo", "doing", "failed")


class Figures(Collector):
    """Collects the metrics; one query a table."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store = store
        self._queue = queue

    def describe(self) -> list[Metric]:
        """Nothing: what is registered is not asked before somebody wants it."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics as they are now."""
        runs = CounterMetricFamily("p2c_runs", "Runs that have ended.", labels=["project", "status"])
        rows = CounterMetricFamily(
            "p2c_rows", "Rows that were read, by what became of them.", labels=["project", "outcome"]
        )
        deleted = CounterMetricFamily("p2c_deleted_rows", "Rows that are gone at the source.", labels=["project"])
        waited = CounterMetricFamily(
            "p2c_waited_seconds",
            "Seconds that requests waited to be sent again, mostly for limits.",
            labels=["project"],
        )
        waiting = GaugeMetricFamily("p2c_rejected_rows_open", "Rejected rows that wait.", labels=["project"])
        success = GaugeMetricFamily(
            "p2c_last_success_timestamp_seconds", "When a run of the project was completed last.", labels=["project"]
        )
        paused = GaugeMetricFamily("p2c_project_paused", "1 where a project is paused.", labels=["project"])
        for item in self._store.figures():
            for status, number in item.runs.items():
                runs.add_metric([item.project, status.value], number)
            counts = asdict(item.counts)
            deleted.add_metric([item.project], counts.pop("deleted"))
            # What was read is the sum of the others.
            del counts["read"]
            for outcome, number in counts.items():
                rows.add_metric([item.project, outcome], number)
            waited.add_metric([item.project], item.waited)
            waiting.add_metric([item.project], item.open_rejections)
            paused.add_metric([item.project], int(item.paused))
            if item.last_success_at is not None:
                success.add_metric([item.project], item.last_success_at.timestamp())
        yield from (runs, rows, deleted, waited, waiting, success, paused, self._jobs())

    def _jobs(self) -> Metric:
        jobs = GaugeMetricFamily("p2c_jobs", "Jobs in the queue.", labels=["status"])
        numbers = Counter(job.status for job in self._queue.jobs())
        for status in _JOB_STATUSES:
            jobs.add_metric([status], numbers[status])
        return jobs


def metrics_text(store: Store, queue: Queue) -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(Figures(store, queue))
    return generate_latest(registry)
