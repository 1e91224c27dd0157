"""The trace of a run: run, leg, batch, step, request, with the numbers of the history and no value of a row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from p2c import tracing
from p2c.integrator.outcome import Status
from p2c.odata.client import http
from tests.lab import Company, Lab, found
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    lab.run("accounts")
    return lab


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was exported."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("p2c"))
    yield exporter
    provider.shutdown()


def lineage(span: ReadableSpan, spans: dict[int, ReadableSpan]) -> list[str]:
    """The names of a span's ancestors, the nearest first."""
    names = []
    while span.parent is not None:
        span = spans[span.parent.span_id]
        names.append(span.name)
    return names


def named(told: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in told.get_finished_spans() if span.name == name]


def test_requests_stand_below_steps_batches_legs_and_one_run(founded: Lab, told: InMemorySpanExporter) -> None:
    founded.load("sales", "accounts", [account(CZECH, f"TRACED{n}") for n in range(3)])
    told.clear()
    run = founded.run("accounts")

    spans = {span.context.span_id: span for span in told.get_finished_spans() if span.context is not None}
    (root,) = [span for span in spans.values() if span.parent is None]
    assert dict(root.attributes or {}) == {"p2c.projects": ("accounts",), "p2c.run": run.id, "p2c.status": "completed"}
    legs = named(told, "leg")
    assert [(leg.attributes or {})["p2c.leg_run"] for leg in legs] == [leg.id for leg in run.legs]
    assert all((leg.attributes or {})["p2c.run"] == run.id for leg in legs)
    (writing,) = [span for span in spans.values() if span.name.endswith("UpsertMultiple")]
    assert lineage(writing, spans) == ["write", "batch", "leg", "run"]
    assert [(batch.attributes or {})["p2c.rows"] for batch in named(told, "batch")] == [3, 3]


def test_no_value_of_a_row_stands_in_a_trace(founded: Lab, told: InMemorySpanExporter) -> None:
    rows = [account(CZECH, "SECRET1", name="Žofie Nováková"), account(CZECH, "SECRET2", address1_country="Nowhereland")]
    founded.load("sales", "accounts", rows)
    run = founded.run("accounts")

    assert run.status is Status.WARNING
    everything = " ".join(span.to_json() for span in told.get_finished_spans())
    for value in ("SECRET", "Nováková", "Nov\\u00e1kov\\u00e1", "Nowhereland", "$filter", "Bearer"):
        assert value not in everything


def test_an_environment_that_stays_away_fails_its_request_and_the_run(
    founded: Lab, told: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT", 0.0)
    founded.stop("operations")
    try:
        run = founded.run("accounts")
    finally:
        founded.start("operations")

    assert run.status is Status.ERROR
    (root,) = named(told, "run")
    assert root.status.status_code is StatusCode.ERROR
    assert (root.attributes or {})["error.type"] == "RetryError"
    failed = [span for span in told.get_finished_spans() if (span.attributes or {}).get("http.request.resend_count")]
    assert {(span.attributes or {})["http.request.resend_count"] for span in failed} == {http.ATTEMPTS - 1}
    assert {(span.attributes or {})["p2c.environment"] for span in failed} == {"operations"}
