"""A schedule as the database has it: its words as JSON."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from p2c.integrator.schedule import Schedule, from_words

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(dict, float_hook=Decimal)


def schedule_text(schedule: Schedule) -> str:
    """The words of a schedule; equal schedules have equal texts."""
    return _encoder.encode(schedule.words()).decode()


def read_schedule(text: str) -> Schedule:
    """The schedule that was written."""
    return from_words(_decoder.decode(text))
