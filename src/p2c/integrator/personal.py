"""Personal data in what people see: masked unless somebody asks for the values. Which fields are personal stands here.

Personal are names of people, e-mail addresses, telephone and fax numbers, streets, whole addresses, birthdays, accounts
in social networks, and numbers that an office gave to a person. Numbers of customers, names of companies, cities and
countries are not.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TypeVar

from msgspec import structs

from p2c.edm.values import Value
from p2c.integrator.outcome import Change, Edit, Rejection

_T = TypeVar("_T")
_PERSONAL = re.compile(
    r"""
    (?:first|middle|last|full|nick|given|family|spouses?|childrens|assistant|manager|contact|user|domain)_?names?
    | sur_?name | name_?alias | person_?name | known_?as | yomi | salutation
    | e-?mail | phone | fax | mobile | pager
    | twitter | facebook | linked_?in | social_?network
    | street | composite | (?:formatted|full)\w*address | address_?line | (?:address\d?|to)_line\d
    | birth | anniversary | government_?id | identification_?number
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHORTEST = 3
"""A shorter value may stand in a sentence by chance."""


@lru_cache(maxsize=4096)
def is_personal(field: str) -> bool:
    """Whether a field, as any of the three environments or a template spells it, holds data of a person."""
    return _PERSONAL.search(field) is not None


def masked(value: object) -> str:
    """A value of which only the beginning and the length can be seen: `J… (6)`."""
    text = str(value)
    return f"{text[:1]}… ({len(text)})"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see; `all` shows personal data too."""

    all: bool = False

    def value(self, field: str, value: _T) -> _T | str:
        """The value of a field; blanks, numbers and yes or no tell nothing about a person and are shown."""
        return self._seen(value) if is_personal(field) else value

    def row(self, row: Mapping[str, Value], personal: Container[str] = ()) -> dict[str, Value]:
        """A row by field; `personal` are fields that hold personal data whatever their names say."""
        return {
            field: self._seen(value) if field in personal else self.value(field, value) for field, value in row.items()
        }

    def _seen(self, value: _T) -> _T | str:
        hidden = not self.all and isinstance(value, str | date) and value != ""
        return masked(value) if hidden else value

    def words(self, text: str, row: Mapping[str, object]) -> str:
        """A sentence that may quote values of a row."""
        if not self.all:
            for field, value in row.items():
                if isinstance(value, str) and len(value) >= _SHORTEST and is_personal(field):
                    text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda found: masked(found[0]), text)
        return text

    def change(self, change: Change) -> Change:
        """A field's two values; what comes from a personal field is personal."""
        telling = change.of if is_personal(change.of) else change.field
        return structs.replace(change, old=self.value(telling, change.old), new=self.value(telling, change.new))

    def rejection(self, rejection: Rejection) -> Rejection:
        """A rejected row, with its payload."""
        if self.all:
            return rejection
        quoted = {**rejection.payload, rejection.field: rejection.value}
        return replace(
            rejection,
            value=self.value(rejection.field, rejection.value),
            reason=self.words(rejection.reason, quoted),
            payload=self.row(rejection.payload),
            changes=tuple(map(self.change, rejection.changes)),
        )

    def edit(self, edit: Edit) -> Edit:
        """What a person changed in a row; the row as it was then stands in its rejection."""
        changes = {name: None if text is None else str(self.value(name, text)) for name, text in edit.changes.items()}
        return replace(edit, changes=changes, payload={})


MASKED = Sight()
"""What is seen unless somebody asks for more."""
