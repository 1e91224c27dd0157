"""The data entities that packages may hold: known by their label, with fields in upper case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.errors import nearest
from p2c.odata.packages.errors import PackageError
from p2c.odata.service.fno.metadata_items import DataEntityFacts
from p2c.operations.packages.published import ENTITIES

FACTS: Mapping[str, DataEntityFacts] = {
    "LegalEntities": DataEntityFacts("OMLegalEntity"),
    "Currencies": DataEntityFacts("CurrencyEntity", "Reference"),
    "UnitsOfMeasure": DataEntityFacts("UnitOfMeasureEntity", "Reference"),
    "UnitOfMeasureConversions": DataEntityFacts("UnitOfMeasureConversionEntity", "Reference"),
    "OperationalSitesV2": DataEntityFacts("InventOperationalSiteV2Entity"),
    "Warehouses": DataEntityFacts("InventWarehouseEntity"),
    "CustomerGroups": DataEntityFacts("CustCustomerGroupEntity", "Reference"),
    "CustomersV2": DataEntityFacts("CustCustomerV2Entity"),
    "CustomersV3": DataEntityFacts("CustCustomerV3Entity"),
    "CDSContactPersons": DataEntityFacts("smmContactPersonCDSEntity"),
    "CDSContactPersonsV2": DataEntityFacts("smmContactPersonCDSV2Entity"),
    "ProductsV2": DataEntityFacts("EcoResProductV2Entity"),
    "ReleasedProductsV2": DataEntityFacts("EcoResReleasedProductV2Entity"),
    "SellableReleasedProducts": DataEntityFacts("EcoResSellableReleasedProductEntity"),
    "CDSReleasedDistinctProducts": DataEntityFacts("EcoResReleasedDistinctProductCDSEntity"),
    "WarehousesOnHandV2": DataEntityFacts("InventWarehouseOnHandV2Entity", "Transaction"),
    "SalesQuotationHeaders": DataEntityFacts("SalesQuotationHeaderEntity", "Document"),
    "CDSSalesQuotationHeaders": DataEntityFacts("SalesQuotationHeaderCDSEntity", "Document"),
    "CDSSalesQuotationLines": DataEntityFacts("SalesQuotationLineCDSEntity", "Document"),
    "DataManagementDefinitionGroups": DataEntityFacts("DMFDefinitionGroupEntity", "Parameters", False),
    "DataManagementDefinitionGroupDetails": DataEntityFacts("DMFDefinitionGroupDetailEntity", "Parameters", False),
    "DataManagementExecutionJobDetails": DataEntityFacts("DMFExecutionJobDetailEntity", "Transaction", False),
    "DataManagementEntities": DataEntityFacts("DMFEntityEntity", "Reference", False),
    "RecurringDataJobs": DataEntityFacts("RecurringDataJobEntity", "Parameters", False),
}
"""What the real application calls the entities; names that are not public follow its rule."""


@dataclass(frozen=True, eq=False)
class DataEntity:
    """One data entity: `label` names it in manifests, `target` in the application."""

    entity: Entity
    target: str
    category: str = "Master"

    @property
    def label(self) -> str:
        """The data management label, such as `Customers V2`."""
        return self.entity.label

    @property
    def staging_table(self) -> str:
        """The name of its staging table in the application."""
        return f"{self.target.removesuffix('Entity')}Staging"

    @property
    def element(self) -> str:
        """The element of a row in XML files."""
        return self.target.upper()

    @cached_property
    def fields(self) -> Mapping[str, Property]:
        """Properties by field name: the public name in upper case."""
        return {item.name.upper(): item for item in self.entity.properties}

    @cached_property
    def key_fields(self) -> tuple[str, ...]:
        """The field names of the key, in its order."""
        return tuple(name.upper() for name in self.entity.key)


class Catalogue:
    """The data entities of a model, in an order in which they can be imported."""

    def __init__(self, model: Model, facts: Mapping[str, DataEntityFacts] = FACTS) -> None:
        own = {entity.set_name for entity in ENTITIES}
        self.entities: Sequence[DataEntity] = [
            _data_entity(entity, facts.get(entity.set_name)) for entity in model.entities if entity.set_name not in own
        ]
        self._by_label = {item.label.lower(): item for item in self.entities}

    def named(self, label: str) -> DataEntity:
        """
        The data entity with a label.

        Raises:
            PackageError: There is none.
        """
        found = self._by_label.get(label.strip().lower())
        if found is None:
            hint = nearest(label, [item.label for item in self.entities])
            raise PackageError(f"Entity {label} does not exist in the target environment; {hint}")
        return found


def _data_entity(entity: Entity, facts: DataEntityFacts | None) -> DataEntity:
    known = facts or DataEntityFacts(f"{entity.name}Entity")
    return DataEntity(entity, known.name, known.category)
