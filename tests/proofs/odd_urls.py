"""Makes URLs that clients should not send: from right ones, right ones broken in some places, and noise; by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType
from tests.proofs.odd_queries import OddQueries

_SOMEBODY = "00000000-0000-0000-0000-000000000001"
_LITERALS = (
    *("null", "true", "false", "0", "-1", "2147483648", "9223372036854775808", "1e400", "-1e-400", "1.5", "NaN", "INF"),
    *("''", "'a'", "'o''clock'", "'%'", "'_'", "'\\'", "'é\u0301'", "'\U0001f600'", "'\0'", "'" + "x" * 300 + "'"),
    *("2024-01-01", "2024-13-99", "0001-01-01", "9999-12-31T23:59:59.9999999Z", "2024-02-30T00:00:00Z", "10000-01-01"),
    *(_SOMEBODY, "00000000-0000-0000-0000-00000000000g", "guid'x'", "duration'P1D'", "@p", "@missing"),
    *(
        "Microsoft.Dynamics.DataEntities.NoYes'Yes'",
        "Microsoft.Dynamics.DataEntities.NoYes'Maybe'",
        "99999999999999.99",
    ),
)
_OF_TYPE: Mapping[EdmType, tuple[str, ...]] = {
    EdmType.STRING: ("'a'", "'A 1'", "''", "'%'", "'\\'", "'é\u0301'", "'\0'", "null"),
    EdmType.INT32: ("0", "1", "-1", "2147483647", "2147483648", "null"),
    EdmType.INT64: ("0", "5637144576", "9223372036854775807", "9223372036854775808", "null"),
    EdmType.DECIMAL: ("0", "1.5", "-0.0000000001", "1e400", "99999999999999999999.99", "null"),
    EdmType.BOOLEAN: ("true", "false", "null"),
    EdmType.DATE: ("2024-01-01", "0001-01-01", "9999-12-31", "2024-02-30", "null"),
    EdmType.DATETIME: (
        "2024-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999+14:00",
        "0001-01-01T00:00:00+14:00",
        "null",
    ),
    EdmType.GUID: (_SOMEBODY, f"'{_SOMEBODY}'", "null"),
}
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le", "in", "has", "EQ")
_ARITHMETIC = ("add", "sub", "mul", "div", "divby", "mod")
_FUNCTIONS = ("contains", "startswith", "endswith", "indexof", "substring", "concat", "matchesPattern")
_CONVERSIONS = ("tolower", "toupper", "trim", "length", "year", "month", "day", "hour", "second", "date", "round")
_NOISE = (
    *"'\"()/,;$@=:*<>{}[]%&+#?\\ ~^`|",
    *(
        "%27",
        "%00",
        "%",
        "%zz",
        "%C3",
        "%2F",
        "\x7f",
        "\u202e",
        "\ud7ff",
        "null",
        "eq",
        "any(",
        "$it",
        "$count",
        "$ref",
    ),
    *("$filter=", "$expand=", "$levels=max", "@p1=", "../", "//", "))", "((", "''", "x:x/", "9" * 30, "-" * 9),
)
_FRAGMENTS = ("$value", "$ref", "$count", "$metadata", "$batch", "$entity", "Microsoft.Dynamics.CRM.UpsertMultiple")


@dataclass(frozen=True, slots=True)
class OddUrl:
    """A method, the path below the service root, the query and the body, as they would come over the wire."""

    method: str
    path: str
    query: str
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query}"


class OddUrls:
    """An endless supply; the same seed gives the same URLs. `broken` is the share of those that are spoilt."""

    def __init__(self, model: Model, seed: int, broken: float = 0.5) -> None:
        self._chance = random.Random(seed)
        self._share = broken
        self._entities = model.entities
        self._queries = OddQueries(model.entities, self._chance)
        self._readers: Sequence[Callable[[Entity], str]] = (
            lambda entity: f"$filter={self._condition(entity, 3)}",
            lambda entity: f"$filter={self._condition(entity, 3)}",
            lambda entity: f"$select={self._names(entity)}",
            lambda entity: f"$orderby={self._names(entity)}{self._one((' desc', ' asc', ' up', ''))}",
            lambda entity: f"$top={self._one(('5', '0', '-1', '99999999999', 'all'))}",
            lambda entity: f"$skip={self._one(('0', '3', '9999999999', '1.5'))}",
            lambda entity: f"$count={self._one(('true', 'false', 'yes'))}",
            lambda entity: f"$expand={self._expansion(entity)}",
            lambda entity: f"$apply={self._aggregation(entity)}",
            lambda entity: f"$skiptoken={self._one(('x', '1', '%3Ccookie%20pagenumber=%222%22%2F%3E'))}",
            lambda entity: f"$deltatoken={self._one(('1!01/01/2026 00:00:00', 'x', '-1'))}",
            lambda entity: f"cross-company={self._one(('true', 'false', 'maybe'))}",
            lambda entity: f"@p={self._one(_LITERALS)}",
            lambda entity: f"fetchXml={self._queries.fetch(entity)}",
            lambda entity: f"sql={self._queries.sql(entity)}",
        )

    def next(self) -> OddUrl:
        """The next URL."""
        entity = self._chance.choice(self._entities)
        path, query = self._path(entity), "&".join(self._options(entity))
        if self._chance.random() < self._share:
            path, query = (self._broken(path), query) if self._chance.random() < 0.3 else (path, self._broken(query))
        elif self._chance.random() < self._share / 10:
            path, query = self._noise(), self._noise()
        if self._chance.random() < 0.9:
            path, query = quote(path, safe="/()$=,@'%:"), quote(query, safe="$=&@%'(),/:+")
        method = self._one(("GET",) * 16 + ("POST", "PATCH", "PUT", "DELETE"))
        return OddUrl(method, path, query)

    def condition(self) -> str:
        """A `$filter`, right or broken."""
        text = self._condition(self._chance.choice(self._entities), 4)
        return self._broken(text) if self._chance.random() < self._share else text

    def _one(self, items: Sequence[str]) -> str:
        return self._chance.choice(items)

    def _options(self, entity: Entity) -> list[str]:
        return [self._chance.choice(self._readers)(entity) for _ in range(self._chance.choice((0, 1, 1, 1, 2, 3)))]

    def _name(self, entity: Entity) -> str:
        item = self._chance.choice(entity.properties)
        if item.is_lookup and self._chance.random() < 0.9:
            return f"_{item.name}_value"
        return self._one(("nothing", "", "*")) if self._chance.random() < 0.05 else item.name

    def _names(self, entity: Entity) -> str:
        return ",".join(self._name(entity) for _ in range(self._chance.randint(1, 4)))

    def _way(self, entity: Entity) -> str:
        return self._one([*entity.navigation, *entity.relation, "nothing"])

    def _step(self, entity: Entity) -> tuple[str, Entity]:
        """A navigation property and where it leads."""
        way = self._way(entity)
        target = entity.navigation[way][1] if way in entity.navigation else ""
        target = entity.relation[way].target if way in entity.relation else target
        return way, next((other for other in self._entities if other.name == target), entity)

    def _path(self, entity: Entity) -> str:
        steps = [entity.set_name]
        if self._chance.random() < 0.3:
            steps[0] += f"({self._key(entity)})"
            if self._chance.random() < 0.5:
                steps.append(self._one((self._way(entity), self._name(entity), *_FRAGMENTS)))
        if self._chance.random() < 0.1:
            steps.append(self._one(_FRAGMENTS))
        return "/".join(steps)

    def _key(self, entity: Entity) -> str:
        if self._chance.random() < 0.4:
            return self._one(_LITERALS)
        names = entity.key if self._chance.random() < 0.6 else (self._name(entity), self._name(entity))
        return ",".join(f"{name}={self._one(_LITERALS)}" for name in names)

    def _condition(self, entity: Entity, depth: int) -> str:
        kind = self._chance.randint(0, 9) if depth else 0
        if kind <= 1:
            item = self._chance.choice(entity.properties)
            name = f"_{item.name}_value" if item.is_lookup else item.name
            values = _OF_TYPE.get(item.type, _LITERALS)
            if self._chance.random() < 0.2:
                return f"{name} in ({self._one(values)},{self._one(values)})"
            return f"{name} {self._one(_COMPARISONS[:6])} {self._one(values)}"
        if kind <= 3:
            return f"{self._term(entity, depth)} {self._one(_COMPARISONS)} {self._term(entity, 1)}"
        if kind == 4:
            left, right = self._condition(entity, depth - 1), self._condition(entity, depth - 1)
            return f"({left} {self._one(('and', 'or'))} {right})"
        if kind == 5:
            return f"not ({self._condition(entity, depth - 1)})"
        if kind == 6:
            return f"{self._one(_FUNCTIONS)}({self._term(entity, 1)},{self._term(entity, 1)})"
        if kind == 7:
            inner = self._condition(self._chance.choice(self._entities), depth - 1)
            return f"{self._way(entity)}/{self._one(('any', 'all'))}({self._one(('x:', ''))}{inner})"
        if kind == 8:
            return (
                f"{self._name(entity)} in ({','.join(self._one(_LITERALS) for _ in range(self._chance.randint(0, 5)))})"
            )
        return self._query_function(entity)

    def _query_function(self, entity: Entity) -> str:
        name = self._one(
            ("In", "NotIn", "Between", "LastXDays", "On", "Today", "UnderOrEqual", "ContainValues", "Nope")
        )
        value = self._one(("PropertyValue=3", "PropertyValue='x'", "PropertyValues=['1','2']", "PropertyValues=[]"))
        return f"Microsoft.Dynamics.CRM.{name}(PropertyName='{self._name(entity)}',{value})"

    def _term(self, entity: Entity, depth: int) -> str:
        kind = self._chance.randint(0, 9)
        if kind <= 3 or not depth:
            return self._name(entity)
        if kind <= 6:
            return self._one(_LITERALS)
        if kind == 7:
            return f"{self._one(_CONVERSIONS)}({self._term(entity, depth - 1)})"
        if kind == 8:
            way, inside = self._step(entity)
            return f"{way}/{self._name(inside)}"
        left, right = self._term(entity, depth - 1), self._term(entity, depth - 1)
        return f"({left} {self._one(_ARITHMETIC)} {right})"

    def _expansion(self, entity: Entity) -> str:
        way, inside = self._step(entity)
        options = (
            f"$select={self._names(inside)}",
            f"$filter={self._condition(inside, 1)}",
            "$top=2",
            "$levels=3",
            "x",
        )
        nested = self._one(("", "", f"({self._one(options)})", f"({self._one(options)};{self._one(options)})"))
        more = f",{self._expansion(entity)}" if self._chance.random() < 0.2 else ""
        return f"{way}{nested}{more}"

    def _aggregation(self, entity: Entity) -> str:
        method = self._one(("sum", "average", "min", "max", "countdistinct", "median"))
        steps = (
            f"filter({self._condition(entity, 1)})",
            f"groupby(({self._names(entity)}))",
            f"groupby(({self._names(entity)}),aggregate({self._name(entity)} with {method} as a,$count as n))",
            f"aggregate({self._name(entity)} with {method} as a)",
        )
        return "/".join(self._one(steps) for _ in range(self._chance.randint(1, 2)))

    def query(self) -> str:
        """SQL or FetchXML, right or broken."""
        entity = self._chance.choice(self._entities)
        text = self._queries.sql(entity) if self._chance.random() < 0.5 else self._queries.fetch(entity)
        return self._broken(text) if self._chance.random() < self._share else text

    def _broken(self, text: str) -> str:
        for _ in range(self._chance.randint(1, 4)):
            at = self._chance.randint(0, len(text))
            kind = self._chance.randint(0, 3)
            if kind == 0:
                text = text[:at] + self._one(_NOISE) + text[at:]
            elif kind == 1:
                text = text[:at] + text[at + self._chance.randint(1, 5) :]
            elif kind == 2:
                text = text[:at] + text[max(0, at - 12) :]
            else:
                text = text[:at] + self._one(_NOISE)
        return text

    def _noise(self) -> str:
        return "".join(self._one((*_NOISE, *_LITERALS)) for _ in range(self._chance.randint(0, 30)))
