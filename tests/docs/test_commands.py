"""The commands of README and tutorial work as they are written, one after the other."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from p2c.cli.main import app
from tests.docs.pages import DOCS

ROOT = DOCS.parent
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SQL = re.compile(r"^```sql\n-- (\S+\.sql)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EDIT = re.compile(r"^```yaml\n# (setup/\S+\.yaml), below (\w+):\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLLOWED = (
    DOCS / "tutorial.md",
    ROOT / "README.md",
    *(DOCS / "how-to" / name for name in ("match-rows.md", "advanced-query.md")),
)
"""Pages whose commands are run, one page after the other."""
_PORTS = ("INTEGRATOR", "SALES", "OPERATIONS", "COMMONDATA")
_REJECTED_ON_PURPOSE = 1
_SECONDS = 20
SERVE = [sys.executable, "-m", "p2c.cli.main", "serve"]


def commands_in(page: Path) -> list[str]:
    """What stands behind `$` in the console blocks of a page, without comments."""
    lines = (line for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines())
    return [re.sub(r"\s+#.*$", "", line[2:]) for line in lines if line.startswith("$ ")]


def variables(data: Path) -> dict[str, str]:
    """What the reader has set, and free ports, so that nothing else on the machine is disturbed."""
    return {"P2C_DATA": str(data), **{f"P2C_{service}_PORT": "0" for service in _PORTS}}


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """`p2c serve` in the reader's other terminal."""
    with (
        (folder / "serve.log").open("w") as log,
        subprocess.Popen(SERVE, cwd=folder, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith(b"Ready"), (folder / "serve.log").read_text()
            yield
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0, (folder / "serve.log").read_text()


def save_as_shown(page: Path, folder: Path) -> None:
    """Save the page's SQL under the name in its first line."""
    for name, sql in _SQL.findall(page.read_text("utf-8")):
        (folder / name).write_text(sql, "utf-8")


def edit_as_shown(page: Path, folder: Path) -> None:
    """Add the page's YAML where its first line says: in which file, below which key."""
    for name, key, yaml in _EDIT.findall(page.read_text("utf-8")):
        file = folder / name
        before, line, after = re.split(rf"(^ *- {key}: .*\n)", file.read_text("utf-8"), maxsplit=1, flags=re.MULTILINE)
        file.write_text(before + line + yaml + after, "utf-8")


def expected_code(command: str, so_far: list[str]) -> int:
    """The tutorial's first run meets the row that is wrong on purpose."""
    return _REJECTED_ON_PURPOSE if command == "p2c run" and command not in so_far else 0


def run(words: list[str], folder: Path) -> tuple[int, str]:
    """Exit code and output; `p2c` without the seconds that a new process takes to start."""
    if words[0] == "p2c":
        ended = CliRunner().invoke(app, words[1:])
        return ended.exit_code, ended.output + (repr(ended.exception) if ended.exception else "")
    other = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    return other.returncode, other.stdout + other.stderr


def test_the_tutorial_the_readme_and_the_guides_after_it_work_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the tutorial's folder, over an empty data directory."""
    folder = tmp_path / "tutorial"
    shutil.copytree(DOCS / "tutorial", folder)
    monkeypatch.chdir(folder)
    for name, value in variables(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    done: list[str] = []
    with served(folder):
        for page, command in [(one, command) for one in FOLLOWED for command in commands_in(one)]:
            if command == "p2c apply setup --yes":
                edit_as_shown(page, folder)
            save_as_shown(page, folder)
            words = shlex.split(command)
            if words[0] == "curl" or words[1] in ("serve", "demo"):
                continue
            code, output = run(words, folder)
            assert code == expected_code(command, done), f"{command}\n{output}"
            done.append(command)
    assert done


@pytest.mark.parametrize("page", sorted((DOCS / "tutorial").rglob("*.csv")), ids=lambda path: path.name)
def test_every_file_of_the_tutorial_is_used(page: Path) -> None:
    name = page.relative_to(DOCS / "tutorial").as_posix()
    assert any(name in command for command in commands_in(DOCS / "tutorial.md"))
