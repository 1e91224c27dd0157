"""Sends traces where the standard variables of OpenTelemetry say."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from p2c.errors import ConfigurationError, nearest

EXPORTER = "OTEL_TRACES_EXPORTER"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_DISABLED = "OTEL_SDK_DISABLED"
_EXPORTERS = ("otlp", "console", "none")
_NAME = "prospect-to-cash"


def set_up_traces(environment: Mapping[str, str]) -> bool:
    """
    Trace this process where the environment names an exporter or an endpoint; the SDK reads the other variables.

    Returns:
        Whether it is traced.

    Raises:
        ConfigurationError: There is no such exporter, or the extra that holds it is not installed.
    """
    wanted = _wanted(environment)
    if wanted == "none":
        return False
    # Most commands are not traced, and should not wait for what they do not use.
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    except ImportError as error:
        raise ConfigurationError(
            "traces are asked for, but what sends them is not installed",
            where="the variables OTEL_*",
            way_out="pip install 'prospect-to-cash[otel]', or set OTEL_SDK_DISABLED=true",
        ) from error
    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if named else {SERVICE_NAME: _NAME}))
    # Standard output belongs to what commands answer.
    exporter = OTLPSpanExporter() if wanted == "otlp" else ConsoleSpanExporter(out=sys.stderr)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return True


def _wanted(environment: Mapping[str, str]) -> str:
    if environment.get(_DISABLED, "").strip().lower() == "true":
        return "none"
    named = environment.get(EXPORTER, "").strip()
    if not named:
        return "otlp" if any(environment.get(name) for name in ENDPOINTS) else "none"
    if named not in _EXPORTERS:
        raise ConfigurationError(
            f"no exporter of traces is called {named!r}", where=EXPORTER, way_out=nearest(named, _EXPORTERS)
        )
    return named
