"""The whole process on one machine: Sales, Operations, the Common Data Service and the integrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from p2c.integrator.engine import Sharing, Watcher, run_projects
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import LegKey, LegRun, Rejection, Run
from p2c.integrator.personal import Sight
from p2c.integrator.planning import Plan, PlanBounds, plan_projects
from p2c.settings import ENVIRONMENTS, Service
from p2c.wiring.guard import OPEN, Guard
from p2c.wiring.services import build_service
from tests.lab.reach import Reach
from tests.lab.served import Served


class Lab(Reach):
    """The three services on free loopback ports over databases of their own, and an integrator's store."""

    def __init__(self, database_url: Callable[[str], str], guard: Guard = OPEN) -> None:
        self._database_url = database_url
        self.databases = {service.value: database_url(service.value) for service in ENVIRONMENTS}
        self._served = {
            service.value: Served(service, build_service(service, self.databases[service.value], guard=guard))
            for service in ENVIRONMENTS
        }
        super().__init__({name: served.url for name, served in self._served.items()}, database_url("integrator"))
        for name in self._served:
            self.start(name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        for served in self._served.values():
            served.stop()

    def stop(self, environment: str) -> None:
        """Take a service away."""
        self._served[environment].stop()

    def start(self, environment: str) -> None:
        """Bring a service back, on the same port and over the same database."""
        self._served[environment].start()

    def replace(self, environment: str) -> None:
        """Let another environment of the same kind, over an empty database, answer at the same URL."""
        service = Service(environment)
        self.databases[environment] = self._database_url(environment)
        self._served[environment].replace(build_service(service, self.databases[environment]))

    def run(
        self,
        *projects: str,
        all_data: bool = False,
        again: bool = False,
        only: Mapping[LegKey, Sequence[str]] | None = None,
        plan: Plan | None = None,
        winner: OnConflict | None = None,
        allow_deletions: bool = False,
        watcher: Watcher | None = None,
        sharing: Sharing | None = None,
    ) -> Run:
        """Run projects in the order of their needs; the ended run with its legs."""
        found = [self.store.project(name) for name in projects]
        heard = watcher or Silent()
        limits = PlanBounds(plan, self.store) if plan is not None else None
        run = self.wait(
            run_projects(
                self.store,
                found,
                all_data=all_data,
                again=again,
                only=only,
                limits=limits,
                winner=winner,
                allow_deletions=allow_deletions,
                started_by="test",
                watcher=heard,
                sharing=sharing,
            )
        )
        assert all(leg.counts.adds_up for leg in run.legs)
        return run

    def plan(self, path: Path, *projects: str, all_data: bool = False) -> Plan:
        """Plan projects into a file, with all values to be seen."""
        found = [self.store.project(name) for name in projects]
        planning = plan_projects(
            self.store, found, path, all_data=all_data, made_by="test", watcher=Silent(), sight=Sight(True)
        )
        return self.wait(planning)

    def rejected(self, project: str | None = None) -> list[Rejection]:
        """Rejected rows that wait, oldest first."""
        return self.store.rejections(project)


class Silent:
    """A watcher that hears nothing; others override what they want to hear."""

    def leg_started(self, leg: LegRun) -> None:
        """A leg begins."""

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """So many rows will be read."""

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """People are told something."""

    def leg_advanced(self, leg: LegRun) -> None:
        """A batch is recorded."""

    def leg_finished(self, leg: LegRun) -> None:
        """A leg has ended."""
