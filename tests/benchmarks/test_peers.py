"""The benchmark beside other programs, in short: what counts as a run, and one round of ours and of the floor."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import Request, urlopen

import msgspec
import pytest

from benchmarks.peers.__main__ import with_part
from benchmarks.peers.client import Cost
from benchmarks.peers.limits import simulate
from benchmarks.peers.mock import DESTINATION, Report, Setting
from benchmarks.peers.scenarios import Measured
from benchmarks.peers.stage import Sample, Stage, trouble
from benchmarks.peers.world import COLUMNS, KEY, UPSERT_MULTIPLE, address_of, row_text
from p2c.database.embedded import EmbeddedPostgres

ROWS = 1_200
"""Two full calls and a part of one."""
SETTING = Setting(rows=ROWS)


@pytest.fixture(scope="module")
def stage(postgres: EmbeddedPostgres) -> Iterator[Stage]:
    """The mock, and databases of ours in the tests' PostgreSQL."""
    with Stage(postgres) as running:
        yield running


def send(stage: Stage, *rows: dict[str, object]) -> None:
    """One bulk call."""
    targets = [{**row, "@odata.id": address_of(str(row[KEY]))} for row in rows]
    with urlopen(Request(stage.url + DESTINATION + UPSERT_MULTIPLE, msgspec.json.encode({"Targets": targets}))):
        pass


def account(number: int) -> dict[str, object]:
    """An account as the source has it."""
    row: dict[str, object] = msgspec.json.decode(row_text(number, 0))
    return row


def test_an_account_has_forty_columns() -> None:
    assert len(COLUMNS) == 40
    assert account(7).keys() == {"accountid", *COLUMNS}


def test_each_row_once_and_as_it_was_is_a_run_that_counts(stage: Stage) -> None:
    stage.begin(Setting(rows=3))
    send(stage, account(0), account(1))
    send(stage, account(2))
    assert trouble(stage.report(), 3) == ""


def test_a_missing_row_makes_a_run_void(stage: Stage) -> None:
    stage.begin(Setting(rows=3))
    send(stage, account(0), account(2))
    assert trouble(stage.report(), 3) == "2 of 3 rows arrived"


def test_a_row_that_arrives_twice_makes_a_run_void(stage: Stage) -> None:
    stage.begin(Setting(rows=2))
    send(stage, account(0), account(1))
    send(stage, account(1))
    assert trouble(stage.report(), 2) == "1 rows arrived more than once"


def test_another_value_and_a_missing_one_make_a_run_void(stage: Stage) -> None:
    stage.begin(Setting(rows=1))
    send(stage, {**account(0), "fax": "1"})
    assert "fax: '1' instead of" in trouble(stage.report(), 1)
    stage.begin(Setting(rows=1))
    send(stage, {name: value for name, value in account(0).items() if name != "sic"})
    assert "sic: None instead of '4690'" in trouble(stage.report(), 1)


def test_measuring_a_part_again_leaves_the_rest_of_the_page() -> None:
    page = "# Title\n\n<!-- again -->\n\nold\n\n<!-- end of again -->\n\n<!-- limits -->\n\n<!-- end of limits -->\n"
    assert with_part(page, "again", "new") == page.replace("old", "new")


def test_void_runs_take_no_part_in_the_median() -> None:
    nothing = Report(0, 0, 0, [], {})
    samples = [Sample("ours", Cost(wall, 1, 1), 0, nothing, void) for wall, void in ((2, ""), (90, "void"), (4, ""))]
    assert Measured("ours", 6, samples).wall == 3


def test_the_floor_moves_all_rows_in_calls_of_five_hundred(stage: Stage) -> None:
    sample = stage.run("floor", SETTING)
    assert sample.void == ""
    assert sample.report.requests == {"metadata": 1, "page": 1, "bulk call": 3}
    assert sample.cost.wall > 0 < sample.cost.memory


def test_a_run_that_delivers_something_else_than_expected_is_void(stage: Stage) -> None:
    assert stage.run("floor", SETTING, expected=ROWS - 1).void == "1,200 of 1,199 rows arrived"


def test_a_client_that_fails_makes_a_void_run_with_its_last_words(stage: Stage) -> None:
    assert "no_such_peer" in stage.run("no_such_peer", SETTING).void


def test_ours_moves_all_rows_and_then_asks_once_whether_anything_changed(stage: Stage) -> None:
    database = stage.database()
    first = stage.run("ours", SETTING, database=database)
    assert first.void == ""
    assert "query" not in first.report.requests, "an empty destination need not be asked for rows"
    assert first.report.requests["count"] == 2, "each side is counted once, however many batches are under way"
    again = stage.run("ours", Setting(rows=ROWS, empty=False), database=database, expected=0)
    assert again.void == ""
    assert again.report.requests == {"metadata": 4, "page": 1}


def test_one_bad_row_in_a_thousand_stops_no_good_one(stage: Stage) -> None:
    sample = stage.run("ours", Setting(rows=ROWS, bad=1_000), expected=ROWS - 1)
    assert sample.void == ""
    assert sample.report.sent <= 2.5 * ROWS


@pytest.mark.parametrize("hint", [8, None], ids=["the server recommends 8 at a time", "the server recommends nothing"])
def test_a_million_rows_keep_to_the_limits_of_dataverse(hint: int | None) -> None:
    load = simulate(1_000_000, hint)
    assert load.calls - load.refused == 2_000
    assert load.seconds <= 1.5 * load.least
    assert load.refused < 0.01 * load.calls
