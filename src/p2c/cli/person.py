"""Who gives a command, for the history."""

from __future__ import annotations

import os
import platform
import pwd


def person() -> str:
    """The user's name; where nothing says it, the process' owner and the machine."""
    return os.environ.get("USER") or f"{_owner()}@{platform.node()}"


def _owner() -> str:
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid{number}"
