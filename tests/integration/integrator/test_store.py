"""The integrator's database: what is counted adds up, and a batch is kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from p2c.database.connect import open_database
from p2c.database.migrate import migrate
from p2c.errors import ConfigurationError, StopError
from p2c.integrator.connections import Connection, OrganizationMapping
from p2c.integrator.default_setup import default_setup
from p2c.integrator.exchange import Kind, apply, export_yaml, plan_apply
from p2c.integrator.outcome import (
    Counts,
    Disposition,
    Fate,
    LegKey,
    Progress,
    Rejection,
    RejectionStatus,
    RowState,
    Status,
    Steps,
    Versions,
)
from p2c.integrator.projects import CONNECTION_SET
from p2c.integrator.store import Store
from p2c.integrator.store.progress import TakenOverError
from p2c.integrator.store.tables import METADATA

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
LEG = LegKey("accounts", "Accounts - Account - Customers", 1)


@pytest.fixture
def engine(database_url: Callable[[str], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = open_database(database_url("integrator"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """A store in a database of its own."""
    return Store(engine)


def begin(store: Store, *projects: str) -> tuple[int, int]:
    """Ids of a new run and of its first leg's run."""
    run = store.begin_run(projects or ("accounts",), "tester", False, NOW).id
    return run, store.begin_leg(run, LEG, "sales.accounts", "commondata.Account")


def a_state(source_id: str = "a1", disposition: Disposition = Disposition.DELIVERED) -> RowState:
    """A row's state."""
    return RowState(source_id, "ACC-1", "czmf", b"12345678", "9", disposition)


def a_rejection(source_id: str = "a1", code: str = "invalid-enum") -> Rejection:
    """A row that could not be delivered."""
    return Rejection(
        project=LEG.project,
        task=LEG.task,
        leg=LEG.leg,
        source_id=source_id,
        key="ACC-1",
        company="czmf",
        code=code,
        field="MailingPostalAddress_Country",
        value="Atlantis",
        reason="no country is called so",
        way_out="mend the account's country",
        payload={"name": "Účtárna", "creditlimit": Decimal("10.50"), "modifiedon": NOW},
    )


ONE_CREATED = Progress(Counts(read=1, created=1))
ONE_REJECTED = Progress(Counts(read=1, rejected=1))


def test_counts_that_do_not_add_up_cannot_be_stored(store: Store) -> None:
    """Neither with a batch nor at a leg's end."""
    run, leg_run = begin(store)
    wrong = Progress(Counts(read=3, created=1, unchanged=1))
    with pytest.raises(StopError, match="3 rows read are not 1 created"):
        store.commit_batch(leg_run, LEG, run, states=[a_state()], progress=wrong)
    with pytest.raises(StopError, match="3 rows read are not 1 created"):
        store.finish_leg(leg_run, wrong)


def test_the_database_itself_refuses_counts_that_do_not_add_up(store: Store, engine: Engine) -> None:
    """Whoever writes them."""
    begin(store)
    with pytest.raises(IntegrityError, match="counts_add_up"), engine.begin() as connection:
        connection.execute(text("UPDATE leg_run SET read = read + 1"))


def test_a_batch_is_kept_whole(store: Store) -> None:
    """States, rejected rows and counts are there together."""
    run, leg_run = begin(store)
    progress = Progress(
        Counts(read=3, created=1, skipped=1, rejected=1, deleted=4),
        {"not an active customer": 1},
        requests=7,
        retries=1,
        writes=2,
        bytes_read=900,
        bytes_written=300,
        seconds=0.5,
        waited=0.25,
        steps=Steps(read=0.1, map=0.2, match=0.3, write=0.4, record=0.5),
    )
    states = [a_state(), a_state("a2", Disposition.SKIPPED), a_state("a3", Disposition.REJECTED)]
    store.commit_batch(leg_run, LEG, run, states=states, rejections=[a_rejection("a3")], progress=progress)
    assert store.states(LEG, ["a1", "a2", "a3", "a4"]) == {state.source_id: state for state in states}
    assert store.open_rejections(LEG) == ["a3"]
    leg = store.run(run).legs[0]
    kept = Progress(
        leg.counts,
        leg.skipped_because,
        leg.requests,
        leg.retries,
        leg.writes,
        leg.bytes_read,
        leg.bytes_written,
        leg.seconds,
        leg.waited,
        leg.steps,
    )
    assert kept == progress


