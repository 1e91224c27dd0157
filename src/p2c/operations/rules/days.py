"""Days, which Operations sends and keeps as noon UTC of that day."""

from __future__ import annotations

from datetime import datetime

# The year that stands for "no date".
_NO_DATE_YEAR = 1900


def at_noon(moment: datetime | None) -> datetime | None:
    """Noon of the moment's UTC day; the empty date 1900-01-01 becomes None."""
    if moment is None or (moment.year, moment.month, moment.day) == (_NO_DATE_YEAR, 1, 1):
        return None
    return moment.replace(hour=12, minute=0, second=0, microsecond=0)
