"""The product as processes of its own, on a PostgreSQL of its own, each of which may be killed at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import text

from p2c.database.connect import translated
from p2c.errors import RetryError
from p2c.integrator.jobs import Queue, RunOrder
from p2c.integrator.jobs.schema import SEARCH_PATH
from p2c.integrator.outcome import Status
from p2c.settings import ENVIRONMENTS, Service
from p2c.wiring.agreement import DATABASE_URL
from tests.lab import Reach
from tests.torture.processes import Postgres, Process, ServiceProcess, wait_until

PROJECT = "accounts"
_T = TypeVar("_T")
_BY = "torture"
_QUICK = "tests.torture.quick"


class Target(Enum):
    """What is killed."""

    RUN = "p2c run"
    WORKER = "worker"
    INTEGRATOR = "integrator's service, with its worker"
    SALES = "Sales"
    COMMONDATA = "Common Data Service"
    OPERATIONS = "Operations"
    POSTGRES = "PostgreSQL"
    BACKEND = "a backend of PostgreSQL"


MOVERS = (Target.RUN, Target.WORKER, Target.INTEGRATOR)
"""What makes runs: a person's command, or one that takes them from the queue."""
SERVICES = (Target.SALES, Target.COMMONDATA, Target.OPERATIONS)


class Site:
    """Services, a worker and PostgreSQL over a directory; `reach` fills and reads them."""

    def __init__(self, directory: Path) -> None:
        self.postgres = Postgres(directory / "postgres")
        databases = {service: self.postgres.url(service.value) for service in Service}
        self.databases: Mapping[str, str] = {service.value: url for service, url in databases.items()}
        own = databases[Service.INTEGRATOR]

        def log(name: str) -> Path:
            return directory / f"{name}.log"

        self.services = {
            service.value: ServiceProcess(service, databases[service], log(service.value)) for service in ENVIRONMENTS
        }
        run_words = ("p2c.cli.main", "run", PROJECT, "--json", "--data", str(directory / "data"))
        self._processes: dict[Target, Process] = {
            Target.RUN: Process(run_words, log("run"), {"P2C_INTEGRATOR_DATABASE_URL": own}),
            Target.WORKER: Process((_QUICK,), log("worker"), {DATABASE_URL: own}),
            Target.INTEGRATOR: ServiceProcess(Service.INTEGRATOR, own, log("integrator"), (_QUICK,)),
            **{Target[name.upper()]: process for name, process in self.services.items()},
        }
        for service in self.services.values():
            service.start()
        self.reach = Reach({name: service.url for name, service in self.services.items()}, own)
        self.queue = Queue(self.reach.engine)
        self.wait_until_well()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.end()
        with self.reach:
            pass
        self.postgres.end()

    def process(self, target: Target) -> Process:
        """The process of a target that is no part of PostgreSQL."""
        return self._processes[target]

    def kill(self, target: Target, draw: Random) -> None:
        """kill -9."""
        if target is Target.POSTGRES:
            self.postgres.kill()
        elif target is Target.BACKEND:
            self.postgres.kill_backend(draw)
        else:
            self._processes[target].kill()

    def revive(self, target: Target) -> None:
        """Start again what was killed. Movers are started when the next run is wanted; PostgreSQL brings itself back
        from the death of a backend."""
        if target is Target.POSTGRES:
            self.postgres.start()
        elif target in SERVICES:
            self._processes[target].start()

    def wait_until_well(self) -> None:
        """Until PostgreSQL and the three services answer."""
        wait_until(lambda: self.postgres.answers, "PostgreSQL's answer")
        for name, service in self.services.items():
            wait_until(lambda service=service: service.answers, f"an answer of {name}")  # type: ignore[misc]

    def ask(self, question: Callable[[], _T]) -> _T:
        """An answer from the integrator's database, which may be away for a moment."""
        found: list[_T] = []

        def asked() -> bool:
            try:
                found.append(question())
            except RetryError:
                return False
            return True

        wait_until(asked, "an answer of the integrator's database")
        return found[0]

    def start(self, mover: Target) -> None:
        """Begin a run: by hand, or by an order in the queue and somebody who takes it."""
        if mover is not Target.RUN and not self.ask(self.queue.jobs):
            self.ask(lambda: self.queue.enqueue(RunOrder(projects=(PROJECT,), started_by=_BY)))
        self._processes[mover].start()

    def moving(self, mover: Target) -> bool:
        """Whether the run is still to come or under way. Nobody waits for the pause before another attempt."""
        if mover is Target.RUN:
            return self._processes[mover].alive
        self._watch(mover)
        self.ask(self._hurry)
        return bool(self.ask(self.queue.jobs))

    def under_way(self, mover: Target) -> bool:
        """Whether rows are being moved."""
        if mover is Target.RUN:
            return self._processes[mover].alive
        self._watch(mover)
        return any(run.status is Status.RUNNING for run in self.ask(lambda: self.reach.store.runs(1)))

    def ended_well(self, mover: Target) -> bool:
        """Whether the last run was completed."""
        if mover is Target.RUN and self._processes[mover].code != 0:
            return False
        newest = self.ask(lambda: self.reach.store.runs(1))
        return bool(newest) and newest[0].status is Status.COMPLETED

    def rest(self) -> None:
        """Nobody works any more: what the queue still has is done first."""
        if self.ask(self.queue.jobs):
            self._processes[Target.WORKER].start()
            wait_until(lambda: not self.moving(Target.WORKER), "the end of all jobs")
        for mover in MOVERS:
            self._processes[mover].end()

    def _watch(self, mover: Target) -> None:
        """A worker that ended by itself, as when its database was away when it started, is started again."""
        self._processes[mover].start()

    def _hurry(self) -> None:
        with translated(), self.reach.engine.begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
            connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
            connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'failed'"))
