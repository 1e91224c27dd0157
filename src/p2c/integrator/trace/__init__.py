"""Follows one row through the legs that meet it: what each field is, was meant to be, and which rule made it."""

from p2c.integrator.trace.follow import trace
from p2c.integrator.trace.journey import FieldTrace, LegTrace

__all__ = ["FieldTrace", "LegTrace", "trace"]
