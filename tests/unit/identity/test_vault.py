"""Secrets at rest: sealed values open with the key file, for their purpose, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.database.vault import FILE, Vault, open_vault
from p2c.errors import ConfigurationError

VAULT = Vault({"k": bytes(range(32))})


@given(st.text(), st.text())
def test_what_is_sealed_opens_for_the_same_purpose(secret: str, purpose: str) -> None:
    assert VAULT.open(VAULT.seal(secret, purpose), purpose) == secret


def test_a_sealed_value_does_not_contain_the_secret_and_differs_every_time() -> None:
    first, second = VAULT.seal("hunter2", "p"), VAULT.seal("hunter2", "p")
    assert "hunter2" not in first
    assert first != second


def test_a_value_sealed_for_another_purpose_does_not_open() -> None:
    """Copying one connection's secret into another's row gains nothing."""
    with pytest.raises(ConfigurationError, match="does not open"):
        VAULT.open(VAULT.seal("hunter2", "connection a"), "connection b")


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_changed_value_does_not_open(place: int, character: str) -> None:
    sealed = VAULT.seal("hunter2", "p")
    place %= len(sealed)
    changed = sealed[:place] + character + sealed[place + 1 :]
    if changed == sealed:
        return
    # The last character of base64 may carry bits that mean nothing.
    try:
        assert VAULT.open(changed, "p") == "hunter2"
        assert place >= len(sealed.rstrip("=")) - 1
    except ConfigurationError:
        pass


def test_the_key_file_is_for_this_user_only_and_stays_the_same(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path).seal("hunter2", "p")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert open_vault(tmp_path).open(sealed, "p") == "hunter2"


def test_a_key_file_that_others_may_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    open_vault(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_vault(tmp_path)


def test_the_newest_key_seals_and_older_ones_still_open() -> None:
    sealed = VAULT.seal("hunter2", "p")
    both = Vault({"k": bytes(range(32)), "newer": bytes(32)})
    assert both.open(sealed, "p") == "hunter2"
    assert both.seal("hunter2", "p").startswith("v1.newer.")


@pytest.mark.parametrize("content", ["", "nonsense", "k:short", "k:???", "ü"])
def test_a_key_file_that_was_damaged_is_refused(tmp_path: Path, content: str) -> None:
    open_vault(tmp_path)
    (tmp_path / FILE).write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=FILE):
        open_vault(tmp_path)


def test_without_the_key_the_error_names_what_to_bring_back(tmp_path: Path) -> None:
    sealed = VAULT.seal("hunter2", "connection sales")
    with pytest.raises(ConfigurationError, match=f"connection sales.*{FILE}"):
        open_vault(tmp_path).open(sealed, "connection sales")


def test_a_vault_shows_no_key() -> None:
    assert repr(VAULT) == "Vault(k)"
