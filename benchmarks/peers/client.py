"""
The process of one peer: `python -m benchmarks.peers.client PEER SOURCE DESTINATION` moves all accounts once.

What it took is the last line of its standard output, as JSON. Imports and setup are not counted.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
import time
from pathlib import Path

import msgspec

_STATUS = Path("/proc/self/status")


class Cost(msgspec.Struct):
    """Wall seconds, CPU seconds with those of children, peak memory in bytes of the process or its largest child."""

    wall: float
    cpu: float
    memory: int


def main() -> None:
    """Move, and say what it took."""
    peer, source, destination = sys.argv[1:]
    move = importlib.import_module(f"benchmarks.peers.{peer}").move
    before, began = os.times(), time.monotonic()
    move(source, destination)
    wall, after = time.monotonic() - began, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    sys.stdout.write(f"\n{msgspec.json.encode(Cost(wall, cpu, _peak_memory())).decode()}\n")


def _peak_memory() -> int:
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if _STATUS.exists():
        # What a process that was started inherits from its parent is in ru_maxrss, but not in VmHWM.
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        own = int(line.split()[1])
    return max(own, children) * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
