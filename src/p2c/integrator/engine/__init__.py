"""Moves rows: runs the legs of projects, from reading to recording."""

from p2c.integrator.engine.run import Watcher, run_projects

__all__ = ["Watcher", "run_projects"]
