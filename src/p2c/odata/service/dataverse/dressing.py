"""Reads rows as one Dataverse caller asked to see them: with annotations where wanted, amounts with their currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.odata.query.ast import Expand
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.dataverse.annotations.facts import Facts
from p2c.odata.service.dataverse.annotations.rows import Annotator
from p2c.odata.service.dataverse.annotations.wanted import (
    PREFERENCE,
    SCHEMA_VERSION,
    TOTAL,
    TOTAL_EXCEEDED,
    Wanted,
)
from p2c.odata.service.dataverse.expanded import with_links
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.languages import caller_language
from p2c.odata.service.message import Request
from p2c.odata.service.reading import Page, Reader
from p2c.odata.service.selection import checked_expands, expanded_with_currency, with_currency

PAGE_SIZE = "odata.maxpagesize"
_SCHEMA = "1"


def page_size(preferences: Mapping[str, str]) -> int | None:
    """How many rows a page the client prefers; None where it leaves that to the service."""
    wanted = preferences.get(PAGE_SIZE, "")
    if not (wanted.isascii() and wanted.isdecimal() and int(wanted)):
        return None
    return min(int(wanted), DATAVERSE.page_size)


class Dressing:
    """What one request wants to see beside the plain values."""

    def __init__(self, model: Model, session: Session, request: Request) -> None:
        self._model = model
        self._session = session
        self._language = caller_language(request.headers)
        preferences = request.preferences()
        self._text = preferences.get(PREFERENCE, "")
        self._page_size = page_size(preferences)
        self._root = request.root
        self.wanted = Wanted.parse(self._text)

    def reader(self, expands: Sequence[Expand] = ()) -> Reader:
        """Reads what the annotations, and the links to the rest of what is expanded, need as well."""
        style = replace(DATAVERSE, lookup_types=self.wanted.of_values, children=self._children(expands))
        return Reader(self._model, self._session, style)

    def shaped(self, entity: Entity, options: QueryOptions) -> QueryOptions:
        """
        The options with what their selections bring along.

        Raises:
            RequestError: `$expand` asks for what it may not.
        """
        checked_expands(self._model, entity, options.expand)
        return replace(
            options,
            select=with_currency(entity, options.select),
            expand=expanded_with_currency(self._model, entity, options.expand),
        )

    def rows(
        self,
        entity: Entity,
        rows: Sequence[str],
        expands: Sequence[Expand] = (),
        shown: Mapping[str, Property] | None = None,
    ) -> Sequence[str]:
        """The rows with the wanted annotations; `shown` has the properties of rows that are not the entity's own."""
        rows = with_links(rows, expands, self._root, self._children(expands))
        if not self.wanted.of_values:
            return rows
        facts = Facts(self._model, self._session)
        return Annotator(self._model, facts, self.wanted, self._language).annotated(entity, rows, expands, shown)

    def _children(self, expands: Sequence[Expand]) -> int:
        """How many rows of a collection are expanded: a page of them where they expand others themselves."""
        nested = any(expand.expand for expand in expands)
        return self._page_size if nested and self._page_size is not None else DATAVERSE.page_size

    def notes(self, page: Page) -> dict[str, object]:
        """The annotations of a page: how many rows there are in all (-1: not counted), the schema's version."""
        all_notes: dict[str, object] = {
            TOTAL: -1 if page.count is None else page.count,
            TOTAL_EXCEEDED: page.count_exceeded,
            SCHEMA_VERSION: _SCHEMA,
        }
        return {f"@{name}": value for name, value in all_notes.items() if name in self.wanted}

    @property
    def applied(self) -> list[str]:
        """What `Preference-Applied` says of the annotations."""
        return [f'{PREFERENCE}="{self._text}"'] if self._text else []
