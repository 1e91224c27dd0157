"""Who did something is known also where the shell does not say it."""

from __future__ import annotations

import os
import platform
import pwd

import pytest

from p2c.cli.person import person


def test_the_shell_says_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "jana")
    assert person() == "jana"


@pytest.mark.parametrize("user", [None, ""])
def test_elsewhere_it_is_the_owner_of_the_process_on_its_machine(
    monkeypatch: pytest.MonkeyPatch, user: str | None
) -> None:
    monkeypatch.delenv("USER", raising=False)
    if user is not None:
        monkeypatch.setenv("USER", user)
    assert person() == f"{pwd.getpwuid(os.getuid()).pw_name}@{platform.node()}"


def test_an_owner_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As containers have them that run under any number."""
    monkeypatch.delenv("USER", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2_000_123_456)
    assert person() == f"uid2000123456@{platform.node()}"
