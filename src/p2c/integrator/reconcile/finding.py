"""What a comparison finds, and how many of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from p2c.integrator.engine.comparing import FieldRule, Plain
from p2c.integrator.outcome import LegKey


class Kind(Enum):
    """How a row of one side stands to the other side."""

    EQUAL = "equal"
    """The destination has what the map makes of the source row."""
    DIFFERENT = "different"
    """It has the row with other values."""
    MISSING = "missing"
    """The source row maps; the destination has no row of that key."""
    EXTRA = "extra"
    """The destination has a row that no source row maps to, though it is of a kind that the leg writes."""
    REJECTED = "rejected"
    """The map refuses the source row, so that nothing can be compared."""
    SKIPPED = "skipped"
    """A condition keeps the source row back, its company is not mapped, or a person gave it up."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that should hold one value and holds another."""

    field: str
    expected: Plain
    found: Plain

    @property
    def filled(self) -> bool:
        """Whether the source has nothing for the field, so that it may be the destination that filled it."""
        return self.expected is None


def differences(
    rules: Sequence[FieldRule], expected: Sequence[Plain], found: Sequence[Plain]
) -> tuple[Difference, ...]:
    """The fields that do not hold what they should; both rows have a value a rule, in order."""
    return tuple(
        Difference(rule.name, one, other)
        for rule, one, other in zip(rules, expected, found, strict=True)
        if one != other and not rule.same(one, other)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One row's standing.

    `key` is the integration key as people read it, of the source row or, of an extra one, of the destination row.
    `company` is the legal entity, empty where rows belong to none. `there` says whether the destination has a row of
    that key. `code` and `reason` say why a row is missing, rejected or skipped, as far as it is known; `field` and
    `value` are what the map refused. `filled` are fields for which the source never had a value and that the
    destination filled in by itself, `kept` those whose value a policy or a person left to the destination: no run
    touches them, so they are no differences. `dismissed`: a person gave the row up, as it is.
    """

    kind: Kind
    company: str
    key: str
    source_id: str = ""
    differences: tuple[Difference, ...] = ()
    there: bool = False
    code: str = ""
    reason: str = ""
    field: str = ""
    value: str = ""
    filled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    dismissed: bool = False

    @property
    def listed(self) -> bool:
        """Whether people want to see it: equal rows are well, and so are skipped ones that did not arrive."""
        return self.kind is not Kind.EQUAL and (self.kind is not Kind.SKIPPED or self.there)


@dataclass(slots=True)
class Counts:
    """Rows by kind."""

    equal: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    rejected: int = 0
    skipped: int = 0

    def add(self, kind: Kind, number: int = 1) -> None:
        """Count rows of one kind."""
        setattr(self, kind.value, getattr(self, kind.value) + number)

    @property
    def agrees(self) -> bool:
        """Whether the destination has exactly what it should have, of all that could be compared."""
        return not (self.different or self.missing or self.extra or self.rejected)


@dataclass(slots=True, kw_only=True)
class LegComparison:
    """One leg: rows by company (legal entity) and kind, how often each field differs, and why rows were not compared.

    `source` and `destination` are `<environment>.<entity set>`; `because` counts by code, for skipped rows by reason;
    `filled` counts rows by field that the destination filled in by itself, `kept` those where its value stays.
    """

    leg: LegKey
    source: str
    destination: str
    companies: dict[str, Counts] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    because: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        self.companies.setdefault(finding.company, Counts()).add(finding.kind)
        self.fields.update(difference.field for difference in finding.differences)
        self.filled.update(finding.filled)
        self.kept.update(finding.kept)
        if finding.kind is not Kind.EQUAL and (finding.code or finding.reason):
            self.because[finding.code or finding.reason] += 1

    @property
    def total(self) -> Counts:
        """All companies together."""
        total = Counts()
        for counts in self.companies.values():
            for kind in Kind:
                total.add(kind, getattr(counts, kind.value))
        return total

    def as_json(self) -> Mapping[str, object]:
        """For programs."""
        return {
            **self.leg._asdict(),
            "source": self.source,
            "destination": self.destination,
            "agrees": self.total.agrees,
            "total": self.total,
            "companies": self.companies,
            "fields": dict(self.fields.most_common()),
            "filled": dict(self.filled.most_common()),
            "kept": dict(self.kept.most_common()),
            "because": dict(self.because.most_common()),
            "seconds": self.seconds,
        }
