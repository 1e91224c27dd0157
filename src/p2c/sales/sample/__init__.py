"""
Sample data of Sales, in two stages: master data first, quotes after the products have come from Operations.
"""

from __future__ import annotations

from p2c.sales.sample.customers import master_customers
from p2c.sales.sample.quotes import QuoteMove, quotes
from p2c.sales.sample.setup import setup
from p2c.sales.sample.wrong import WRONG_ON_PURPOSE
from p2c.sample_rows import SEED, SampleSet

__all__ = ["WRONG_ON_PURPOSE", "QuoteMove", "master_data", "quotes"]


def master_data(seed: int = SEED) -> list[SampleSet]:
    """Setup, accounts and contacts in load order; the same for the same seed."""
    return [*setup(seed), *master_customers(seed)]
