"""The group that all commands hang on: it turns errors into one line and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from p2c.cli.console import BAD_CONFIGURATION, FAILED, exit_code, tell_error
from p2c.errors import P2CError, StopError
from p2c.text import _
from p2c.wiring.agreement import AlreadyToldError

if TYPE_CHECKING:
    from typer._click.core import Command, Context

_COMMANDS = {
    "demo": "demo:demo:HELP",
    "serve": "serve:serve:HELP",
    "setup": "setup:setup:SETUP_HELP",
    "load": "load:load:HELP",
    "plan": "plan:plan:HELP",
    "run": "run:group:",
    "runs": "run:runs:RUNS_HELP",
    "rejected": "rejected:group:",
    "reconcile": "reconcile:compare:HELP",
    "trace": "trace:follow:HELP",
    "match": "match:match:HELP",
    "query": "query:query:HELP",
    "schedule": "schedule:group:",
    "jobs": "jobs:jobs:JOBS_HELP",
    "notify": "notify:group:",
    "worker": "jobs:worker:WORKER_HELP",
    "projects": "setup:projects:PROJECTS_HELP",
    "templates": "setup:templates:TEMPLATES_HELP",
    "connections": "setup:connections:CONNECTIONS_HELP",
    "connection": "connection:group:",
    "export": "setup:export:EXPORT_HELP",
    "apply": "setup:apply_files:APPLY_HELP",
    "identity": "identity:group:",
}
"""Commands in the order they are used: module, function or group, and its help. Loaded when first needed, because
most commands need only a part of the product, and `p2c --version` none of it."""


class Commands(TyperGroup):
    """Commands that never end in a traceback of our own errors."""

    def list_commands(self, ctx: Context) -> list[str]:
        """In the order they were added."""
        return list(self.commands)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Wrong options are bad configuration."""
        with _exit_codes():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Context) -> Any:
        """Run the command."""
        with _exit_codes():
            return super().invoke(ctx)


class LaterCommands(Commands):
    """The commands of `p2c`, each loaded when it is called or listed."""

    def list_commands(self, ctx: Context) -> list[str]:
        """In the order they are used."""
        return list(_COMMANDS)

    def get_command(self, ctx: Context, name: str) -> Command | None:
        """The command of that name; None when there is none."""
        if name in _COMMANDS and name not in self.commands:
            self.commands[name] = _loaded(name)
        return super().get_command(ctx, name)


class DefaultCommand(Commands):
    """A group whose first command runs when no other one is named: `p2c run accounts`, `p2c run show 12`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the first command's name in front where no command is named."""
        if not args or args[0] not in self.commands:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


def _loaded(name: str) -> Command:
    module_name, attribute, help_name = _COMMANDS[name].split(":")
    module = import_module(f"p2c.cli.{module_name}")
    found = getattr(module, attribute)
    if isinstance(found, typer.Typer):
        group = typer.main.get_command(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    alone.command(name, help=getattr(module, help_name))(found)
    return typer.main.get_command(alone)


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except P2CError as error:
        if not isinstance(error, AlreadyToldError):
            tell_error(error)
        raise typer.Exit(exit_code(error)) from error
    except KeyboardInterrupt as error:
        tell_error(StopError(_("interrupted; what was delivered stays, the next run goes on from there")))
        raise typer.Exit(FAILED) from error
    except TyperException as error:
        # Errors of use: unknown options, missing arguments, values of the wrong kind.
        error.exit_code = BAD_CONFIGURATION
        raise
