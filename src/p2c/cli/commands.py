"""The group that all commands hang on: it turns errors into one line and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import typer
from typer.core import TyperGroup

from p2c.cli.console import BAD_CONFIGURATION, exit_code, tell_error
from p2c.errors import P2CError
from p2c.wiring.supervisor import AlreadyToldError


class Commands(TyperGroup):
    """Commands that never end in a traceback of our own errors."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Wrong options are bad configuration."""
        with _exit_codes():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _exit_codes():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they are used, not by name."""
        return list(self.commands)


class DefaultCommand(Commands):
    """A group whose first command runs when no other one is named: `p2c run accounts`, `p2c run show 12`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
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
    except click.UsageError as error:
        error.exit_code = BAD_CONFIGURATION
        raise
