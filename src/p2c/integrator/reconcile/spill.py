"""Sorts more records than memory holds: sorted parts go to a temporary file, and come back merged."""

from __future__ import annotations

import heapq
import os
import struct
from collections.abc import Iterator
from tempfile import TemporaryFile, gettempdir
from types import TracebackType
from typing import Self, TypeAlias

from p2c.errors import StopError

Record: TypeAlias = tuple[bytes, bytes]
"""A key and what belongs to it."""

MEMORY = 8 * 1024 * 1024
"""Bytes of records that are sorted at a time."""
_BLOCK = 64 * 1024
_LENGTHS = struct.Struct("<II")
_OVERHEAD = 200
"""What a record costs in memory beside its bytes."""


class SortedSpill:
    """
    Takes records in any order and gives them back by key, records of one key by what belongs to them.

    The file has no name, so that it goes with the process, whatever happens to that.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._file = TemporaryFile(prefix="p2c-reconcile-")  # noqa: SIM115 - closed in __exit__
        self._parts: list[tuple[int, int]] = []
        self._records: list[Record] = []
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, key: bytes, body: bytes) -> None:
        """
        Take a record.

        Raises:
            StopError: The disk does not take it.
        """
        self._records.append((key, body))
        self._held += len(key) + len(body) + _OVERHEAD
        if self._held >= self._memory:
            self._write()

    def __iter__(self) -> Iterator[Record]:
        """All records; none may be added afterwards."""
        self._records.sort()
        return heapq.merge(*(self._read(start, end) for start, end in self._parts), self._records)

    def _write(self) -> None:
        self._records.sort()
        start = self._parts[-1][1] if self._parts else 0
        try:
            self._file.writelines(_LENGTHS.pack(len(key), len(body)) + key + body for key, body in self._records)
            self._file.flush()
        except OSError as error:
            raise StopError(
                f"rows cannot be kept aside ({error.strerror or error})",
                where=gettempdir(),
                way_out="free some space there, or let TMPDIR name a larger place",
            ) from error
        self._parts.append((start, self._file.tell()))
        self._records, self._held = [], 0

    def _read(self, start: int, end: int) -> Iterator[Record]:
        size = _BLOCK
        while start < end:
            block = os.pread(self._file.fileno(), min(size, end - start), start)
            taken = 0
            while taken + _LENGTHS.size <= len(block):
                key_length, body_length = _LENGTHS.unpack_from(block, taken)
                body_start = taken + _LENGTHS.size + key_length
                if body_start + body_length > len(block):
                    break
                yield (
                    block[taken + _LENGTHS.size : body_start],
                    block[body_start : body_start + body_length],
                )
                taken = body_start + body_length
            # A record longer than the block needs a longer one.
            size = _BLOCK if taken else size * 2
            start += taken
