"""CPU seconds of processes that run beside a measurement, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int, *, ended_children: bool = False) -> float:
    """CPU seconds of a process so far, with those of its ended children if wanted; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    # Fields 14 to 17 of proc(5), counted from the state, which is field 3.
    own, children = fields[11:13], fields[13:15]
    return sum(map(int, [*own, *(children if ended_children else [])])) / _TICKS


def server_cpu(pid: int) -> float:
    """CPU seconds so far of a server that works in processes of its own, as PostgreSQL does."""
    return cpu(pid, ended_children=True) + sum(map(cpu, _children(pid)))


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found
