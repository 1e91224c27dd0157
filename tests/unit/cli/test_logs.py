"""Logs for programs: one JSON object a line, whatever is logged."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from p2c.wiring.logs import JsonLines, set_up_logs


@given(st.text(), st.dictionaries(st.sampled_from(["run", "leg_run", "project"]), st.one_of(st.integers(), st.text())))
def test_a_record_is_one_line_with_what_it_was_given(message: str, extra: dict[str, int | str]) -> None:
    record = logging.makeLogRecord({"name": "p2c.run", "levelname": "INFO", "msg": "%s", "args": (message,), **extra})
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert {name: told[name] for name in extra} == extra
    assert (told["message"], told["level"], told["logger"]) == (message, "info", "p2c.run")


def test_an_error_comes_with_its_trace_on_the_same_line() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        record = logging.makeLogRecord(
            {"msg": "failed", "exc_info": sys.exc_info(), "at": datetime(2026, 5, 4, tzinfo=UTC)}
        )
    told = json.loads(JsonLines().format(record))
    assert "ValueError: no" in told["exception"]
    assert told["at"] == "2026-05-04T00:00:00Z"


def test_logs_stay_as_they_are_where_nobody_asks() -> None:
    before = logging.getLogger().handlers[:]
    assert not set_up_logs({})
    assert not set_up_logs({"P2C_LOG": "text"})
    assert logging.getLogger().handlers == before
