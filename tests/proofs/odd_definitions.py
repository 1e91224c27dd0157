"""Makes changes of tables and columns that clients should not ask for: right ones with parts that do not fit."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from tests.proofs.odd_urls import OddUrl

_Json: TypeAlias = "bool | int | float | str | Sequence[_Json] | Mapping[str, _Json] | None"
_ODD: Sequence[_Json] = msgspec.json.decode(
    r"""[null, true, 0, -1, 2147483648, 9223372036854775808, 1.5, 1e300, "", "x", "new_", "new_a b", "name",
    "accountid", "\u0000", "😀", "new_Ž", "select", "'; DROP TABLE account --", "1.0", "Microsoft.Dynamics.CRM.Nothing",
    [], {}, [null], [[[]]], {"x": {}}, [1, "a"]]"""
)
_KINDS = ("String", "Integer", "Decimal", "Money", "DateTime", "Boolean", "Memo", "Double", "BigInt", "File", "Lookup")


class OddDefinitions:
    """An endless supply; the same seed gives the same requests. `broken` is the share of bodies that are spoilt."""

    def __init__(self, seed: int, broken: float = 0.4) -> None:
        self._chance = random.Random(seed)
        self._broken = broken

    def next(self) -> OddUrl:
        """The next request; tables that it makes are called `new_t0` to `new_t3`."""
        table = self._address("EntityDefinitions", self._one(("new_t0", "new_t1", "new_t2", "account", "nothing")))
        column = self._address(f"{table}/Attributes", self._one(("new_c0", "new_c1", "name", "new_name")))
        key = self._address(f"{table}/Keys", self._one(("new_k0", "new_k1", "nothing")), "SchemaName")
        relation = self._address("RelationshipDefinitions", self._one(("new_r0", "new_r1")), "SchemaName")
        asked: Sequence[tuple[str, str, _Json]] = (
            ("EntityDefinitions", "POST", self._table()),
            ("CreateEntities", "POST", {"Entities": [self._table(), self._table()]}),
            (table, self._one(("PUT", "DELETE", "PATCH", "GET")), self._table()),
            (f"{table}/Attributes", "POST", self._column()),
            (f"{table}/Attributes", "POST", self._column()),
            (column, self._one(("PUT", "DELETE", "GET")), self._column()),
            (f"{table}/Keys", "POST", self._key()),
            (key, "DELETE", {}),
            ("RelationshipDefinitions", "POST", self._relation()),
            (relation, self._one(("DELETE", "PUT")), self._relation()),
            ("GlobalOptionSetDefinitions", "POST", {}),
        )
        path, method, body = self._chance.choice(asked)
        if self._chance.random() < self._broken:
            for _ in range(self._chance.randint(1, 3)):
                body = self._spoilt(body)
        text = msgspec.json.encode(body)
        if self._chance.random() < 0.05:
            text = text[: self._chance.randint(0, len(text))]
        return OddUrl(method, path, "", text)

    def _address(self, base: str, name: str, member: str = "LogicalName") -> str:
        return self._one((f"{base}({member}='{name}')",) * 8 + (f"{base}(x)", base))

    def _table(self) -> dict[str, _Json]:
        columns: list[_Json] = [{**self._column("String"), "SchemaName": "new_Name", "IsPrimaryName": True}]
        columns += [self._column() for _ in range(self._chance.randint(0, 2))]
        name = f"new_T{self._chance.randint(0, 3)}"
        return {"SchemaName": name, "DisplayName": _label(name), "Attributes": columns, "OwnershipType": "UserOwned"}

    def _column(self, kind: str = "") -> dict[str, _Json]:
        word = kind or self._one((*_KINDS, "Picklist"))
        options: list[_Json] = [{"Value": number, "Label": _label(str(number))} for number in range(3)]
        return {
            "@odata.type": f"Microsoft.Dynamics.CRM.{word}AttributeMetadata",
            "SchemaName": f"new_C{self._chance.randint(0, 3)}",
            "DisplayName": _label("A column"),
            "RequiredLevel": {"Value": "None"},
            **({"MaxLength": 100} if word in ("String", "Memo") else {}),
            **({"MinValue": 0, "MaxValue": 9} if word in ("Integer", "Decimal", "Double", "Money") else {}),
            **({"OptionSet": {"IsGlobal": False, "Options": options}} if word == "Picklist" else {}),
        }

    def _key(self) -> dict[str, _Json]:
        columns: list[_Json] = ["new_c0", self._one(("new_c1", "new_name", "nothing"))]
        return {"SchemaName": f"new_K{self._chance.randint(0, 1)}", "KeyAttributes": columns}

    def _relation(self) -> dict[str, _Json]:
        ends = [f"new_t{self._chance.randint(0, 2)}", self._one(("account", "new_t0", "nothing"))]
        self._chance.shuffle(ends)
        if self._chance.random() < 0.4:
            two: Mapping[str, _Json] = {
                "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
                "Entity1LogicalName": ends[0],
                "Entity2LogicalName": ends[1],
                "IntersectEntityName": "new_both",
            }
            return {"SchemaName": f"new_R{self._chance.randint(0, 1)}", **two}
        return {
            "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
            "SchemaName": f"new_R{self._chance.randint(0, 1)}",
            "ReferencedEntity": ends[0],
            "ReferencingEntity": ends[1],
            "CascadeConfiguration": {"Delete": self._one(("RemoveLink", "Cascade", "Restrict", "Other"))},
            "Lookup": self._column("Lookup"),
        }

    def _spoilt(self, value: _Json) -> _Json:
        """The value with one part, somewhere inside, gone or replaced."""
        if isinstance(value, Mapping) and value and self._chance.random() < 0.9:
            name = self._one(list(value))
            if self._chance.random() < 0.2:
                return {other: part for other, part in value.items() if other != name}
            return {**value, name: self._spoilt(value[name])}
        if isinstance(value, list) and value and self._chance.random() < 0.9:
            at = self._chance.randrange(len(value))
            return [*value[:at], self._spoilt(value[at]), *value[at + 1 :]]
        return self._chance.choice(_ODD)

    def _one(self, items: Sequence[str]) -> str:
        return self._chance.choice(items)


def _label(text: str) -> _Json:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}
