"""Sends traces where the standard variables of OpenTelemetry say."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

EXPORTER = "OTEL_TRACES_EXPORTER"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_DISABLED = "OTEL_SDK_DISABLED"
_OTLP, _CONSOLE, _NONE = "otlp", "console", "none"
_NAME = "prospect-to-cash"
_log = logging.getLogger("p2c.traces")


def set_up_traces(environment: Mapping[str, str]) -> bool:
    """
    Trace this process where the environment names an exporter or an endpoint; the SDK reads the other variables.

    What cannot be had is warned of and left, as OpenTelemetry wants it: work does not fail because nobody watches.

    Returns:
        Whether it is traced.
    """
    wanted = _wanted(environment)
    if not wanted:
        return False
    # Most commands are not traced, and should not wait for what they do not use.
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    except ImportError:
        _log.warning("OTEL_* asks for traces; install what sends them: pip install 'prospect-to-cash[otel]'")
        return False
    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if named else {SERVICE_NAME: _NAME}))
    for name in wanted:
        # Standard output belongs to what commands answer.
        exporter = OTLPSpanExporter() if name == _OTLP else ConsoleSpanExporter(out=sys.stderr)
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return True


def _wanted(environment: Mapping[str, str]) -> list[str]:
    """The exporters to use; OTLP where only an endpoint is named."""
    if environment.get(_DISABLED, "").strip().lower() == "true":
        return []
    named = [name.strip() for name in environment.get(EXPORTER, "").split(",") if name.strip()]
    if not named:
        return [_OTLP] if any(environment.get(name) for name in ENDPOINTS) else []
    for name in set(named) - {_OTLP, _CONSOLE, _NONE}:
        _log.warning("%s: no exporter is called %r; there are %s, %s, %s", EXPORTER, name, _OTLP, _CONSOLE, _NONE)
    return [name for name in dict.fromkeys(named) if name in (_OTLP, _CONSOLE)]
