"""The group that all commands hang on: it turns errors into one line and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from p2c.cli.console import BAD_CONFIGURATION, exit_code, tell_error
from p2c.errors import P2CError
from p2c.wiring.agreement import AlreadyToldError

if TYPE_CHECKING:
    from typer._click.core import Context

_ORDER = ("demo", "serve", "setup", "load", "run", "runs", "rejected", "projects", "templates")


class Commands(TyperGroup):
    """Commands that never end in a traceback of our own errors."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Wrong options are bad configuration."""
        with _exit_codes():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Context) -> Any:
        """Run the command."""
        with _exit_codes():
            return super().invoke(ctx)

    def list_commands(self, ctx: Context) -> list[str]:
        """In the order they are used, not by name."""
        return sorted(self.commands, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


class DefaultCommand(Commands):
    """A group whose first command runs when no other one is named: `p2c run accounts`, `p2c run show 12`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the first command's name in front where no command is named."""
        if not args or args[0] not in self.commands:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except P2CError as error:
        if not isinstance(error, AlreadyToldError):
            tell_error(error)
        raise typer.Exit(exit_code(error)) from error
    except TyperException as error:
        # Errors of use: unknown options, missing arguments, values of the wrong kind.
        error.exit_code = BAD_CONFIGURATION
        raise
