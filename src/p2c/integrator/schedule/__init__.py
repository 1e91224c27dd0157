"""When a project runs by itself, and what pauses it: pure, without a clock."""

from p2c.integrator.schedule.pausing import Ending, PauseRules, reason_to_pause
from p2c.integrator.schedule.recurrence import MOST, Cron, Every, Recurrence, Unit, zone
from p2c.integrator.schedule.schedule import WORDS, Schedule, from_words
from p2c.integrator.schedule.words import parse_every, parse_start, start_text

__all__ = [
    "MOST",
    "WORDS",
    "Cron",
    "Ending",
    "Every",
    "PauseRules",
    "Recurrence",
    "Schedule",
    "Unit",
    "from_words",
    "parse_every",
    "parse_start",
    "reason_to_pause",
    "start_text",
    "zone",
]
