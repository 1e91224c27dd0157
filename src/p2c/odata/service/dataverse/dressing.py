"""Reads rows as one Dataverse caller asked to see them: with annotations where wanted, amounts with their currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
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
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.languages import caller_language
from p2c.odata.service.message import Request
from p2c.odata.service.reading import Page, Reader
from p2c.odata.service.selection import checked_expands, expanded_with_currency, with_currency

_SCHEMA = "1"


class Dressing:
    """What one request wants to see beside the plain values."""

    def __init__(self, model: Model, session: Session, request: Request) -> None:
        self._model = model
        self._session = session
        self._language = caller_language(request.headers)
        self._text = request.preferences().get(PREFERENCE, "")
        self.wanted = Wanted.parse(self._text)

    def reader(self) -> Reader:
        """Reads what the annotations need as well."""
        style = replace(DATAVERSE, lookup_types=self.wanted.of_values)
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

    def rows(self, entity: Entity, rows: Sequence[str], expands: Sequence[Expand] = ()) -> Sequence[str]:
        """The rows with the wanted annotations."""
        if not self.wanted.of_values:
            return rows
        facts = Facts(self._model, self._session)
        return Annotator(self._model, facts, self.wanted, self._language).annotated(entity, rows, expands)

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
