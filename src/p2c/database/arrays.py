"""Lists as one parameter of a statement, written at once as PostgreSQL reads arrays.

The driver writes a list value by value, which takes more time than all else that is done to keep a row. Statements
cast what comes from here: `CAST(:ids AS text[])`.
"""

from __future__ import annotations

from collections.abc import Collection


def text_array(values: Collection[str]) -> str:
    """Texts for `text[]`, whatever they hold."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{joined}"}}' if values else "{}"


def bytes_array(values: Collection[bytes]) -> str:
    """Bytes for `bytea[]`."""
    joined = '","\\\\x'.join([value.hex() for value in values])
    return f'{{"\\\\x{joined}"}}' if values else "{}"


def number_array(values: Collection[int]) -> str:
    """Whole numbers for `bigint[]`."""
    return f"{{{','.join(map(str, values))}}}"
