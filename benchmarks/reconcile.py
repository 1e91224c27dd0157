"""Measures `p2c reconcile`: its memory over sides of growing size, and its speed over HTTP.

Memory is measured with sides that are made while they are read, so that nothing else takes any: accounts of Sales with
the hub's rows, in the other order, one of a thousand changed. Over HTTP both legs of the project accounts are compared
after a run. Every figure comes from a process of its own. `--write` puts the table into docs/benchmarks-reconcile.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec

from benchmarks.accounts import ROWS, accounts, machine, setup_sets, silent
from p2c.commondata.model import MODEL as COMMONDATA
from p2c.database.connect import open_database
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine import run_projects
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.comparing import rules_of
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.edits import Edits
from p2c.integrator.engine.ends import LegEnds
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.compile import compile_leg
from p2c.integrator.outcome import LegKey, LegRun, RowState, Status
from p2c.integrator.reconcile import Finding, LegComparing, LegComparison, reconcile
from p2c.integrator.store import Store
from p2c.integrator.templates import shipped_templates
from p2c.odata.client.environment import Environment
from p2c.odata.client.rows import RowPage
from p2c.sales.model import MODEL as SALES
from p2c.sample_companies import ORGANIZATION_MAPPING
from p2c.settings import ENVIRONMENTS, Service, read_settings
from p2c.wiring.databases import Databases
from p2c.wiring.sample import load_sets
from p2c.wiring.setup import set_up
from p2c.wiring.supervisor import RunningServices

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks-reconcile.md"
SIZES = (10_000, 100_000, 1_000_000)
LIMIT_MB = 256
_DATABASE = "P2C_BENCH_DATABASE_URL"
_PAGE_SIZE = 5000
_ONE_OF = 1000
_MEGABYTE = 1024 * 1024
_COMPANY = OrganizationMapping("czmf", "ORG001", "Moravská obchodní")
_UNIT = "00000000-0000-4000-8000-000000000001"
_CURRENCY = "00000000-0000-4000-8000-000000000002"


class Measured(msgspec.Struct):
    """One comparison: rows of the source, findings that are no agreement, seconds, peak memory in bytes."""

    title: str
    rows: int
    wrong: int
    seconds: float
    memory: int


class Made:
    """One side of a comparison: rows made from their number while they are read."""

    def __init__(self, model: Model, rows: int, ends: LegEnds | None = None) -> None:
        self.model = model
        self.name = model.name
        self.where = model.name
        self._rows = rows
        self._ends = ends

    async def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """The source in ascending order, the destination in descending, so that both have to be sorted."""
        for start in range(0, self._rows, _PAGE_SIZE):
            numbers = range(start, min(start + _PAGE_SIZE, self._rows))
            if self._ends is None:
                yield RowPage([source_row(number, names) for number in numbers], [], None, None)
            else:
                rows = [self._mapped(self._rows - 1 - number, names) for number in numbers]
                yield RowPage(rows, [], None, None)

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """What lookups of the source point at: one currency."""
        return [{**dict.fromkeys(names, "CZK"), column: value} for value in values]

    def _mapped(self, number: int, names: Sequence[str]) -> Row:
        assert self._ends is not None
        row = source_row(number, self._ends.source_names)
        row.update({field.name: "CZK" if "currency" in field.lookup else None for field in self._ends.compiled.related})
        mapped = self._ends.compiled.map_row(row)
        self._ends.companies.fill(mapped, _COMPANY)
        if number % _ONE_OF == 0:
            mapped["PhonePrimary"] = "+420 111 111 111"
        return {name: mapped.get(name) for name in names}


def source_row(number: int, names: Sequence[str]) -> Row:
    """An account of Sales."""
    row = dict.fromkeys(names)
    row.update(_MODEL_ROW)
    row["accountid"] = f"00000000-0000-4000-8000-{number:012x}"
    row["accountnumber"] = f"BENCH-{number:07}"
    row["name"] = f"Železářství Přerov {number} s.r.o."
    row["description"] = f"Zákazník číslo {number}"
    row["emailaddress1"] = f"objednavky@zakaznik{number}.example"
    row["telephone1"] = f"+420 {700_000_000 + number}"
    return row


_MODEL_ROW: Row = {
    "statecode": 0,
    "owningbusinessunit": _UNIT,
    "transactioncurrencyid": _CURRENCY,
    "websiteurl": "https://zakaznik.example",
    "fax": "+420 222 333 445",
    "numberofemployees": 120,
    "donotemail": False,
    "address1_line1": "Nádražní 14",
    "address1_city": "Přerov",
    "address1_postalcode": "750 02",
    "address1_country": "CZ",
    "address2_line1": "Skladová 14",
    "address2_city": "Kolín",
    "address2_postalcode": "280 02",
    "address2_country": "CZ",
}


class Silent:
    """Hears nothing."""

    def leg_started(self, comparison: LegRun | LegComparison) -> None:
        """Nothing to show."""

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """Nothing to show."""

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """Nothing to show."""

    def leg_advanced(self, read: int | LegRun) -> None:
        """Nothing to show."""

    def found(self, comparison: LegComparison, finding: Finding) -> None:
        """Nothing to show."""

    def leg_finished(self, comparison: LegRun | LegComparison) -> None:
        """Nothing to show."""


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        measured = over_http() if options.worker == "http" else made(int(options.worker))
        sys.stdout.write(msgspec.json.encode(measured).decode())
        return
    table = "\n".join(_table([_worker(str(size)) for size in options.sizes], served()))
    print(table)
    if options.write:
        PAGE.write_text(
            "# Benchmarks: comparing both sides\n\n"
            f"`python -m benchmarks.reconcile --write` measures this; {machine()}, {datetime.now(UTC):%Y-%m-%d}.\n\n"
            f"{table}\n"
        )


def made(rows: int) -> Measured:
    """Compare two sides that are made while they are read."""
    leg = shipped_templates()["accounts"].tasks[0].legs[0]
    source_entity, entity = SALES.entity_set["accounts"], COMMONDATA.entity_set["Accounts"]
    sales = cast(Environment, Made(SALES, rows))
    context = LegContext(
        key=LegKey("accounts", "made", 1),
        leg_run=0,
        run=0,
        store=cast(Store, SimpleNamespace(states=no_states)),
        tally=Tally(()),
        edits=Edits({}, source_entity, SALES, ()),
        compiled=compile_leg(leg, source_entity, entity, SALES, COMMONDATA),
        environment=sales,
        source=sales,
        source_entity=source_entity,
        destination=cast(Environment, Made(COMMONDATA, rows)),
        destination_entity=entity,
        companies=Companies(
            [_COMPANY], ("sales", source_entity), ("commondata", entity), {_COMPANY.business_unit: _UNIT}
        ),
    )
    made_of_it = cast(Environment, Made(COMMONDATA, rows, context))
    context = replace(context, destination=made_of_it, rules=rules_of(leg, context))
    return _measured([asyncio.run(LegComparing(leg, context, Silent(), None).carry_out())])[0]


def no_states(leg: LegKey, ids: Sequence[str]) -> dict[str, RowState]:
    """No run has met the rows."""
    return {}


def over_http() -> list[Measured]:
    """Compare both legs of the project that was run."""
    store = Store(open_database(os.environ[_DATABASE]))
    return _measured(asyncio.run(reconcile(store, store.project("accounts"), Silent())))


def served() -> list[Measured]:
    """Load and run accounts over the services, then compare in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as directory:
        own = replace(read_settings({}, Path(directory)), ports=dict.fromkeys(Service, 0))
        databases = Databases()
        with RunningServices(own, ENVIRONMENTS, seed=False) as running, closing(databases):
            databases.open(own, [Service.INTEGRATOR])
            database = databases.urls[Service.INTEGRATOR]
            store = Store(open_database(database))
            set_up(store, own, [OrganizationMapping(*names) for names in ORGANIZATION_MAPPING])
            for service in ENVIRONMENTS:
                asyncio.run(load_sets(service, running.urls[service], setup_sets(service), silent))
            asyncio.run(load_sets(Service.SALES, running.urls[Service.SALES], [accounts(ROWS)], silent))
            work = run_projects(
                store, [store.project("accounts")], all_data=False, started_by="benchmark", watcher=Silent()
            )
            run = asyncio.run(work)
            if run.status is not Status.COMPLETED:
                sys.exit(f"the run did not deliver all: {run.status.value} {run.error}")
            return msgspec.json.decode(_output("http", {_DATABASE: database}), type=list[Measured])


