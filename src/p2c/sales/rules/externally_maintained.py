"""Which products and quotes another system maintains, and what that closes to sellers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Row, Value

FLAG = "msdynce_ismaintainedexternally"
READ_ONLY_ERROR = "0x8004022e"
OPEN_TO_SELLERS = frozenset({"statecode", "statuscode"})
"""What sellers may change on an externally maintained product: they activate and retire it."""


def externally_maintained_only(lines: Iterable[Value]) -> bool:
    """
    Whether every line sells a product that another system maintains; true when there are no lines.

    Args:
        lines: For each line its product's flag; None or False for a write-in.
    """
    return all(line is True for line in lines)


def refuse_product_write(name: Value, stored: Mapping[str, Value] | None, written: Row) -> Problem | None:
    """
    Refuse a seller's change of an externally maintained product.

    The maintaining system says so with every write: its writes carry the flag as true.

    Args:
        stored: The product before the write, None for a new one.
        written: The columns that get another value, and the flag whenever it is given.
    """
    if stored is None or stored.get(FLAG) is not True or written.get(FLAG) is True:
        return None
    closed = sorted(written.keys() - OPEN_TO_SELLERS)
    if not closed:
        return None
    return Problem(
        ProblemKind.READ_ONLY,
        f"Product {name!r} is maintained externally, {closed[0]} cannot be changed here; change it in the "
        f"system that maintains it, or send {FLAG} = true when you are that system.",
        field=closed[0],
        value=written[closed[0]],
        code=READ_ONLY_ERROR,
    )


def refuse_product_delete(product: Row) -> Problem | None:
    """Refuse to delete an externally maintained product."""
    if product.get(FLAG) is not True:
        return None
    return Problem(
        ProblemKind.READ_ONLY,
        f"Product {product.get('productnumber')!r} is maintained externally and cannot be deleted; "
        "retire it with statecode 1 instead.",
        field=FLAG,
        value=True,
        code=READ_ONLY_ERROR,
    )
