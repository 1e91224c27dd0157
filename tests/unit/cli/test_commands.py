"""What a user of the command line sees when something is wrong, and where help is."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from p2c.cli.main import app


def p2c(*words: str) -> Result:
    """What the command answers; no service runs."""
    return CliRunner().invoke(app, list(words), prog_name="p2c", env={"COLUMNS": "140"})


@pytest.mark.parametrize("command", ["demo", "serve", "setup", "load", "run", "runs", "rejected", "export", "apply"])
def test_every_command_explains_itself(command: str) -> None:
    """`p2c COMMAND --help` ends well."""
    answer = p2c(command, "--help")
    assert answer.exit_code == 0
    assert "Usage: p2c" in answer.output


@pytest.mark.parametrize(
    "words", [["serv"], ["serve", "--nonsense"], ["run", "show"], ["run", "show", "twelve"], ["--nonsense"]]
)
def test_wrong_words_and_options_are_bad_configuration(words: list[str]) -> None:
    """Exit code 3, so that a program can tell it from a run that failed."""
    assert p2c(*words).exit_code == 3


def test_an_error_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    """No traceback, nothing on standard output."""
    answer = p2c("load", "sales", "accounts", "rows.csv", "--data", str(tmp_path))
    assert answer.exit_code == 3
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "Sales is not running" in answer.stderr
    assert "p2c serve" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [["runs"], ["run"], ["rejected"], ["connections"], ["projects"], ["jobs"], ["worker"], ["identity", "list"]],
)
def test_a_directory_with_nothing_in_it_is_told_and_not_made(words: list[str], tmp_path: Path) -> None:
    """A mistyped one would look like an installation without runs."""
    answer = p2c(*words, "--data", str(tmp_path / "mistyped"))
    assert answer.exit_code == 3
    assert answer.stderr.startswith(f"p2c: data directory {tmp_path / 'mistyped'}: nothing is set up there; ")
    assert "`p2c setup`" in answer.stderr
    assert not (tmp_path / "mistyped").exists()


def test_an_unknown_service_is_told_with_the_nearest_name() -> None:
    """Nothing is started."""
    answer = p2c("serve", "sails")
    assert answer.exit_code == 3
    assert "did you mean 'sales'?" in answer.stderr


def test_templates_are_listed_and_written_without_any_service() -> None:
    """The text is the template as it is shipped, comments included."""
    assert "contacts-to-customer" in p2c("templates").output
    assert p2c("templates", "accounts").output.startswith("# ")
    assert '"form": "via-cds"' in p2c("templates", "--json").output


def test_the_version_is_told() -> None:
    """As the distribution has it."""
    assert p2c("--version").output.startswith("p2c 0.")
