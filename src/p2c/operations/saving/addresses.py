"""Addresses of a row: country codes kept in step, written out in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from p2c.edm.change import Change, ProblemKind, accepted
from p2c.edm.values import Row
from p2c.operations.rules.address import formatted
from p2c.operations.rules.country import CountryError, in_step
from p2c.operations.saving.values import text_of


@dataclass(frozen=True, kw_only=True)
class AddressColumns:
    """The columns of one address: `prefix` and the part's name; `suffix` is Id where a state is StateId.

    `full` is the column that the formatted address goes to, "" for none; `iso` False: no ISO code is kept.
    """

    prefix: str
    suffix: str = ""
    full: str = ""
    iso: bool = True

    @cached_property
    def iso_column(self) -> str:
        """Column of the two-letter country code."""
        return f"{self.prefix}CountryRegionISOCode"

    @cached_property
    def region_column(self) -> str:
        """Column of the three-letter country code."""
        return f"{self.prefix}CountryRegionId"

    @cached_property
    def part_columns(self) -> tuple[str, ...]:
        """Columns of street, city, state, ZIP code, country and house number, which the address is written from."""
        names = ("Street", "City", f"State{self.suffix}", "ZipCode", "CountryRegionId", "StreetNumber")
        return tuple(f"{self.prefix}{name}" for name in names)

    def written_out(self, source: Change | Row) -> str:
        """The address in full."""
        values = source.values if isinstance(source, Change) and source.is_create else source
        return formatted(*[text_of(values, column) for column in self.part_columns])


def settle_addresses(changes: Sequence[Change], addresses: Sequence[AddressColumns]) -> None:
    """Keep both country codes of every address in step, refuse unknown ones, and format the addresses."""
    for change in accepted(changes):
        for address in addresses:
            _settle_country(change, address)
            if address.full:
                change.values[address.full] = address.written_out(change)


def _settle_country(change: Change, address: AddressColumns) -> None:
    if change.is_create and change.get(address.iso_column) == "" == change.get(address.region_column):
        return
    iso_set = address.iso and change.sets(address.iso_column)
    region_set = change.sets(address.region_column)
    if not iso_set and not region_set:
        return
    # Codes are upper case in both lists.
    iso = text_of(change, address.iso_column).upper()
    region = text_of(change, address.region_column).upper()
    try:
        iso, region = in_step(iso, region, iso_set=iso_set, region_set=region_set)
    except CountryError as error:
        field = address.iso_column if error.part == "iso" else address.region_column
        change.refuse(ProblemKind.RULE, f"{field}: {error}", field=field, value=text_of(change, field))
        return
    change.values[address.region_column] = region
    if address.iso:
        change.values[address.iso_column] = iso
