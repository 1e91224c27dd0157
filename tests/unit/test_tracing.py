"""Spans tell names and numbers, never what a row or an error says."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from p2c import tracing
from p2c.errors import StopError
from p2c.tracing import request_span, span, without_keys
from p2c.wiring.traces import set_up_traces


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was exported."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("p2c"))
    yield exporter
    provider.shutdown()


def only(told: InMemorySpanExporter) -> ReadableSpan:
    (found,) = told.get_finished_spans()
    return found


def test_an_error_is_recorded_by_its_kind_and_what_it_says_is_not(told: InMemorySpanExporter) -> None:
    with pytest.raises(StopError), span("leg", {"p2c.leg_run": 7}):
        raise StopError("Žofie Nováková has no address")
    found = only(told)
    assert found.status.status_code is StatusCode.ERROR
    assert found.attributes == {"p2c.leg_run": 7, "error.type": "StopError"}
    assert "Nováková" not in found.to_json()


def test_a_request_tells_method_path_status_and_repetitions(told: InMemorySpanExporter) -> None:
    url = "https://reader:word@sales.example:8401/api/data/v9.2/accounts(name='Žofie')?$filter=name eq 'Žofie'"
    with request_span("sales", "GET", url, secret=False) as request:
        request.sent()
        request.sent()
        request.answered(404)
    found = only(told)
    assert found.name == "GET /api/data/v9.2/accounts(...)"
    assert found.attributes == {
        "p2c.environment": "sales",
        "http.request.method": "GET",
        "server.address": "sales.example",
        "url.path": "/api/data/v9.2/accounts(...)",
        "http.request.resend_count": 1,
        "http.response.status_code": 404,
        "error.type": "404",
    }
    assert found.status.status_code is StatusCode.ERROR


def test_of_an_address_that_is_itself_a_right_only_the_host_is_told(told: InMemorySpanExporter) -> None:
    with request_span("operations", "PUT", "https://blob.example/c/0d9f?sig=abc", secret=True) as request:
        request.sent()
        request.answered(201)
    found = only(told)
    assert (found.name, "url.path" in (found.attributes or {})) == ("PUT", False)
    assert "0d9f" not in found.to_json()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/data/$batch", "/data/$batch"),
        ("/data/CustomersV2(dataAreaId='a',CustomerAccount='x)y/z')", "/data/CustomersV2(...)"),
        ("/data/quotes(1)/quote_details(2)/Microsoft.Close", "/data/quotes(...)/Microsoft.Close"),
        ("/data/accounts(name='never closed", "/data/accounts(...)"),
    ],
)
def test_keys_are_cut_out_of_paths(path: str, shown: str) -> None:
    assert without_keys(path) == shown


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "p2c"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"},
    ],
)
def test_nothing_is_traced_where_nobody_asks(environment: dict[str, str]) -> None:
    assert not set_up_traces(environment)


def test_an_exporter_that_there_is_not_is_warned_of_and_left(caplog: pytest.LogCaptureFixture) -> None:
    assert not set_up_traces({"OTEL_TRACES_EXPORTER": "consol"})
    assert "no exporter is called 'consol'; there are otlp, console, none" in caplog.text


def test_without_the_extra_work_goes_on_and_says_what_is_missing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert not set_up_traces({"OTEL_TRACES_EXPORTER": "otlp"})
    assert "pip install 'prospect-to-cash[otel]'" in caplog.text