def _measured(legs: Sequence[LegComparison]) -> list[Measured]:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    totals = [(leg, leg.total) for leg in legs]
    return [
        Measured(
            f"{leg.source} → {leg.destination}",
            total.equal + total.different + total.missing + total.rejected + total.skipped,
            total.different + total.missing + total.extra + total.rejected,
            leg.seconds,
            memory,
        )
        for leg, total in totals
    ]


def _worker(what: str) -> Measured:
    return msgspec.json.decode(_output(what, {}), type=Measured)


def _output(what: str, variables: dict[str, str]) -> bytes:
    words = [sys.executable, "-m", "benchmarks.reconcile", "--worker", what]
    return subprocess.run(words, env={**os.environ, **variables}, stdout=subprocess.PIPE, check=True).stdout


def _table(sizes: Sequence[Measured], legs: Sequence[Measured]) -> list[str]:
    most = max(item.memory for item in (*sizes, *legs)) / _MEGABYTE
    return [
        f"The integrator takes {most:.0f} MB at most, of {LIMIT_MB} MB allowed.",
        "",
        "Both sides made while they are read (28 fields; the destination in the other order; one row of a thousand",
        "differs); the time to make them is included:",
        "",
        "| rows on each side | found different | seconds | rows/s | peak MB |",
        "| ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {item.rows:,} | {item.wrong:,} | {item.seconds:.1f} | {item.rows / item.seconds:,.0f} "
            f"| {item.memory / _MEGABYTE:.0f} |"
            for item in sizes
        ),
        "",
        "Over HTTP, after a run over the embedded services:",
        "",
        "| leg | rows | found different | seconds | rows/s | peak MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {item.title} | {item.rows:,} | {item.wrong:,} | {item.seconds:.1f} | {item.rows / item.seconds:,.0f} "
            f"| {item.memory / _MEGABYTE:.0f} |"
            for item in legs
        ),
    ]


if __name__ == "__main__":
    main()
