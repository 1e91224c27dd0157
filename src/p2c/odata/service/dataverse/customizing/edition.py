"""The model of a running service as it stands: what was shipped, with what its users have added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from p2c.database.tables import Storage
from p2c.edm.customization import Customization
from p2c.edm.customized import Platform, customized
from p2c.edm.entity import Model
from p2c.odata.service.dataverse.customizing.relations import with_relations
from p2c.odata.service.rules import TableRules


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of an environment; a change of it makes another one."""

    customization: Customization
    model: Model
    storage: Storage
    rules: Mapping[str, TableRules]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a room ships: its model and rules, what tables of its users get, and the rules of those."""

    model: Model
    rules: Mapping[str, TableRules]
    platform: Platform
    custom_rules: Callable[[str], TableRules]

    def edition(self, customization: Customization) -> Edition:
        """The environment with what its users have added."""
        model = customized(self.model, customization, self.platform)
        rules = {**self.rules, **{table.name: self.custom_rules(table.name) for table in customization.tables}}
        return Edition(customization, model, Storage(model.tables), with_relations(model, rules))
