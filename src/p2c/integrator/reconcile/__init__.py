"""Compares what the source says with what the destination has, by key and by value after mapping. Writes nothing."""

from p2c.integrator.reconcile.finding import Counts, Difference, Finding, Kind, LegComparison
from p2c.integrator.reconcile.leg import LegComparing, Listener
from p2c.integrator.reconcile.legs import reconcile

__all__ = ["Counts", "Difference", "Finding", "Kind", "LegComparing", "LegComparison", "Listener", "reconcile"]
