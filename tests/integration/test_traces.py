"""Traces arrive at a collector that the standard variables name, by OTLP over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PROGRAM = """
import os
from p2c.tracing import span
from p2c.wiring.traces import set_up_traces
set_up_traces(os.environ)
with span("run", {"p2c.run": 12}):
    pass
"""


class Collector:
    """Takes what is sent to `/v1/traces`."""

    def __init__(self) -> None:
        self.taken: list[ExportTraceServiceRequest] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                collector.taken.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """One on a free port."""
    made = Collector()
    serving = threading.Thread(target=made.server.serve_forever)
    serving.start()
    yield made
    made.server.shutdown()
    serving.join()
    made.server.server_close()


@pytest.mark.parametrize(("named", "name"), [({}, "prospect-to-cash"), ({"OTEL_SERVICE_NAME": "mine"}, "mine")])
def test_a_process_sends_its_spans_before_it_ends(collector: Collector, named: dict[str, str], name: str) -> None:
    own = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    endpoint = f"http://127.0.0.1:{collector.server.server_port}"
    environment = {**own, **named, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, timeout=60)

    (request,) = collector.taken
    (resource,) = request.resource_spans
    attributes = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert attributes["service.name"] == name
    (sent,) = resource.scope_spans[0].spans
    assert (sent.name, sent.attributes[0].key, sent.attributes[0].value.int_value) == ("run", "p2c.run", 12)
