"""The long form of the fuzz test: `make fuzz`. Says what was refused how often, and fails on anything but an answer.

The readers of filters, paths, options, SQL and FetchXML get 200,000 inputs; Sales and Operations over PostgreSQL get
3,000 requests, and Sales 300 more that change its tables and columns.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import TypeVar

from p2c.database.embedded import EmbeddedPostgres
from p2c.odata.query import QueryError, parse_filter, parse_options, parse_path
from p2c.odata.service.dataverse.fetch.document import parse_fetch
from p2c.odata.service.dataverse.sql.parse import parse_statement
from p2c.odata.service.message import Request, Response
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES
from tests.contracts.caller import customizable_sales, sales_environment
from tests.contracts.operations_site import Site
from tests.proofs.odd_definitions import OddDefinitions
from tests.proofs.odd_urls import OddUrl, OddUrls

T = TypeVar("T")
INPUTS = 200_000
REQUESTS = 3_000
SEED = 20261120
PATIENCE = 60.0
"""Seconds after which an input counts as one that hangs, on a machine that has other work too."""
_SPOILT = 0.1
"""Share of broken requests to the services: most should get as far as the database."""
ROWS = 5
_CUSTOMER = {
    "OrganizationName": "A",
    "PartyType": "Organization",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "CZK",
}
_BODY = b'{"name":"A","CreditLimit":"x"}'


class HangError(Exception):
    """An input took longer than anybody waits."""


@dataclass
class Outcome:
    """What happened to the inputs: how often what, which failed and how, and the slowest with its seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    seconds: float = 0.0

    def observe(self, text: object, work: Callable[[], str]) -> None:
        """Do the work, which says what came of the input."""
        began = time.perf_counter()
        try:
            with _patience():
                self.counts[work()] += 1
        except Exception as error:
            self.counts["failed"] += 1
            self.failures.append(f"{type(error).__name__}: {error} for {str(text)!r}"[:1000])
        took = time.perf_counter() - began
        self.seconds += took
        self.slowest = max(self.slowest, (took, str(text)))


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        raise HangError(f"no answer in {PATIENCE:.0f} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read_inputs(inputs: int, seed: int) -> Outcome:
    """The readers get filters, URLs (path and options), SQL and FetchXML."""
    outcome = Outcome()
    supplies = [OddUrls(model, seed + number) for number, model in enumerate((SALES, OPERATIONS))]
    for number in range(inputs):
        supply = supplies[number % 2]
        match number // 2 % 3:
            case 0:
                condition = supply.condition()
                outcome.observe(condition, partial(_read, parse_filter, condition))
            case 1:
                url = supply.next()
                outcome.observe(url, partial(_read, _parse_url, url))
            case _:
                query = supply.query()
                outcome.observe(query, partial(_read, parse_fetch if "<" in query[:1] else parse_statement, query))
    return outcome


def _parse_url(url: OddUrl) -> None:
    parse_path(url.path)
    parse_options(url.query)


def _read(reader: Callable[[T], object], text: T) -> str:
    try:
        reader(text)
    except QueryError:
        return "refused"
    return "read"


def ask(handle: Callable[[Request], Response], supply: OddUrls | OddDefinitions, requests: int, root: str) -> Outcome:
    """A service gets URLs as requests; a status of 500 or above but 501 (not offered) is a failure."""
    outcome = Outcome()
    for _ in range(requests):
        url = supply.next()
        outcome.observe(url, partial(_status, handle, url, root))
    return outcome


def _status(handle: Callable[[Request], Response], url: OddUrl, root: str) -> str:
    body = b"" if url.method in ("GET", "DELETE") else url.body or _BODY
    headers = {"content-type": "application/json"} if body else {}
    response = handle(Request(url.method, url.path, url.query, headers, body, root))
    if response.status >= 500 and response.status != 501:
        raise AssertionError(f"answered {response.status} {response.body[:300]!r}")
    return str(response.status)


def ask_services(make_url: Callable[[str], str], requests: int, seed: int) -> dict[str, Outcome]:
    """Sales and Operations as they are delivered, with a few rows each, get half of the requests each; Sales a tenth
    more that change definitions."""
    return {
        "Sales": _ask_sales(make_url, requests // 2, OddUrls(SALES, seed, _SPOILT)),
        "Operations": _ask_operations(make_url, requests - requests // 2, OddUrls(OPERATIONS, seed, _SPOILT)),
        "Definitions": _ask_definitions(make_url, requests // 10, OddDefinitions(seed)),
    }


def _ask_sales(make_url: Callable[[str], str], requests: int, supply: OddUrls) -> Outcome:
    sales = sales_environment(make_url)
    try:
        for number in range(ROWS):
            row = {"name": "A", "accountnumber": f"A{number}", "numberofemployees": number, "revenue": number * 1.5}
            created = sales("POST", "accounts", row)
            assert created.status == 204, created.body
        return ask(sales.service.handle, supply, requests, sales.root)
    finally:
        sales.service.database.engine.dispose()


def _ask_definitions(make_url: Callable[[str], str], requests: int, supply: OddDefinitions) -> Outcome:
    sales = customizable_sales(make_url("customized"))
    try:
        outcome = ask(sales.service.handle, supply, requests, sales.root)
        # What is left of the tables is still a service that works.
        assert sales("GET", "$metadata").status == 200
        return outcome
    finally:
        sales.service.database.engine.dispose()


def _ask_operations(make_url: Callable[[str], str], requests: int, supply: OddUrls) -> Outcome:
    site = Site(make_url("fuzzed"))
    try:
        for number in range(ROWS):
            row = {"dataAreaId": "cz", "CustomerAccount": f"C{number}", "CreditLimit": number * 1.5}
            added = site.send("POST", "/data/CustomersV2", {**row, **_CUSTOMER})
            assert added.status == 201, added.body
        return ask(site.operations.service.handle, supply, requests, "http://localhost/data/")
    finally:
        site.close()


def main() -> None:
    """Parse the options, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    found = {"readers": read_inputs(options.inputs, options.seed)}
    with tempfile.TemporaryDirectory(prefix="p2c-fuzz-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory))
        numbers = count(1)
        try:
            found |= ask_services(lambda name: server.url(f"{name}_{next(numbers)}"), options.requests, options.seed)
        finally:
            server.stop()
    for name, outcome in found.items():
        _print(name, outcome)
    sys.exit(any(outcome.failures for outcome in found.values()))


def _print(name: str, outcome: Outcome) -> None:
    total = sum(outcome.counts.values())
    counts = ", ".join(f"{what} {number:,}" for what, number in sorted(outcome.counts.items()))
    took, text = outcome.slowest
    print(f"{name}: {total:,} inputs in {outcome.seconds:.1f} s: {counts}; slowest {took:.3f} s: {text[:160]!r}")
    for failure in outcome.failures[:20]:
        print(f"  FAILED {failure}")


if __name__ == "__main__":
    main()
