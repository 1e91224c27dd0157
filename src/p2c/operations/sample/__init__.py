"""Sample data of Operations: the setup of three companies, and what they make, stock and sell."""

from __future__ import annotations

from p2c.operations.sample.products import WRONG_ON_PURPOSE, products
from p2c.operations.sample.setup import setup
from p2c.sample_rows import SEED, SampleSet

__all__ = ["WRONG_ON_PURPOSE", "rows"]


def rows(seed: int = SEED) -> list[SampleSet]:
    """All rows in load order; the same for the same seed."""
    return [*setup(), *products(seed)]
