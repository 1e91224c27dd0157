"""Spans of OpenTelemetry: what runs, legs, batches and requests took, and how they ended.

Where no SDK is set up they cost about 12 microseconds each and go nowhere. They hold names, numbers and kinds of
errors, and nothing that comes from a row: messages of errors quote rows, so they stay out, and so do keys and queries
in URLs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

_tracer = trace.get_tracer("p2c")
_FIRST_ERROR = 400


@contextmanager
def span(
    name: str, attributes: dict[str, AttributeValue] | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> Iterator[Span]:
    """A span around the block, below the one that is open; an error that leaves the block is recorded by its kind."""
    with _tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            fail(current, type(error).__name__)
            raise


def fail(current: Span, kind: str) -> None:
    """The work of the span ended with this kind of error."""
    current.set_attribute("error.type", kind)
    current.set_status(StatusCode.ERROR)


class RequestSpan:
    """One request to an environment, with its repetitions."""

    def __init__(self, current: Span) -> None:
        self._span = current
        self._sent = 0

    def sent(self) -> None:
        """It goes out, for the first time or again."""
        if self._sent:
            self._span.set_attribute("http.request.resend_count", self._sent)
        self._sent += 1

    def answered(self, status: int) -> None:
        """The answer that counts."""
        self._span.set_attribute("http.response.status_code", status)
        if status >= _FIRST_ERROR:
            fail(self._span, str(status))


@contextmanager
def request_span(environment: str, method: str, url: str, *, secret: bool) -> Iterator[RequestSpan]:
    """A span around a request; of a `secret` URL, which is itself the right to what is there, only the host is told."""
    parts = urlsplit(url)
    attributes: dict[str, AttributeValue] = {
        "p2c.environment": environment,
        "http.request.method": method,
        "server.address": parts.hostname or "",
    }
    path = "" if secret else without_keys(parts.path)
    if path:
        attributes["url.path"] = path
    with span(f"{method} {path}".rstrip(), attributes, SpanKind.CLIENT) as current:
        yield RequestSpan(current)


def without_keys(path: str) -> str:
    """A path of OData without the values of its key: `/data/CustomersV2(...)`."""
    before, opening, rest = path.partition("(")
    _, closing, after = rest.rpartition(")")
    return f"{before}(...){after if closing else ''}" if opening else path