def test_a_batch_that_fails_leaves_nothing_behind(store: Store) -> None:
    """The counts are written last; when they are refused, states and rejected rows go with them."""
    run, leg_run = begin(store)
    with pytest.raises(StopError):
        store.commit_batch(
            leg_run,
            LEG,
            run,
            states=[a_state()],
            rejections=[a_rejection("a2")],
            progress=Progress(Counts(read=1)),
        )
    assert store.states(LEG, ["a1"]) == {}
    assert store.rejections() == []
    assert store.run(run).legs[0].counts == Counts()


def test_a_batch_sent_twice_is_harmless(store: Store) -> None:
    """As after a lost connection: one state a row, one attempt a run."""
    run, leg_run = begin(store)
    for _ in range(2):
        store.commit_batch(
            leg_run,
            LEG,
            run,
            states=[a_state(), a_state("a2", Disposition.REJECTED)],
            rejections=[a_rejection("a2")],
            progress=Progress(Counts(read=2, created=1, rejected=1)),
        )
    assert [rejection.attempts for rejection in store.rejections()] == [1]
    assert len(store.states(LEG, ["a1", "a2"])) == 2


def test_of_two_states_for_one_row_in_a_batch_the_later_counts(store: Store) -> None:
    """A source may give a row twice when it changes while it is read."""
    run, leg_run = begin(store)
    states = [a_state(disposition=Disposition.SKIPPED), a_state()]
    store.commit_batch(leg_run, LEG, run, states=states, progress=ONE_CREATED)
    assert store.states(LEG, ["a1"])["a1"].disposition is Disposition.DELIVERED


def test_a_rejected_row_keeps_its_payload_and_counts_its_attempts(store: Store) -> None:
    """Tried again at the next run with another reason, it is still one rejected row."""
    first, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, first, states=[], rejections=[a_rejection()], progress=ONE_REJECTED)
    store.finish_run(first, NOW)
    second, leg_run = begin(store)
    again = a_rejection(code="text-too-long")
    store.commit_batch(leg_run, LEG, second, states=[], rejections=[again], progress=ONE_REJECTED)
    (kept,) = store.rejections("accounts")
    assert (kept.code, kept.attempts, kept.first_run, kept.last_run) == ("text-too-long", 2, first, second)
    assert kept.payload == {
        "name": "Účtárna",
        "creditlimit": "10.50",
        "modifiedon": "2025-03-01T08:00:00Z",
    }
    assert store.rejections("contacts") == []


def test_a_rejected_row_closes_when_it_is_delivered_later(store: Store) -> None:
    """And opens anew, as another rejection, when it is refused once more."""
    run, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, run, states=[], rejections=[a_rejection()], progress=ONE_REJECTED)
    store.commit_batch(leg_run, LEG, run, states=[a_state()], delivered=["a1"], progress=ONE_CREATED)
    assert store.rejections() == []
    assert [kept.status for kept in store.rejections(status=None)] == [RejectionStatus.CLOSED]
    store.commit_batch(leg_run, LEG, run, states=[], rejections=[a_rejection()], progress=ONE_REJECTED)
    assert [kept.status for kept in store.rejections(status=None)] == [
        RejectionStatus.CLOSED,
        RejectionStatus.OPEN,
    ]


