"""`p2c demo`: what a newcomer sees first."""

from __future__ import annotations

import re

from tests.e2e.served import run_p2c


def test_the_demo_delivers_shows_what_is_wrong_and_that_nothing_is_sent_twice() -> None:
    """Rows that are wrong on purpose do not make it fail."""
    ended = run_p2c(["demo"])
    assert ended.code == 0, ended.out + ended.err
    for code in ("COUNTRY-UNKNOWN", "TEXT-TOO-LONG", "CURRENCY-UNKNOWN", "REQUIRED-MISSING", "LOOKUP-NOT-FOUND"):
        assert code in ended.out
    sent = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) rows were sent", ended.out)]
    assert len(sent) == 4
    assert min(sent[:2]) > 0
    assert sent[2:] == [0, 0]
