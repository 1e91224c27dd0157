"""What a run would do, told before anything is written, and a run that does exactly that."""

from __future__ import annotations

from p2c.integrator.planning.bounds import PlanBounds
from p2c.integrator.planning.plan import Action, Plan, PlannedLeg, PlannedRow, read_plan
from p2c.integrator.planning.planner import plan_projects

__all__ = ["Action", "Plan", "PlanBounds", "PlannedLeg", "PlannedRow", "plan_projects", "read_plan"]
