"""Makes SQL and FetchXML that clients may send: mostly right, with names and values that do not always fit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from p2c.edm.entity import Entity

_VALUES = ("1", "0", "-1", "1.5", "99999999999999999999", "a", "%", "_", "[a-", "\\", "it's", "2020-01-01", "9" * 30)
_ODD_VALUES = ("", "\U0001f600", "00000000-0000-0000-0000-000000000001", "9999-12-31T23:59:59.999Z", "true", "null")
_OPERATORS = (
    *("eq", "ne", "neq", "gt", "le", "like", "not-like", "begins-with", "not-end-with", "in", "not-in", "between"),
    *(
        "null",
        "not-null",
        "on",
        "on-or-after",
        "today",
        "last-x-days",
        "next-x-weeks",
        "olderthan-x-months",
        "in-fiscal",
    ),
    *("eq-userid", "eq-businessid", "contain-values", "under", "above", "eq-or-under", "nope", ""),
)
_AGGREGATES = ("sum", "avg", "min", "max", "count", "countcolumn", "median")
_GROUPINGS = ("day", "week", "month", "quarter", "year", "fiscal-year", "era")
_COMPARISONS = ("=", "<>", "!=", "<", ">=", "LIKE", "NOT LIKE", "==")


class OddQueries:
    """Queries over one model's entities, by the chance given."""

    def __init__(self, entities: Sequence[Entity], chance: random.Random) -> None:
        self._entities = entities
        self._chance = chance

    def sql(self, entity: Entity) -> str:
        """A SELECT over the entity."""
        joined = self._maybe(0.3, self._join(entity))
        group = self._maybe(0.2, f" GROUP BY {self._names(entity)}")
        order = self._maybe(0.4, f" ORDER BY {self._names(entity)}{self._one((' DESC', ' ASC', ' up', ''))}")
        cut = self._maybe(0.2, f" OFFSET {self._number()} ROWS FETCH NEXT {self._number()} ROWS ONLY")
        top = self._maybe(0.3, f"{self._one(('TOP 5', 'TOP (2)', 'TOP -1', 'DISTINCT', f'TOP {self._number()}'))} ")
        where = self._maybe(0.6, f" WHERE {self._test(entity, 3)}")
        name = self._one((entity.name,) * 9 + ("nothing", "pg_class", "information_schema.tables"))
        return f"SELECT {top}{self._items(entity)} FROM {name} e{joined}{where}{group}{order}{cut}"

    def fetch(self, entity: Entity) -> str:
        """A FetchXML document over the entity."""
        aggregate = self._chance.random() < 0.25
        flags = {"aggregate": "true"} if aggregate else {}
        for name in ("top", "count", "page", "distinct", "returntotalrecordcount", "paging-cookie"):
            if self._chance.random() < 0.12:
                flags[name] = self._one(("1", "2", "true", self._number(), "<cookie page='1'/>"))
        return f"<fetch{_attributes(flags)}>{self._node(entity, aggregate, 3)}</fetch>"

    def _node(self, entity: Entity, aggregate: bool, depth: int, link: str = "") -> str:
        parts = [self._column(entity, aggregate) for _ in range(self._chance.randint(0, 3))]
        parts += [self._filter(entity, 3)] if self._chance.random() < 0.5 else []
        if self._chance.random() < 0.3:
            parts.append(f"<order attribute={quoteattr(self._name(entity))} descending='{self._one(('true', 'x'))}'/>")
        if depth and self._chance.random() < 0.3:
            other = self._chance.choice(self._entities)
            ends = {"from": self._name(other), "to": self._name(entity)}
            kind = self._one(("inner", "outer", "any", "exists", "cross"))
            parts.append(self._node(other, aggregate, depth - 1, f"{_attributes(ends)} link-type='{kind}' alias='l'"))
        tag = "link-entity" if link else "entity"
        return f"<{tag} name={quoteattr(entity.name)}{link}>{''.join(parts)}</{tag}>"

    def _column(self, entity: Entity, aggregate: bool) -> str:
        if self._chance.random() < 0.1:
            return "<all-attributes/>"
        flags = {"name": self._name(entity)}
        if aggregate or self._chance.random() < 0.05:
            flags["alias"] = self._one(("a", "b", "c", "1", ""))
            grouped = {"groupby": "true", "dategrouping": self._one(_GROUPINGS)}
            flags |= grouped if self._chance.random() < 0.4 else {"aggregate": self._one(_AGGREGATES)}
        return f"<attribute{_attributes(flags)}/>"

    def _filter(self, entity: Entity, depth: int) -> str:
        inner = [self._condition(entity) for _ in range(self._chance.randint(0, 3))]
        inner += [self._filter(entity, depth - 1)] if depth and self._chance.random() < 0.3 else []
        return f"<filter type='{self._one(('and', 'or', 'xor'))}'>{''.join(inner)}</filter>"

    def _condition(self, entity: Entity) -> str:
        flags = {"attribute": self._name(entity), "operator": self._one(_OPERATORS)}
        if self._chance.random() < 0.7:
            flags["value"] = self._value()
        elif self._chance.random() < 0.2:
            flags["valueof"] = self._name(entity)
        values = "".join(f"<value>{self._chance.randint(-1, 9)}</value>" for _ in range(self._chance.randint(0, 3)))
        return f"<condition{_attributes(flags)}>{values}</condition>"

    def _items(self, entity: Entity) -> str:
        if self._chance.random() < 0.2:
            return self._one(("*", "COUNT(*)", "e.*", "1", "name; DROP TABLE account", "(SELECT 1)"))
        if self._chance.random() < 0.2:
            return f"{self._one(_AGGREGATES)}({self._name(entity)}) AS [a b], {self._name(entity)}"
        return self._names(entity)

    def _join(self, entity: Entity) -> str:
        other = self._chance.choice(self._entities)
        way = self._one(("JOIN", "LEFT JOIN", "INNER JOIN", "CROSS JOIN", "FULL JOIN"))
        return f" {way} {other.name} o ON e.{self._name(entity)} = o.{self._name(other)}"

    def _test(self, entity: Entity, depth: int) -> str:
        kind = self._chance.randint(0, 6) if depth else 0
        if kind == 1:
            return f"({self._test(entity, depth - 1)} {self._one(('AND', 'OR'))} {self._test(entity, depth - 1)})"
        if kind == 2:
            return f"NOT ({self._test(entity, depth - 1)})"
        name, literal = self._name(entity), self._literal()
        return self._one(
            (
                f"{name} {self._one(_COMPARISONS)} {literal}",
                f"e.{name} IN ({literal}, {self._literal()})",
                f"{name} BETWEEN {literal} AND {self._literal()}",
                f"{name} IS NOT NULL",
            )
        )

    def _literal(self) -> str:
        value = self._value()
        return value if self._chance.random() < 0.3 else "'" + value.replace("'", "''") + "'"

    def _names(self, entity: Entity) -> str:
        return ", ".join(self._name(entity) for _ in range(self._chance.randint(1, 3)))

    def _name(self, entity: Entity) -> str:
        return (
            self._one(("nothing", "*", ""))
            if self._chance.random() < 0.05
            else self._chance.choice(entity.properties).name
        )

    def _number(self) -> str:
        return self._one(("0", "1", "5", "-1", "5001", "9" * 30, "x", "1.5"))

    def _value(self) -> str:
        return self._one((*_VALUES, *_ODD_VALUES))

    def _one(self, items: Sequence[str]) -> str:
        return self._chance.choice(items)

    def _maybe(self, share: float, text: str) -> str:
        return text if self._chance.random() < share else ""


def _attributes(flags: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in flags.items())
