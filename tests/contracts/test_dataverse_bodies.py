"""Bodies that the Dataverse dialect refuses, each with the code of its trouble."""

from __future__ import annotations

import pytest

from tests.contracts.caller import Caller


@pytest.mark.parametrize(
    ("values", "code", "named"),
    [
        ({"nam": "x"}, "0x80048d19", "did you mean 'name'?"),
        ({"citid@odata.bind": "/cities(1)"}, "0x80048d19", "did you mean 'cityid'?"),
        ({"name": "x" * 101}, "0x80044331", "100"),
        ({"age": "three"}, "0x80048d19", "age"),
        ({"age": 2**31}, "0x8004432f", "age"),
        ({"kind": 9}, "0x8004431a", "kind"),
        ({"name": ""}, "0x80040200", "name"),
        ({"name": None}, "0x80040200", "name"),
        ({"born": "2024-13-01"}, "0x80048d19", "born"),
        ({"name": "a\0b"}, "0x80060888", ""),
        ({"wealth": 10**60}, "0x80044330", "wealth"),
    ],
)
def test_a_value_that_does_not_fit_is_400_and_named(
    people: Caller, values: dict[str, object], code: str, named: str
) -> None:
    answer = people("POST", "people", {"name": "Ada", **values})
    assert (answer.status, answer.code) == (400, code)
    assert named in answer.message
    assert people.rows("people") == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"name":"\xff"}', b"{" + b'"a":[' * 100_000, b'{"name":"\\ud800"}']
)
def test_a_malformed_body_is_400(people: Caller, body: bytes) -> None:
    answer = people("POST", "people", raw=body)
    assert (answer.status, answer.code) == (400, "0x80048d19")


def test_a_body_or_url_beyond_the_limit_is_refused(people: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2c.odata.service.core.MAX_BODY", 1024 * 1024)
    large = people("POST", "people", {"name": "x" * 1024 * 1024})
    assert large.status == 413
    assert people("GET", "people?$filter=" + "a" * 33_000).status == 414
