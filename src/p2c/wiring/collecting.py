"""How often a process that carries rows looks for unreachable cycles of objects."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 50_000


def collect_rarely() -> None:
    """
    Look for cycles every 50,000 new objects, not every 700.

    Rows are many objects without cycles: going through them again and again took a tenth of a service's time and
    found nothing. What is not in a cycle is freed at once, as ever.
    """
    gc.set_threshold(_NEW_OBJECTS)


def keep_what_is_loaded() -> None:
    """Leave all objects that exist now out of later looks: modules and definitions stay for the process's life."""
    gc.collect()
    gc.freeze()
