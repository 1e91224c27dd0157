"""A row as a data file has it: texts by column, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAX_VALUE = 1024 * 1024
"""The longest single value, or line, that is read; what is longer is a broken file."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """Row `number` of a file, counted from 1. Columns are in upper case; `problem` says why it cannot be read."""

    number: int
    values: Mapping[str, str]
    problem: str = ""
