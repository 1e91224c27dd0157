"""Who may work at once: many requests side by side, or one change of the model alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from p2c.errors import RetryError

WAIT_SECONDS = 30


class Turns:
    """Shared and exclusive turns for threads. Who waits to be alone is let in before newcomers.

    A thread that has a turn must not ask for another one.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._working = 0
        self._alone = False
        self._waiting = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """
        Beside others.

        Raises:
            RetryError: Whoever is alone took too long.
        """
        with self._changed:
            self._wait(lambda: not self._alone and not self._waiting)
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        With nobody else at work.

        Raises:
            RetryError: The others did not end in time.
        """
        with self._changed:
            self._waiting += 1
            try:
                self._wait(lambda: not self._alone and not self._working)
                self._alone = True
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

    def _wait(self, free: Callable[[], bool]) -> None:
        if not self._changed.wait_for(free, timeout=WAIT_SECONDS):
            raise RetryError("tables are being changed, or requests do not end", way_out="try again", after=1)
