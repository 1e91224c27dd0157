"""Manifests and headers are read in both encodings and written as the real service writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.manifest import (
    FieldMapping,
    Manifest,
    PackageEntity,
    check_header,
    read_manifest,
    write_header,
    write_manifest,
)

# What XML 1.0 can hold and a reader does not change: no control characters, no blanks at the ends.
_TEXT = (
    st.text(
        st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=20
    )
    .map(str.strip)
    .filter(bool)
)
_NUMBER = st.integers(0, 999)
_ENTITIES = st.builds(
    PackageEntity,
    name=_TEXT,
    file=_TEXT,
    source_format=_TEXT,
    target=_TEXT,
    fields=st.lists(st.builds(FieldMapping, _TEXT, _TEXT.map(str.upper)), max_size=3).map(tuple),
    unit=_NUMBER,
    level=_NUMBER,
    sequence=_NUMBER,
    fail_level=st.booleans(),
    fail_unit=st.booleans(),
    disabled=st.booleans(),
    refresh=st.sampled_from(["FullPush", "IncrementalPush"]),
)


@given(st.builds(Manifest, _TEXT, _TEXT, st.lists(_ENTITIES, min_size=1, max_size=3).map(tuple)))
def test_what_is_written_is_read_back(manifest: Manifest) -> None:
    assert read_manifest(write_manifest(manifest)) == manifest


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("declared", ["utf-8", "utf-16", None])
def test_the_encoding_is_seen_whatever_the_declaration_says(encoding: str, declared: str | None) -> None:
    text = write_manifest(_manifest()).decode("utf-16")
    start = text.index("?>") + 2
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    assert read_manifest(f"{head}{text[start:]}".encode(encoding)) == _manifest()


def test_elements_that_are_missing_have_their_usual_value() -> None:
    """Many packages leave out order and flags; prefixes and namespaces do not matter."""
    found = read_manifest(
        b"<d:DataManagementPackageManifest xmlns:d='x'><d:PackageEntityList><d:E><d:EntityName>Units</d:EntityName>"
        b"<d:InputFilePath>u.csv</d:InputFilePath><d:SourceFormat>CSV</d:SourceFormat></d:E></d:PackageEntityList>"
        b"</d:DataManagementPackageManifest>"
    )
    assert found.entities == (PackageEntity(name="Units", file="u.csv", source_format="CSV"),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no readable XML"),
        (b"<Other/>", "the root element is Other"),
        (b"<DataManagementPackageManifest/>", "has no entities"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document types are not accepted"),
        (b"\xff\xfe<", "no readable XML"),
        (b"\xc3(", "no readable XML"),
    ],
)
def test_what_is_no_manifest_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(PackageError, match=reason):
        read_manifest(content)


def test_a_header_announces_a_definition_group() -> None:
    check_header(write_header("Customers <in> & out"))
    with pytest.raises(PackageError, match="no header of a data package"):
        check_header(write_header("x").replace("DefinitionGroup".encode("utf-16-le"), "Other".encode("utf-16-le")))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with pytest.raises(PackageError):
        read_manifest(content)


def _manifest() -> Manifest:
    entity = PackageEntity(
        name="Customers V2", file="Customers V2.csv", source_format="CSV", fields=(FieldMapping("Ž", "NAME"),)
    )
    return Manifest("Zákazníci", "", (entity,))
