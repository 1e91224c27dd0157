"""Puts what people changed in rejected rows into those rows on their way; the source keeps its own values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.related import RelatedField
from p2c.integrator.outcome import Edit
from p2c.integrator.store.rejections import payload_values


class Edits:
    """The edits of one leg, by source id; each holds while its source row is what it was when it was edited."""

    def __init__(
        self, edits: Mapping[str, Edit], entity: Entity, model: Model, related: Iterable[RelatedField]
    ) -> None:
        self._edits = edits
        self._types = {item.name: item.type for item in entity.properties}
        for item in related:
            target = item.targets[0]
            self._types[item.name] = model.entity[target.entity].property[target.field].type

    def of(self, row: Row, source_id: str) -> Edit | None:
        """The row's edit, if it has one that holds."""
        edit = self._edits.get(source_id)
        return edit if edit is not None and edit.payload == payload_values(row) else None

    def edited(self, row: Row, source_id: str) -> Row:
        """
        The row with its edit, if it has one that holds.

        Raises:
            RejectedRowError: A value does not fit its field.
        """
        edit = self.of(row, source_id)
        if edit is None:
            return row
        return {**row, **{name: self._typed(name, text) for name, text in edit.changes.items() if name in row}}

    def _typed(self, name: str, text: str | None) -> Value:
        if text is None:
            return None
        try:
            return self._types[name].parse(text)
        except msgspec.ValidationError as error:
            raise RejectedRowError(
                RejectCode.WRONG_TYPE.value,
                f"the edited value does not fit the field ({error})",
                field=name,
                value=text,
                way_out="edit the row again: `p2c rejected edit`",
            ) from error
