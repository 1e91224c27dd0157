"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from p2c.settings import Settings, read_settings
from p2c.text import _

Data: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help=_("Where databases lie; otherwise P2C_DATA, else ~/.local/share/prospect-to-cash."),
        show_default=False,
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help=_("Write JSON for programs instead of a table."))]
ShowValues: TypeAlias = Annotated[
    bool, typer.Option("--show-values", help=_("Show personal data as it is; otherwise it is masked."))
]


def settings(data: Path | None) -> Settings:
    """The settings of this command."""
    return read_settings(os.environ, data)
