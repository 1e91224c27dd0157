"""What is told of a row on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from p2c.integrator.engine.comparing import Plain
from p2c.integrator.outcome import Edit, FormerDelivery, LegKey, Rejection, Versions
from p2c.integrator.personal import Sight, is_personal


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """
    One destination field now: the source's values by field, the rule, what it makes of them, and what is there.

    `filled`: the source never had a value, the one that is there is the destination's own. `kept`: a policy or a person
    left the value to the destination.
    """

    field: str
    sources: Mapping[str, Plain]
    rule: str
    expected: Plain
    found: Plain
    agrees: bool
    filled: bool = False
    kept: bool = False

    def seen(self, sight: Sight) -> FieldTrace:
        """The field as a reader may see it; what comes from a personal field is personal."""
        telling = next((name for name in (self.field, *self.sources) if is_personal(name)), self.field)
        return replace(
            self,
            sources={name: sight.value(name, value) for name, value in self.sources.items()},
            expected=sight.value(telling, self.expected),
            found=sight.value(telling, self.found),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The run that last sent a row, and by what it ran."""

    run: int
    started_at: datetime
    started_by: str
    versions: Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTrace:
    """
    A row on one leg.

    `key` is the integration key, `company` the legal entity. `disposition` is what became of the row when the leg last
    met it, empty when it has not; `reason` why it was then kept back. `now` says why the leg would keep it back today,
    empty when it would not. `delivery` is None when no run has sent it, or the run is not remembered any more; `former`
    are the deliveries before it, the first one first, of a row that is gone all of them.
    `rejection` is the last one, which may be over; `edit` is what a person changed on the row's way, where it holds.
    `fields` are empty where the source row is gone.
    """

    leg: LegKey
    source: str
    destination: str
    source_id: str
    key: str
    company: str
    disposition: str = ""
    reason: str = ""
    now: str = ""
    there: bool = False
    delivery: Delivery | None = None
    former: tuple[FormerDelivery, ...] = ()
    rejection: Rejection | None = None
    edit: Edit | None = None
    fields: tuple[FieldTrace, ...] = ()

    def seen(self, sight: Sight) -> LegTrace:
        """The row as a reader may see it."""
        quoted = {name: value for field in self.fields for name, value in field.sources.items()}
        return replace(
            self,
            now=sight.words(self.now, quoted),
            rejection=sight.rejection(self.rejection) if self.rejection is not None else None,
            edit=sight.edit(self.edit) if self.edit is not None else None,
            fields=tuple(field.seen(sight) for field in self.fields),
        )
