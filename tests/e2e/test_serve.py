"""`p2c serve`: starts, answers, ends cleanly, and says in one line what keeps it from starting."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.served import Serving, children_of, processes_of, run_p2c

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")


def health(url: str) -> dict[str, str]:
    """What a service says about itself."""
    root = url.split("/", 3)
    with urllib.request.urlopen(f"{root[0]}//{root[2]}/health") as answer:
        found: dict[str, str] = json.load(answer)
    return found


def test_all_services_answer_and_a_signal_ends_them_and_postgresql(tmp_path: Path) -> None:
    """Nothing of them is left, and other commands no longer find them."""
    with Serving(tmp_path) as serving:
        said = {name: health(url) for name, url in serving.urls.items()}
        assert {name: item["name"] for name, item in said.items()} == {
            "integrator": "Data Integrator",
            "sales": "Sales",
            "operations": "Operations",
            "commondata": "Common Data Service",
        }
        assert {item["database"] for item in said.values()} == {"ok"}
        with urllib.request.urlopen(f"{serving.urls['integrator']}api/runs") as answer:
            assert json.load(answer) == {"runs": []}
        ended = serving.end(signal.SIGTERM)
    assert (ended.code, ended.err) == (0, "")
    assert processes_of(tmp_path) == []
    assert list((tmp_path / "services").iterdir()) == []


def test_a_service_that_dies_ends_the_command_with_its_name(tmp_path: Path) -> None:
    """The others are not left half alive."""
    with Serving(tmp_path, "sales", "commondata") as serving:
        os.kill(children_of(serving.pid)["commondata"], signal.SIGKILL)
        ended = serving.wait()
    assert ended.code == 2
    assert ended.err.startswith("p2c: Common Data Service: was ended by signal 9")
    assert processes_of(tmp_path) == []


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    """Before PostgreSQL is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run_p2c(["serve", "sales", f"--port-sales={port}", "--data", str(tmp_path)])
    assert ended.code == 3
    assert ended.err.splitlines() == [
        f"p2c: Sales: port {port} is in use; end what uses it, or give --port-sales another one (0: any that is free)"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """A file where the directory should be is as good as missing rights, and holds for root too."""
    (tmp_path / "file").touch()
    ended = run_p2c(["serve", "sales", "--port-sales=0", "--data", str(tmp_path / "file" / "data")])
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert "cannot write there" in ended.err


def test_a_database_that_does_not_answer_is_told_in_one_line_without_its_password(tmp_path: Path) -> None:
    """No embedded server is started for a service with a database of its own."""
    url = "postgresql://joe:secret@127.0.0.1:1/sales"
    words = ["serve", "sales", "--port-sales=0", "--data", str(tmp_path)]
    ended = run_p2c(words, {"P2C_SALES_DATABASE_URL": url})
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert "does not answer" in ended.err
    assert "secret" not in ended.err


def test_other_machines_are_not_listened_to(tmp_path: Path) -> None:
    """The services know no users yet."""
    ended = run_p2c(["serve", "--host=0.0.0.0", "--data", str(tmp_path)])
    assert ended.code == 3
    assert "--host" in ended.err
