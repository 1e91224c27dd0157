"""Prospect to cash: two business systems, the hub between them and the integrator that keeps them in step."""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("prospect-to-cash")
