"""What is wrong with a package, a data file or a call of data management."""

from __future__ import annotations

from p2c.errors import StopError


class PackageError(StopError):
    """The package, one of its files or the project cannot be worked with; no row was touched by it."""
