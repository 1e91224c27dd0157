"""`p2c`: every command in the order a newcomer meets them."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated

import typer

from p2c.cli.commands import LaterCommands
from p2c.cli.console import say
from p2c.text import _
from p2c.wiring.traces import set_up_traces

HELP = _("""Sales, Operations, the Common Data Service, and the Data Integrator that keeps them in step.

[b]First steps[/b]

  p2c demo             the whole process with sample data, in a minute

  p2c serve            the services, to work with

  p2c load sales accounts customers.csv        your own rows

  p2c run              move what has changed

Exit codes: 0 all delivered, 1 some rows rejected, 2 the run failed, 3 bad configuration.
""")

app = typer.Typer(
    cls=LaterCommands,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"p2c {version('prospect-to-cash')}")
        raise typer.Exit


@app.callback()
def _options(
    version_: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version."))
    ] = False,
) -> None:
    """Options of `p2c` itself."""
    set_up_traces(os.environ)


if __name__ == "__main__":
    app()
