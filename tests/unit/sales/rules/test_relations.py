"""What happens to related rows on a delete, checked against the tables."""

from __future__ import annotations

from uuid import UUID

from p2c.edm.change import ProblemKind
from p2c.edm.property import OnDelete
from p2c.sales.model import MODEL
from p2c.sales.rules.relations import RELATIONS, in_use


def test_every_relation_is_a_lookup_that_exists() -> None:
    """A renamed column is found here and not at a customer's first delete."""
    for table, relations in RELATIONS.items():
        for relation in relations:
            column = MODEL.table[relation.table].column[relation.column]
            assert table in column.targets


def test_rows_in_quotes_cannot_be_deleted() -> None:
    """Customers, products, price lists, currencies and units of quotes stay."""
    restricted = {
        table
        for table, relations in RELATIONS.items()
        for relation in relations
        if relation.on_delete is OnDelete.RESTRICT and relation.table in ("quote", "quotedetail")
    }
    assert {"account", "contact", "product", "pricelevel", "transactioncurrency", "uom"} <= restricted


def test_the_refusal_says_who_points_at_the_row() -> None:
    """With the code of the real service."""
    key = UUID(int=1)
    problem = in_use("account", key, RELATIONS["account"][0])
    assert problem.kind is ProblemKind.IN_USE
    assert problem.code == "0x80040227"
    assert "customerid of at least one quote" in problem.message
