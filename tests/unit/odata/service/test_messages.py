"""The Prefer header, and ETags in If-Match."""

from __future__ import annotations

import base64

import pytest

from p2c.odata.service.dialect import DATAVERSE, FNO
from p2c.odata.service.etags import asked_version
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request


def test_preferences_are_split_at_commas_outside_quotes() -> None:
    header = 'return=representation, odata.include-annotations="a,b",Odata.MaxPageSize=5,odata.track-changes'
    assert Request("GET", "", headers={"prefer": header}).preferences() == {
        "return": "representation",
        "odata.include-annotations": "a,b",
        "odata.maxpagesize": "5",
        "odata.track-changes": "",
    }


def test_any_version_will_do_without_a_condition_or_with_an_asterisk() -> None:
    assert asked_version({}, DATAVERSE) is None
    assert asked_version({"if-match": " * "}, FNO) is None


def test_each_product_writes_versions_its_own_way() -> None:
    text = base64.b64encode(b"'12,5637'").decode()
    assert asked_version({"if-match": 'W/"12"'}, DATAVERSE) == 12
    assert asked_version({"if-match": f'W/"{text}"'}, FNO) == 12


@pytest.mark.parametrize("header", ['W/"x"', 'W/"1²"', "", 'W/"JzEs"'])
def test_another_etag_matches_no_row(header: str) -> None:
    for style in (DATAVERSE, FNO):
        if (header, style) == ('W/"JzEs"', FNO):
            continue
        with pytest.raises(RequestError) as caught:
            asked_version({"if-match": header}, style)
        assert caught.value.status == 412
