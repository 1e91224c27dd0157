"""Measures how many new rows go to Operations: by data packages, and by `$batch` as before.

The service and PostgreSQL run in processes of their own. Each sample fills a new company, the ways take turns.
`--write` puts the table into docs/benchmarks-packages.md.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.accounts import machine, service_cpu, setup_sets, silent
from p2c.odata.client.data_management.bulk import LARGEST
from p2c.odata.client.environment import BATCH, Upsert, Written
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import HttpEnvironment
from p2c.sample_rows import SampleSet
from p2c.settings import Service, read_settings
from p2c.wiring.sample import load_sets
from p2c.wiring.supervisor import RunningServices

SAMPLES = 5
ROWS = 20_000
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks-packages.md"
WAYS = (("`$batch` of 500 rows, three at a time", BATCH, 3), ("data packages of 10,000 rows", LARGEST, 2))
"""What it is called, rows of a write, and writes at a time, as a leg of the integrator has them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One load: rows, wall seconds, and CPU seconds of the service and PostgreSQL together."""

    rows: int
    wall: float
    cpu: float


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    options = parser.parse_args()
    text = "\n".join(_table(measure(options.rows)))
    print(text)
    if options.write:
        PAGE.write_text(
            f"{_HEAD.format(machine=machine(), day=datetime.now(UTC), rows=options.rows)}\n{text}\n", "utf-8"
        )


def measure(rows: int) -> list[list[Sample]]:
    """Five samples of each way."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as directory:
        own = replace(read_settings({}, Path(directory)), ports=dict.fromkeys(Service, 0))
        with RunningServices(own, [Service.OPERATIONS], seed=False) as running:
            url = running.urls[Service.OPERATIONS]
            asyncio.run(load_sets(Service.OPERATIONS, url, setup_sets(Service.OPERATIONS), silent))
            found: list[list[Sample]] = [[] for _ in WAYS]
            for number in range(SAMPLES):
                for samples, (name, size, together) in zip(found, WAYS, strict=True):
                    company = f"{'bp'[size == LARGEST]}{number:03}"
                    asyncio.run(load_sets(Service.OPERATIONS, url, company_sets(company), silent))
                    new = customers(company, rows)
                    before, began = sum(service_cpu(running).values()), time.monotonic()
                    asyncio.run(_load(url, new, size, together))
                    wall = time.monotonic() - began
                    samples.append(Sample(rows, wall, sum(service_cpu(running).values()) - before))
                    print(f"{name}: {rows / wall:,.0f} rows/s", flush=True)
            return found


def company_sets(company: str) -> list[SampleSet]:
    """A company with what its customers point at."""
    own = {"dataAreaId": company}
    site: dict[str, object] = {**own, "SiteId": "1", "SiteName": "Main"}
    warehouse: dict[str, object] = {**own, "WarehouseId": "13", "WarehouseName": "Main", "OperationalSiteId": "1"}
    return [
        SampleSet(
            "LegalEntities",
            ("LegalEntityId",),
            [{"LegalEntityId": company, "Name": company, "AccountingCurrency": "CZK"}],
        ),
        SampleSet("OperationalSitesV2", ("dataAreaId", "SiteId"), [site]),
        SampleSet("Warehouses", ("dataAreaId", "WarehouseId"), [warehouse]),
        SampleSet("CustomerGroups", ("dataAreaId", "CustomerGroupId"), [{**own, "CustomerGroupId": "10"}]),
    ]


def customers(company: str, rows: int) -> list[Upsert]:
    """Customers of one company with what the accounts template fills."""
    return [
        Upsert(
            {"dataAreaId": company, "CustomerAccount": f"C-{number:06}"},
            {
                "PartyNumber": f"C-{number:06}",
                "PartyType": "Organization",
                "OrganizationName": f"Železářství Přerov {number} s.r.o.",
                "NameAlias": f"Železářství {number}",
                "SalesCurrencyCode": "CZK",
                "SalesMemo": f"Zákazník číslo {number}",
                "OrganizationNumberOfEmployees": number % 5_000,
                "CreditLimit": 250_000,
                "PrimaryContactEmail": f"objednavky@zakaznik{number}.example",
                "PrimaryContactPhone": f"+420 {700_000_000 + number}",
                "PrimaryContactURL": f"https://zakaznik{number}.example",
                "AddressStreet": f"Nádražní {number}",
                "AddressCity": "Přerov",
                "AddressZipCode": "750 02",
                "AddressCountryRegionISOCode": "CZ",
                "AddressDescription": "Business",
                "DeliveryAddressStreet": "Skladová 14",
                "DeliveryAddressCity": "Kolín",
                "DeliveryAddressZipCode": "280 02",
                "DeliveryAddressCountryRegionISOCode": "CZ",
                "CustomerGroupId": "10",
                "SiteId": "1",
                "WarehouseId": "13",
                "LanguageId": "en-us",
                "IsExternallyMaintained": "Yes",
            },
            {},
            exists=False,
        )
        for number in range(rows)
    ]


async def _load(url: str, rows: Sequence[Upsert], size: int, together: int) -> None:
    environment = FnoEnvironment(HttpEnvironment(url, name="operations"))
    try:
        await environment.connect()
        entity = environment.model.entity_set["CustomersV2"]
        places = asyncio.Semaphore(together)

        async def send(part: Sequence[Upsert]) -> None:
            async with places:
                for result in await environment.upsert(entity, part):
                    if result.written is not Written.CREATED:
                        raise SystemExit(f"a row was {result.written.value}: {result.message}")

        await asyncio.gather(*(send(rows[start : start + size]) for start in range(0, len(rows), size)))
    finally:
        await environment.close()


_HEAD = """# Benchmarks: data packages

`python -m benchmarks.packages --write` measures this; {machine}, {day:%Y-%m-%d}.
The first load of {rows:,} customers with 25 columns into a company of Operations over the embedded PostgreSQL, by
HTTP, with the integrator's own client, from the first request until the last row's result is known. Medians of five
loads, the ways in turn. Packages are slower here: the embedded service reads a package into staging and then saves its
rows, all in one thread, while it answers three batches at once; and the client builds a package only when the one
before is in. Therefore the integrator measures how fast batches are answered, and takes packages where batches are
slow, as in Finance and Operations. Reading XML into staging comes on top of what saving costs, where a batch has its
parts to read.
"""


def _table(found: Sequence[Sequence[Sample]]) -> list[str]:
    lines = ["| way | seconds | rows/s | CPU µs a row: service and PostgreSQL |", "| --- | ---: | ---: | ---: |"]
    walls = [median(sample.wall for sample in samples) for samples in found]
    for (name, _, _), samples, wall in zip(WAYS, found, walls, strict=True):
        cpu = median(sample.cpu / sample.rows for sample in samples) * 1e6
        lines.append(f"| {name} | {wall:.1f} | {samples[0].rows / wall:,.0f} | {cpu:.0f} |")
    return [*lines, "", f"By packages it takes {walls[1] / walls[0]:.2f} times as long."]


if __name__ == "__main__":
    main()
