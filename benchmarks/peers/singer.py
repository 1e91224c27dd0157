"""Singer: a tap and a target in processes of their own, with a pipe between, as Meltano runs them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def move(source: str, destination: str) -> None:
    """All accounts; the start of both processes counts, it is part of every run of theirs."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-singer-") as folder:
        tap = subprocess.Popen(
            _command("singer_tap", source, folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        target = subprocess.Popen(
            _command("singer_target", destination, folder),
            stdin=tap.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        codes = target.wait(), tap.wait()
    if any(codes):
        raise SystemExit(f"the target ended with {codes[0]}, the tap with {codes[1]}")


def _command(module: str, url: str, folder: str) -> list[str]:
    config = Path(folder, f"{module}.json")
    config.write_text(json.dumps({"url": url}), encoding="utf-8")
    return [sys.executable, "-m", f"benchmarks.peers.{module}", "--config", str(config)]
