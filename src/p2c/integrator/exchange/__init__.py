"""The setup as files: connections, connection sets and projects as YAML that people read, compare and keep.

`export_yaml` writes what is set up, `plan_apply` says what a directory of such files would change, and
`apply` does it.
"""

from __future__ import annotations

from p2c.integrator.exchange.apply import apply, current_setup, export_yaml, plan_apply
from p2c.integrator.exchange.differences import Difference, Kind, differences
from p2c.integrator.exchange.read import read_setup
from p2c.integrator.exchange.write import Setup, project_file, setup_files, without_password

__all__ = [
    "Difference",
    "Kind",
    "Setup",
    "apply",
    "current_setup",
    "differences",
    "export_yaml",
    "plan_apply",
    "project_file",
    "read_setup",
    "setup_files",
    "without_password",
]
