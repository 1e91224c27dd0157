"""How far work has come: bars with rows done, rate and time left; plain lines where nobody watches a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from p2c.cli.console import one_decimal, out, say, warn, whole
from p2c.cli.tables import leg_title, short_title
from p2c.integrator.outcome import LegRun
from p2c.text import _

_WIDE = 110
_LONGEST_TASK = 18
_BESIDE_TITLE = 42
"""Room for a short bar, rows, rate and time left."""


class Bars:
    """Bars of row counts, one a piece of work."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._shown = out.is_terminal and not quiet
        self._progress = Progress(
            TextColumn("{task.description}", table_column=_one_line()),
            BarColumn(bar_width=24 if out.width >= _WIDE else 8, table_column=_one_line()),
            _Rows(table_column=_one_line()),
            _Rate(table_column=_one_line()),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=_one_line()),
            console=out,
            disable=not self._shown,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, title: str, total: int | None = None) -> TaskID:
        """A new bar; without a total it shows only rows and rate."""
        most = max(out.width - _BESIDE_TITLE, _LONGEST_TASK)
        return self._progress.add_task(_shortened(title, most), total=total)

    def advance(self, bar: TaskID, done: int) -> None:
        """So many rows are done altogether."""
        self._progress.update(bar, completed=done)

    def expect(self, bar: TaskID, total: int) -> None:
        """The size became known."""
        self._progress.update(bar, total=total)

    def finish(self, bar: TaskID, title: str, done: int, seconds: float) -> None:
        """The work is done; without a terminal this is the line that is written."""
        self._progress.update(bar, completed=done, total=done)
        if not self._shown and not self._quiet:
            say(f"{title}: {whole(done)} {_('rows')}, {one_decimal(seconds)} s")


class RunBars(Bars):
    """Watches a run, a bar a leg."""

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._bars: dict[int, TaskID] = {}

    def leg_started(self, leg: LegRun) -> None:
        """A bar for the leg."""
        title = f"{_shortened(leg.task, _LONGEST_TASK)}: {short_title(leg)}"
        self._bars[leg.id] = self.begin(title)

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """The bar has an end."""
        self.expect(self._bars[leg.id], rows)

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """A line on standard error."""
        warn(what)

    def leg_advanced(self, leg: LegRun) -> None:
        """Rows so far."""
        self.advance(self._bars[leg.id], leg.counts.read)

    def leg_finished(self, leg: LegRun) -> None:
        """The bar is full."""
        self.finish(self._bars[leg.id], f"{leg.task}: {leg_title(leg)}", leg.counts.read, leg.seconds)


class _Rows(ProgressColumn):
    """Rows done, and of how many."""

    def render(self, task: Task) -> Text:
        """`1,200 / 3,000 rows`."""
        of = f" / {whole(int(task.total))}" if task.total else ""
        return Text(f"{whole(int(task.completed))}{of} {_('rows')}", justify="right")


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """`2,431/s`."""
        speed = task.finished_speed or task.speed
        return Text(f"{whole(round(speed))}/s" if speed else "", style="dim", justify="right")


def _one_line() -> Column:
    return Column(no_wrap=True)


def _shortened(title: str, most: int) -> str:
    return title if len(title) <= most else f"{title[: most - 1]}…"
