"""npm's `@odata/client` works in Operations, where Node and its package registry can be reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.site import COMPANY, Site

SCRIPTS = Path(__file__).with_name("node")
Step = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts with the locked client beside them."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("@odata/client needs Node with npm, which are not here")
    copied = Path(shutil.copytree(SCRIPTS, tmp_path_factory.mktemp("node") / "scripts"))
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
    try:
        done = subprocess.run(command, cwd=copied, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install @odata/client within a minute")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install @odata/client: {done.stderr.strip()[-300:]}")
    return copied


@pytest.fixture
def step(site: Site, folder: Path) -> Step:
    """Run a step of the script with a mark; what it found."""

    def run(name: str, mark: str) -> Any:
        environment = {
            **os.environ,
            "NODE_EXTRA_CA_CERTS": str(site.authorities_file),
            "URL": site.operations,
            "COMPANY": COMPANY,
            "TOKEN": site.token("operations"),
        }
        command = ["node", "operations.mjs", name, mark]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_rows_are_reached_by_composite_keys(step: Step, mark: str) -> None:
    assert step("keys", mark) == {"created": "one", "retrieved": "changed", "left": 1}


def test_an_action_of_an_entity_set_is_called(step: Step, mark: str) -> None:
    assert f"{mark}.zip" in step("action", mark)["BlobUrl"]


def test_a_batch_writes_and_reads(step: Step, mark: str) -> None:
    assert step("batch", mark) == {"statuses": [204, 204, 201, 200], "read": "changed"}
