"""A package's zip is read within bounds."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.packages import archive as bounds
from p2c.odata.packages.archive import Archive
from p2c.odata.packages.errors import PackageError


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """A zip with these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def test_members_are_found_in_any_case_and_below_a_folder() -> None:
    """Packages made by hand often have both."""
    archive = Archive(packed({"My package/manifest.XML": b"x"}))
    assert archive.small("Manifest.xml") == b"x"
    with pytest.raises(PackageError, match="no file 'other"):
        archive.open("other.csv")


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_MEMBERS", 2)
    with pytest.raises(PackageError, match="3 files"):
        Archive(packed(dict.fromkeys("abc", b"")))


def test_a_package_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_UNPACKED", 10)
    with pytest.raises(PackageError, match="unpacks to more"):
        Archive(packed({"a": b"x" * 11}))


def test_a_file_packed_too_tightly_is_refused_unless_it_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros shrink a thousandfold; data does not."""
    content = {"a": b"0" * 100_000}
    Archive(packed(content))
    monkeypatch.setattr(bounds, "RATIO_FREE", 1000)
    with pytest.raises(PackageError, match="packed more than 200 times"):
        Archive(packed(content))


def test_a_describing_file_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_DESCRIPTION", 3)
    with pytest.raises(PackageError, match="larger than"):
        Archive(packed({"a": b"xxxx"})).small("a")


@given(st.binary(max_size=200), st.integers(0, 150), st.integers(0, 255))
def test_a_damaged_zip_is_refused_or_read(content: bytes, place: int, value: int) -> None:
    damaged = bytearray(packed({"Manifest.xml": content}).getvalue())
    damaged[place % len(damaged)] = value
    try:
        Archive(io.BytesIO(bytes(damaged))).small("Manifest.xml")
    except PackageError as error:
        assert str(error)
