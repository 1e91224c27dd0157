"""The commands of README and tutorial work as they are written, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import DOCS

ROOT = DOCS.parent
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORTS = ("INTEGRATOR", "SALES", "OPERATIONS", "COMMONDATA")
_REJECTED_ON_PURPOSE = 1
_SECONDS = 120


def commands_in(page: Path) -> list[str]:
    """What stands behind `$` in the console blocks of a page, without comments."""
    lines = (line for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines())
    return [re.sub(r"\s+#.*$", "", line[2:]) for line in lines if line.startswith("$ ")]


def environment(data: Path) -> dict[str, str]:
    """What the reader has set: the data directory, `p2c` on the path; and free ports, so that tests can share."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ports = {f"P2C_{service}_PORT": "0" for service in _PORTS}
    return {**os.environ, **ports, "PATH": path, "P2C_DATA": str(data), "P2C_LANGUAGE": "en"}


@contextmanager
def served(folder: Path, variables: dict[str, str]) -> Iterator[None]:
    """`p2c serve` in the reader's other terminal."""
    with (
        (folder / "serve.log").open("w") as log,
        subprocess.Popen(["p2c", "serve"], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith(b"Ready"), (folder / "serve.log").read_text()
            yield
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0, (folder / "serve.log").read_text()


def expected_code(command: str, so_far: list[str]) -> int:
    """The tutorial's first run meets the row that is wrong on purpose."""
    return _REJECTED_ON_PURPOSE if command == "p2c run" and command not in so_far else 0


def test_the_tutorial_and_then_the_readme_work_as_written(tmp_path: Path) -> None:
    """In the tutorial's folder, over an empty data directory."""
    folder = tmp_path / "tutorial"
    shutil.copytree(DOCS / "tutorial", folder)
    variables = environment(tmp_path / "data")
    done: list[str] = []
    with served(folder, variables):
        for command in commands_in(DOCS / "tutorial.md") + commands_in(ROOT / "README.md"):
            words = shlex.split(command)
            if words[0] not in ("p2c", "sed") or words[1] in ("serve", "demo"):
                continue
            ended = subprocess.run(
                words, cwd=folder, env=variables, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            assert ended.returncode == expected_code(command, done), f"{command}\n{ended.stdout}{ended.stderr}"
            done.append(command)
    assert done


@pytest.mark.parametrize("page", sorted((DOCS / "tutorial").rglob("*.csv")), ids=lambda path: path.name)
def test_every_file_of_the_tutorial_is_used(page: Path) -> None:
    name = page.relative_to(DOCS / "tutorial").as_posix()
    assert any(name in command for command in commands_in(DOCS / "tutorial.md"))