def test_a_dismissed_row_is_not_tried_again(store: Store) -> None:
    """It stays in the list of what was dismissed."""
    run, leg_run = begin(store)
    rejections = [a_rejection("a1"), a_rejection("a2")]
    progress = Progress(Counts(read=2, rejected=2))
    store.commit_batch(leg_run, LEG, run, states=[], rejections=rejections, progress=progress)
    store.dismiss([store.rejections()[0].id])
    assert store.open_rejections(LEG) == ["a2"]
    assert [kept.source_id for kept in store.rejections(status=RejectionStatus.DISMISSED)] == ["a1"]


def test_text_that_postgresql_cannot_hold_is_still_shown(store: Store) -> None:
    """A NUL becomes the replacement character in the payload and the value."""
    run, leg_run = begin(store)
    broken = replace(a_rejection(), value="a\0b", payload={"name": "a\0b"})
    store.commit_batch(leg_run, LEG, run, states=[], rejections=[broken], progress=ONE_REJECTED)
    (kept,) = store.rejections()
    assert kept.value == kept.payload["name"] == "a\ufffdb"


def test_rows_that_a_full_read_did_not_see_are_found(store: Store) -> None:
    """Rows remembered anew and rows merely met again count as seen; the rest can be forgotten."""
    first, leg_run = begin(store)
    states = [a_state(f"a{number}") for number in range(4)]
    progress = Progress(Counts(read=4, created=4))
    store.commit_batch(leg_run, LEG, first, states=states, rejections=[a_rejection("a2")], progress=progress)
    second, leg_run = begin(store)
    progress = Progress(Counts(read=2, unchanged=2))
    store.commit_batch(leg_run, LEG, second, states=[a_state("a0")], seen=["a1"], progress=progress)
    gone = [state.source_id for batch in store.states_not_seen(LEG, second) for state in batch]
    assert gone == ["a2", "a3"]
    store.forget(LEG, gone, run=second, fate=Fate.REMOVED)
    assert store.states(LEG, ["a1", "a2", "a3"]).keys() == {"a1"}
    assert store.open_rejections(LEG) == []


def test_what_was_delivered_before_is_kept_with_the_run_that_ended_it(store: Store) -> None:
    """Only a batch that replaces rows writes history, and so does the end of a row."""
    runs = []
    for replaced in ([], ["a1"], ["a1"]):
        run, leg_run = begin(store)
        runs.append(run)
        states = [msgspec.structs.replace(a_state(source_id), delivered_run=run) for source_id in ("a1", f"new-{run}")]
        progress = Progress(Counts(read=2, created=2))
        store.commit_batch(leg_run, LEG, run, states=states, progress=progress, replaced=replaced)
    last, _leg_run = begin(store)
    store.forget(LEG, ["a1"], run=last, fate=Fate.DEACTIVATED)
    former = store.former_deliveries(LEG, "a1")

    assert [(item.run, item.ended_run, item.fate) for item in former] == [
        (runs[0], runs[1], Fate.REPLACED),
        (runs[1], runs[2], Fate.REPLACED),
        (runs[2], last, Fate.DEACTIVATED),
    ]
    assert {(item.key, item.company, item.destination_id) for item in former} == {("ACC-1", "czmf", "9")}
    assert store.former_deliveries(LEG, f"new-{runs[0]}") == []
    assert "a1" in store.met_as(LEG, "acc-1")
    assert "a1" in store.delivered_as(LEG, "9")


def test_legs_remember_their_rows_apart(store: Store) -> None:
    """One source row may go through several legs."""
    run, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, run, states=[a_state()], progress=ONE_CREATED)
    assert store.states(LEG._replace(leg=2), ["a1"]) == {}


def test_a_leg_that_ends_well_moves_its_checkpoint(store: Store) -> None:
    """The next run starts there; a leg that fails leaves it where it was."""
    run, leg_run = begin(store)
    assert store.checkpoint(LEG) is None
    assert store.finish_leg(leg_run, ONE_CREATED, checkpoint="token-1") is Status.COMPLETED
    run, leg_run = begin(store)
    failed = store.finish_leg(leg_run, Progress(), error="the destination is away", checkpoint="token-2")
    assert failed is Status.ERROR
    assert store.checkpoint(LEG) == "token-1"
    leg = store.finish_run(run, NOW).legs[0]
    assert (leg.checkpoint_before, leg.checkpoint_after) == ("token-1", None)


