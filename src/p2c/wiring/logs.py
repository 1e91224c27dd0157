"""Logs as JSON, one object a line, for programs that gather them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from opentelemetry import trace

VARIABLE = "P2C_LOG"
"""Environment variable: `json` for lines of JSON."""
JSON = "json"
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and what the record was given besides."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_trace(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encoder.encode(line).decode()


def _trace() -> dict[str, object]:
    """The span that the record belongs to, by the names that collectors know; nothing where none is traced."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(current.trace_id), "span_id": trace.format_span_id(current.span_id)}


def set_up_logs(environment: Mapping[str, str]) -> bool:
    """
    Write logs as lines of JSON on standard error, from the level info on, where the environment asks for it.

    Returns:
        Whether it did.
    """
    if environment.get(VARIABLE) != JSON:
        return False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("p2c").setLevel(logging.INFO)
    return True
