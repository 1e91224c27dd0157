"""Commands find the services that run over a data directory, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.settings import Service
from p2c.wiring import address_book

SALES, HUB = "http://127.0.0.1:1/api/", "http://127.0.0.1:2/api/"


def test_services_that_entered_are_found_until_they_leave(tmp_path: Path) -> None:
    address_book.enter(tmp_path, {Service.SALES: SALES, Service.COMMONDATA: HUB})
    assert address_book.running(tmp_path) == {Service.SALES: SALES, Service.COMMONDATA: HUB}
    address_book.leave(tmp_path, [Service.SALES])
    assert address_book.running(tmp_path) == {Service.COMMONDATA: HUB}


def test_processes_that_enter_at_the_same_time_do_not_lose_one_another(tmp_path: Path) -> None:
    """Both enter before either is known to the other, as services of a machine that starts."""
    enter = (
        "import sys; from pathlib import Path; from p2c.settings import Service; from p2c.wiring import address_book;"
    )
    each = (
        enter
        + "print(flush=True); input(); address_book.enter(Path(sys.argv[1]), {Service(sys.argv[2]): 'x'}); input()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", each, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("sales", "operations", "commondata")
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    address_book.enter(tmp_path, {Service.INTEGRATOR: "x"})
    for process in started:
        process.communicate("\n\n")
    entered = sorted(path.stem for path in (tmp_path / address_book.FOLDER).iterdir())
    assert entered == ["commondata", "integrator", "operations", "sales"]


def test_an_entry_whose_process_is_gone_is_void(tmp_path: Path) -> None:
    address_book.enter(tmp_path, {Service.SALES: SALES})
    path = tmp_path / address_book.FOLDER / "sales.json"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    path.write_text(path.read_text().replace(str(os.getpid()), str(gone.pid)))
    assert address_book.running(tmp_path) == {}
    address_book.leave(tmp_path, [Service.SALES])
    assert path.exists(), "what another process entered is its own"


def test_a_file_that_is_broken_is_named(tmp_path: Path) -> None:
    address_book.enter(tmp_path, {Service.SALES: SALES})
    (tmp_path / address_book.FOLDER / "sales.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"services/sales\.json.*delete it and start the services again"):
        address_book.running(tmp_path)