@pytest.mark.parametrize(
    ("progress", "error", "status"),
    [
        pytest.param(ONE_CREATED, "", Status.COMPLETED, id="all delivered"),
        pytest.param(ONE_REJECTED, "", Status.WARNING, id="a row rejected"),
        pytest.param(ONE_CREATED, "destination away", Status.ERROR, id="a leg failed"),
    ],
)
def test_a_run_ends_with_the_status_of_its_worst_leg(
    store: Store, progress: Progress, error: str, status: Status
) -> None:
    """Completed means that everything was delivered."""
    run, leg_run = begin(store)
    store.finish_leg(leg_run, progress, error=error)
    assert store.finish_run(run, NOW).status is status
    assert store.runs(1)[0] == store.run(run)


def test_a_run_whose_leg_never_ended_is_an_error(store: Store) -> None:
    """Even if the caller believes that all went well."""
    run, _ = begin(store)
    ended = store.finish_run(run, NOW)
    assert ended.status is Status.ERROR
    assert "did not reach its end" in ended.error


def test_a_run_that_died_is_marked_when_its_project_runs_again(store: Store) -> None:
    """Runs of other projects are left alone."""
    dead, _ = begin(store, "accounts", "contacts")
    other, _ = begin(store, "products")
    begin(store, "contacts")
    found = store.run(dead)
    assert found.status is found.legs[0].status is Status.ERROR
    assert "process ended" in found.error
    assert store.run(other).status is Status.RUNNING


def test_two_runs_of_one_project_do_not_go_at_once(store: Store, engine: Engine) -> None:
    """The second is told which run is going; it may start once the first has ended."""
    second = Store(engine)
    with store.project_lock("accounts", "contacts"):
        run, _ = begin(store, "accounts", "contacts")
        with (
            pytest.raises(ConfigurationError, match=rf"project contacts: it is running \(run {run}, "),
            second.project_lock("contacts", "products"),
        ):
            pass
        with second.project_lock("products"):
            pass
    with second.project_lock("contacts"):
        pass


def test_an_unknown_run_is_refused(store: Store) -> None:
    """With the command that lists the runs."""
    with pytest.raises(ConfigurationError, match="p2c runs"):
        store.run(4711)


def test_an_up_to_date_database_needs_no_step(store: Store, engine: Engine) -> None:
    """So that starting is quick and asks for no rights to change tables."""
    assert migrate(engine, METADATA) == 0


URLS = {
    "sales": "http://127.0.0.1:8401/api/data/v9.2/",
    "commondata": "http://127.0.0.1:8403/api/data/v9.2/",
    "operations": "http://127.0.0.1:8402/data/",
}
ORGANIZATIONS = (
    OrganizationMapping("czmf", "ORG001", "Česko"),
    OrganizationMapping("humf", "ORG002", "Magyarország"),
)


def write(files: dict[str, str], directory: Path) -> Path:
    """The directory, with these files in it."""
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content, encoding="utf-8")
    return directory


def test_the_default_setup_has_a_project_for_each_template(store: Store) -> None:
    """Both forms are there; only those through the Common Data Service run when no project is named."""
    default_setup(store, URLS, ORGANIZATIONS)
    assert {connection.environment: connection.url for connection in store.connections()} == URLS
    assert store.connection_set(CONNECTION_SET).organizations == ORGANIZATIONS
    enabled = [project.name for project in store.projects() if project.enabled]
    assert enabled == ["accounts", "contacts", "contacts-to-customer", "products", "quotes"]
    assert [project.name for project in store.projects() if not project.enabled] == [
        f"{name}-direct" for name in enabled
    ]


