"""Commands over the laboratory's database."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from p2c.cli.main import app
from tests.lab import Lab


def p2c(lab: Lab, data: Path, *words: str, **variables: str) -> Result:
    """What a command answers, with these variables beside."""
    database = lab.store._engine.url.render_as_string(hide_password=False)
    environment = {"P2C_DATA": str(data), "P2C_INTEGRATOR_DATABASE_URL": database, "COLUMNS": "140", **variables}
    return CliRunner().invoke(app, list(words), env=environment)
