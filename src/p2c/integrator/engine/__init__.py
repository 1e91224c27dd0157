"""Moves rows: runs the legs of projects, from reading to recording."""

from p2c.integrator.engine.environments import check_projects
from p2c.integrator.engine.helping import Helper
from p2c.integrator.engine.organizations import check_organizations
from p2c.integrator.engine.run import run_projects
from p2c.integrator.engine.sharing import Sharing
from p2c.integrator.engine.watcher import Watcher

__all__ = ["Helper", "Sharing", "Watcher", "check_organizations", "check_projects", "run_projects"]