def test_the_default_setup_can_be_made_again(store: Store) -> None:
    """Addresses are brought up to date; what was changed in a project stays."""
    default_setup(store, URLS, ORGANIZATIONS)
    changed = replace(store.project("accounts"), enabled=False, label="Our accounts")
    store.save_projects([changed])
    default_setup(store, URLS | {"sales": "http://127.0.0.1:9401/api/data/v9.2/"}, ())
    assert store.project("accounts") == changed
    assert store.connection("sales").url == "http://127.0.0.1:9401/api/data/v9.2/"
    assert store.connection_set(CONNECTION_SET).organizations == ORGANIZATIONS


@pytest.mark.parametrize(
    ("look_up", "message"),
    [
        (lambda store: store.project("acounts"), "no project 'acounts'; did you mean 'accounts'?"),
        (lambda store: store.connection("sale"), "no connection 'sale'; did you mean 'sales'?"),
        (lambda store: store.connection_set("prospect"), "did you mean 'prospect-to-cash'?"),
    ],
    ids=["project", "connection", "connection set"],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    store: Store, look_up: Callable[[Store], object], message: str
) -> None:
    """For everything that is looked up by name."""
    default_setup(store, URLS, ORGANIZATIONS)
    with pytest.raises(ConfigurationError) as caught:
        look_up(store)
    assert message in str(caught.value)


def test_what_is_exported_sets_another_store_up_alike(
    store: Store, database_url: Callable[[str], str], tmp_path: Path
) -> None:
    """Applied to an empty database, it gives the same export; applied once more, nothing changes."""
    default_setup(store, URLS, ORGANIZATIONS)
    exported = export_yaml(store)
    directory = write(exported, tmp_path)
    engine = open_database(database_url("integrator"))
    other = Store(engine)
    planned = plan_apply(other, directory)
    assert {change.kind for change in planned} == {Kind.ADD}
    assert other.projects() == []
    apply(other, planned)
    assert export_yaml(other) == exported
    assert other.projects() == store.projects()
    assert plan_apply(other, directory, prune=True) == []
    engine.dispose()


def test_applying_leaves_alone_what_the_files_do_not_have(store: Store, tmp_path: Path) -> None:
    """Unless it is told to prune."""
    default_setup(store, URLS, ORGANIZATIONS)
    files = export_yaml(store)
    del files["projects/quotes-direct.yaml"]
    directory = write(files, tmp_path)
    assert plan_apply(store, directory) == []
    changes = plan_apply(store, directory, prune=True)
    assert [(change.kind, change.what) for change in changes] == [(Kind.REMOVE, "project quotes-direct")]
    apply(store, changes)
    assert "quotes-direct" not in [project.name for project in store.projects()]


def test_a_password_stays_where_the_files_have_none(store: Store, tmp_path: Path) -> None:
    """It is not exported, and applying the export does not take it away."""
    store.save_connections([Connection("crm", "sales", "https://me:s3cret@crm.example.com/")])
    directory = write(export_yaml(store), tmp_path)
    assert "s3cret" not in (directory / "connections.yaml").read_text()
    assert plan_apply(store, directory, prune=True) == []


def test_a_directory_without_a_setup_is_refused(store: Store, tmp_path: Path) -> None:
    """As a directory that does not exist."""
    for directory in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ConfigurationError, match="the directory that `p2c export` wrote"):
            plan_apply(store, directory)


def test_projects_that_would_need_one_another_are_not_applied(store: Store, tmp_path: Path) -> None:
    """Also when the circle closes through a project that is set up already."""
    default_setup(store, URLS, ORGANIZATIONS)
    text_of_accounts = export_yaml(store)["projects/accounts.yaml"]
    circular = text_of_accounts.replace("needs: [products]", "needs: [contacts]", 1)
    directory = write({"projects/accounts.yaml": circular}, tmp_path)
    with pytest.raises(ConfigurationError, match="in a circle"):
        plan_apply(store, directory)


