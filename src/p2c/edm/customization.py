"""What users have added to a model: tables, columns, keys, relationships. Kept as data, merged at start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias, TypeVar

from msgspec import Struct

from p2c.edm.entity import Ownership
from p2c.edm.property import OnDelete, Required


class Option(Struct, frozen=True):
    """One member of a choice."""

    value: int
    label: str


class CustomTable(Struct, frozen=True, kw_only=True):
    """A table; its columns stand beside it. `primary_name` is the column that rows are called by."""

    schema_name: str
    set_name: str
    label: str
    plural: str
    primary_name: str
    description: str = ""
    ownership: Ownership = Ownership.USER

    @property
    def name(self) -> str:
        """The logical name."""
        return self.schema_name.lower()


class CustomColumn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of any table. `kind` is its type in the platform's metadata.

    A choice and a yes-no column have `options`. A lookup has a `target`, and a `relationship`, which is also the name
    of the collection at the target.
    """

    table: str
    schema_name: str
    kind: str
    label: str
    description: str = ""
    required: Required = Required.NONE
    max_length: int | None = None
    scale: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    format: str = ""
    behavior: str = ""
    options: tuple[Option, ...] = ()
    default: int | None = None
    target: str = ""
    relationship: str = ""
    on_delete: OnDelete = OnDelete.REMOVE_LINK

    @property
    def name(self) -> str:
        """The logical name."""
        return self.schema_name.lower()


class CustomKey(Struct, frozen=True, kw_only=True):
    """An alternate key of any table."""

    table: str
    schema_name: str
    label: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The logical name."""
        return self.schema_name.lower()


class CustomLink(Struct, frozen=True, kw_only=True):
    """A many-to-many relationship of two tables; `links` is the table with one row a link.

    The navigations are the collections of the other side's rows at each.
    """

    schema_name: str
    links: str
    first: str
    second: str
    first_navigation: str
    second_navigation: str

    @property
    def name(self) -> str:
        """The logical name."""
        return self.schema_name.lower()


Part: TypeAlias = CustomTable | CustomColumn | CustomKey | CustomLink
_Part = TypeVar("_Part", CustomTable, CustomColumn, CustomKey, CustomLink)
KINDS: dict[str, type[Part]] = {"table": CustomTable, "column": CustomColumn, "key": CustomKey, "link": CustomLink}
"""The kinds of parts, by the word that they are kept under."""


class Customization(Struct, frozen=True):
    """All that was added, each kind in the order in which it was."""

    tables: tuple[CustomTable, ...] = ()
    columns: tuple[CustomColumn, ...] = ()
    keys: tuple[CustomKey, ...] = ()
    links: tuple[CustomLink, ...] = ()

    def parts(self) -> Iterator[Part]:
        """All parts."""
        yield from self.tables
        yield from self.columns
        yield from self.keys
        yield from self.links

    def columns_of(self, table: str) -> tuple[CustomColumn, ...]:
        """The columns added to a table."""
        return tuple(column for column in self.columns if column.table == table)

    def with_parts(self, *added: Part) -> Customization:
        """With these; a part takes the place of the one that has its name."""
        return Customization(
            _merged(self.tables, added, CustomTable),
            _merged(self.columns, added, CustomColumn),
            _merged(self.keys, added, CustomKey),
            _merged(self.links, added, CustomLink),
        )

    def without(self, *gone: Part) -> Customization:
        """Without these."""
        names = {identity(part) for part in gone}
        return Customization(
            tuple(part for part in self.tables if identity(part) not in names),
            tuple(part for part in self.columns if identity(part) not in names),
            tuple(part for part in self.keys if identity(part) not in names),
            tuple(part for part in self.links if identity(part) not in names),
        )


def identity(part: Part) -> tuple[str, str]:
    """The kind of a part, and its name among those of its kind."""
    kind = next(word for word, shape in KINDS.items() if isinstance(part, shape))
    return kind, f"{part.table}.{part.name}" if isinstance(part, CustomColumn | CustomKey) else part.name


def _merged(parts: Iterable[_Part], added: Iterable[Part], shape: type[_Part]) -> tuple[_Part, ...]:
    found = {identity(part): part for part in parts}
    found.update({identity(part): part for part in added if isinstance(part, shape)})
    return tuple(found.values())
