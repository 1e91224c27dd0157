"""How the command speaks to people: text and numbers in their language, errors as one line."""

from __future__ import annotations

import sys

import msgspec
from babel.numbers import format_decimal
from rich.console import Console

from p2c.errors import ConfigurationError, P2CError
from p2c.text import language

DELIVERED, SOME_REJECTED, FAILED, BAD_CONFIGURATION = range(4)
"""Exit codes of every command."""

_FILE_WIDTH = 140
out = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def whole(number: int) -> str:
    """A count as the user's language writes it."""
    return format_decimal(number, locale=language)


def one_decimal(number: float) -> str:
    """Seconds and rates."""
    return format_decimal(number, format="#,##0.0", locale=language)


def say(text: str = "", *, markup: bool = False) -> None:
    """A line for the user, never wrapped: it may be read by another program."""
    out.print(text, markup=markup, soft_wrap=True)


def headline(text: str) -> None:
    """The title of what follows, after an empty line."""
    say()
    out.print(text, style="bold", markup=False)


def say_json(value: object) -> None:
    """A value for programs, indented."""
    sys.stdout.write(msgspec.json.format(_encoder.encode(value)).decode() + "\n")


def warn(text: str) -> None:
    """A line that is no result, on standard error."""
    print(f"p2c: {text}", file=sys.stderr, flush=True)


def tell_error(error: P2CError) -> None:
    """The error on standard error: where, what, way out."""
    print(f"p2c: {error}", file=sys.stderr, flush=True)


def exit_code(error: P2CError) -> int:
    """Bad configuration is told apart from work that failed."""
    return BAD_CONFIGURATION if isinstance(error, ConfigurationError) else FAILED