def test_a_leg_keeps_what_it_ran_by(store: Store) -> None:
    """So that a value can be told from the map that made it, also after the map has changed."""
    run = store.begin_run(["accounts"], "tester", False, NOW).id
    store.begin_leg(run, LEG, "sales.accounts", "commondata.Accounts", Versions(3, "accounts", 2))
    assert store.run(run).legs[0].versions == Versions(3, "accounts", 2)


def test_a_project_counts_its_changes_and_nothing_else(store: Store) -> None:
    """Saving what is there already is no change."""
    default_setup(store, {"sales": "http://127.0.0.1:1/"}, ())
    first = store.project("accounts")
    store.save_projects([first])
    same = store.project("accounts")
    store.save_projects([replace(same, tasks=same.tasks[::-1], enabled=not same.enabled)])
    changed = store.project("accounts")
    store.save_projects([replace(changed, needs=())])
    versions = [project.version for project in (first, same, changed, store.project("accounts"))]
    assert versions == [1, 1, 2, 3]
    assert store.project("contacts").version == 1


def test_a_row_remembers_the_run_that_last_sent_it(store: Store) -> None:
    run, leg_run = begin(store)
    sent = msgspec.structs.replace(a_state(), delivered_run=run)
    store.commit_batch(leg_run, LEG, run, states=[sent], progress=ONE_CREATED)
    assert store.states(LEG, ["a1"])["a1"].delivered_run == run


def test_a_run_that_was_taken_over_keeps_nothing_any_more(store: Store) -> None:
    """It lost its database for a while, and with it the lock of its project; now it is back."""
    run, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, run, states=[a_state("a1")], progress=ONE_CREATED)
    begin(store)
    before = (store.run(run), store.figures())
    two = Progress(Counts(read=2, created=2))
    with pytest.raises(TakenOverError):
        store.commit_batch(leg_run, LEG, run, states=[a_state("a2")], progress=two)
    with pytest.raises(TakenOverError):
        store.finish_leg(leg_run, two, checkpoint="far")
    with pytest.raises(TakenOverError):
        store.begin_leg(run, LEG, "sales.accounts", "commondata.Account")
    assert store.finish_run(run, NOW).status is Status.ERROR
    assert (store.run(run), store.figures()) == before
    assert (list(store.states(LEG, ["a1", "a2"])), store.checkpoint(LEG)) == (["a1"], None)


def test_a_row_that_a_later_run_has_met_is_not_gone(store: Store) -> None:
    """For the run that was taken over, too: it would delete the row at the destination."""
    run, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, run, states=[a_state("a1"), a_state("a2")], progress=ONE_CREATED)
    later, leg_run = begin(store)
    store.commit_batch(leg_run, LEG, later, states=[a_state("a1")], progress=ONE_CREATED)
    assert list(store.states_not_seen(LEG, run)) == []
    assert [[state.source_id for state in batch] for batch in store.states_not_seen(LEG, later)] == [["a2"]]


def test_after_a_large_load_a_batch_finds_its_rows_by_their_keys(store: Store, engine: Engine) -> None:
    """A database that has not been told what a table holds would look at all rows of the leg, for every batch."""
    rows = 20_000
    run, leg_run = begin(store)
    loaded = Progress(Counts(read=rows, created=rows))
    store.commit_batch(leg_run, LEG, run, states=[a_state(f"a{n:06}") for n in range(rows)], progress=loaded)
    store.finish_leg(leg_run, loaded)

    batch = "{" + ",".join(f"a{n:06}" for n in range(0, rows, 40)) + "}"
    query = "EXPLAIN SELECT * FROM row_state WHERE leg_id = 1 AND source_id = ANY(CAST(:ids AS text[]))"
    with engine.begin() as connection:
        plan = "\n".join(connection.execute(text(query), {"ids": batch}).scalars())
    assert "Filter:" not in plan
    assert "source_id = ANY" in plan
