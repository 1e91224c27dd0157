"""Which resource a path or a reference names."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.query import (
    NamedKey,
    QueryError,
    Segment,
    SingleKey,
    parse_path,
    parse_reference,
    relative_path,
)
from p2c.odata.query.ast import EnumLiteral

GUID = UUID("00000000-0000-0000-0000-00000000000a")
ROOT = "http://127.0.0.1:8401/api/data/v9.2/"
CUSTOMER = Segment("CustomersV3", NamedKey((("dataAreaId", "usmf"), ("CustomerAccount", "US-001"))))


PATHS: list[tuple[str, tuple[Segment, ...]]] = [
    ("", ()),
    ("/", ()),
    ("$metadata", (Segment("$metadata"),)),
    ("$batch", (Segment("$batch"),)),
    ("$1/primarycontactid/$ref", (Segment("$1"), Segment("primarycontactid"), Segment("$ref"))),
    ("accounts/$count", (Segment("accounts"), Segment("$count"))),
    (
        f"/accounts({GUID})/name/$value",
        (Segment("accounts", SingleKey(GUID)), Segment("name"), Segment("$value")),
    ),
    (f"accounts(accountid={GUID})", (Segment("accounts", NamedKey((("accountid", GUID),))),)),
    (
        "accounts(accountnumber='A%2F1''%C5%BE')",
        (Segment("accounts", NamedKey((("accountnumber", "A/1'ž"),))),),
    ),
    ("accounts(accountnumber=%27A/1%27)/", (Segment("accounts", NamedKey((("accountnumber", "A/1"),))),)),
    ("CustomersV3(dataAreaId='usmf',CustomerAccount='US-001')", (CUSTOMER,)),
    ("CustomersV3( dataAreaId = 'usmf', CustomerAccount = 'US-001' )", (CUSTOMER,)),
    (
        "X(k1='a',k2=-2,k3=2024-01-31)",
        (Segment("X", NamedKey((("k1", "a"), ("k2", -2), ("k3", date(2024, 1, 31))))),),
    ),
    (
        "X(Kind=Microsoft.Dynamics.DataEntities.NoYes'Yes')",
        (Segment("X", NamedKey((("Kind", EnumLiteral("Microsoft.Dynamics.DataEntities.NoYes", "Yes")),))),),
    ),
    ("PublicEntities('CustomerV3')", (Segment("PublicEntities", SingleKey("CustomerV3")),)),
    (
        "Labels(Id='@SYS1',Language='en-US')",
        (Segment("Labels", NamedKey((("Id", "@SYS1"), ("Language", "en-US")))),),
    ),
    (
        "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
        (Segment("accounts"), Segment("Microsoft.Dynamics.CRM.CreateMultiple")),
    ),
    (
        "CustomersV3/Microsoft.Dynamics.DataEntities.GetKeys",
        (Segment("CustomersV3"), Segment("Microsoft.Dynamics.DataEntities.GetKeys")),
    ),
    ("WhoAmI()", (Segment("WhoAmI"),)),
    ("WhoAmI", (Segment("WhoAmI"),)),
]


@pytest.mark.parametrize(("path", "segments"), PATHS, ids=[path or "nothing" for path, _ in PATHS])
def test_a_path_of_real_clients_is_read(path: str, segments: tuple[Segment, ...]) -> None:
    assert parse_path(path).segments == segments


def test_arguments_may_be_parameter_aliases() -> None:
    path = parse_path("Labels(Id=@id)", aliases={"@id": "'@SYS1'"})
    assert path.segments == (Segment("Labels", NamedKey((("Id", "@SYS1"),))),)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("accounts(", "a key value"),
        ("accounts('x", "not closed"),
        ("accounts(US)", "apostrophes"),
        ("accounts(a=1,a=2)", "once"),
        ("accounts(a=b)", "apostrophes"),
        ("accounts(1,2)", r"expected '\)'"),
        ("accounts//name", "an entity set"),
        ("accounts name", "the end of the path"),
        ("accounts('%ff')", "UTF-8"),
        ("accounts('%00')", "NUL"),
    ],
)
def test_a_wrong_path_is_refused(path: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        parse_path(path)


@pytest.mark.parametrize(
    "reference",
    [
        f"http://127.0.0.1:8401/api/data/v9.2/accounts({GUID})",
        f"HTTPS://127.0.0.1:8401/api/data/v9.2/accounts({GUID})",
        f"/api/data/v9.2/accounts({GUID})",
        f"/accounts({GUID})",
        f"accounts({GUID})",
        f"accounts({GUID})?cross-company=true",
    ],
)
def test_a_reference_may_be_absolute_or_relative(reference: str) -> None:
    assert parse_reference(reference, ROOT).segments == (Segment("accounts", SingleKey(GUID)),)


def test_a_reference_without_a_known_root_is_relative() -> None:
    assert parse_reference("/accounts(1)", None).segments == (Segment("accounts", SingleKey(1)),)
    assert parse_reference("$1", None).segments == (Segment("$1"),)
    assert parse_reference("accounts(url='http://x')", None).segments == (
        Segment("accounts", NamedKey((("url", "http://x"),))),
    )


_NAMES = st.sampled_from(["accounts", "null", "true", "INF", "a1", "1a", "žluť", str(GUID)])
_VALUES = st.sampled_from([str(GUID), str(GUID).upper(), f"{GUID}0", "1", "x", "A-1", "a/b", "a?b", "%41", "''", "é"])


_FORMS = [
    "({1})",
    "('{1}')",
    "({0}={1})",
    "({0}='{1}')",
    "({0}='{1}',b='1')",
    "(b='1',{0}='{1}')",
    "({0}='',{0}='{1}')",
]


@given(_NAMES, _NAMES, _VALUES, st.sampled_from(_FORMS))
def test_a_short_reference_is_read_like_any_path(name: str, part: str, value: str, form: str) -> None:
    reference = name + form.format(part, value)
    try:
        expected = parse_path(relative_path(reference, ROOT).partition("?")[0])
    except QueryError:
        with pytest.raises(QueryError):
            parse_reference(reference, ROOT)
    else:
        assert parse_reference(reference, ROOT) == expected


@pytest.mark.parametrize(
    ("reference", "root", "words"),
    [
        ("http://elsewhere/api/data/v9.2/accounts(1)", ROOT, "another service"),
        ("http://127.0.0.1:8401/data/accounts(1)", ROOT, "another service"),
        ("http://127.0.0.1:8401/api/data/v9.2/accounts(1)", None, "without the host"),
        ("", ROOT, "no entity"),
        (ROOT, ROOT, "no entity"),
    ],
)
def test_a_reference_to_elsewhere_is_refused(reference: str, root: str | None, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        parse_reference(reference, root)


def test_a_batch_part_keeps_its_query() -> None:
    assert relative_path("/api/data/v9.2/accounts?$top=1", ROOT) == "accounts?$top=1"
    assert relative_path("/api/data/v9.2", ROOT) == ""
    assert relative_path("accounts?$top=1", ROOT) == "accounts?$top=1"
