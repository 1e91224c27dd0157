"""Notices reach people and programs: over a real mail server and a real HTTP receiver."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from sqlalchemy import Connection, Engine, text
from typer.testing import CliRunner

from p2c.cli.main import app
from p2c.database.connect import open_database
from p2c.database.vault import Vault, open_vault
from p2c.errors import ConfigurationError, RetryError, StopError
from p2c.identity.certificates import generated_files
from p2c.integrator.default_setup import default_setup
from p2c.integrator.jobs import Queue, Timing, Worker
from p2c.integrator.notices import Channel, Kind, Mail, Notice, Webhook
from p2c.integrator.notices.send import send
from p2c.integrator.outcome import Cause, Counts, LegKey, Progress, Status
from p2c.integrator.schedule import Cron, PauseRules, Schedule
from p2c.integrator.store import Store

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LEG = LegKey("accounts", "Accounts - Account - Customers", 1)
KEY = b64encode(b"0123456789abcdef0123456789abcdef").decode()
PASSWORD = "correct horse"
NOTICE = Notice(id="n1", kind=Kind.WARNING, project="accounts", at=NOON, run=7, why="2 rows")


@pytest.fixture
def engine(database_url: Callable[[str], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = open_database(database_url("integrator"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """A store with the shipped projects."""
    store = Store(engine)
    default_setup(store, {name: f"http://{name}.example/" for name in ("sales", "operations", "commondata")}, ())
    return store


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path)


class Receiver:
    """An HTTP server that keeps what it gets, and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.headers = 204, dict[str, str]()
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Not into the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/p2c"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program that listens."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


class Mailbox:
    """What a mail server does with mail: keeps it, or answers with `refusal`."""

    def __init__(self) -> None:
        self.mails: list[tuple[Session, EmailMessage]] = []
        self.refusal = ""

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """A mail has come."""
        if self.refusal:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        self.mails.append((session, mail))
        return "250 OK"


class _AnyPort(Controller):
    """A mail server on a port that is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """A mail server on this machine; its port."""
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mail_to(port: int, user: str = "", secret: str = "", host: str = "127.0.0.1") -> Mail:
    """A channel to a mail server on this machine."""
    return Mail(
        name="ops",
        to=("ann@example.com", "ben@example.com"),
        sender="p2c@example.com",
        server=f"smtp://{user and user + '@'}{host}:{port}",
        secret=secret,
    )


def hook(receiver: Receiver, vault: Vault, key: str = KEY) -> Webhook:
    """A channel to a receiver."""
    return Webhook(name="chat", url=receiver.url, secret=vault.seal(key, "channel chat"))


def sent(channel: Channel, vault: Vault) -> None:
    """Send the notice."""
    asyncio.run(send(channel, vault, NOTICE))


def test_a_mail_arrives_with_subject_people_and_the_way_out(vault: Vault) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sent(mail_to(port), vault)
    ((_, mail),) = mailbox.mails
    assert mail["Subject"] == "p2c accounts: some rows are rejected"
    assert (mail["From"], mail["To"]) == ("p2c@example.com", "ann@example.com, ben@example.com")
    assert mail["Message-ID"] == "<n1@prospect-to-cash.invalid>"
    assert "→ p2c rejected accounts" in mail.get_content()


def test_a_password_goes_over_an_encrypted_connection_only(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = generated_files(tmp_path, ["localhost"], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    asked: list[object] = []

    def who(server: object, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        asked.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    channel = mail_to(25, "p2c", vault.seal(PASSWORD, "channel ops"), "localhost")
    mailbox = Mailbox()
    with mail_server(mailbox) as port, pytest.raises(StopError, match="STARTTLS"):
        sent(replace(channel, server=f"smtp://p2c@localhost:{port}"), vault)
    with mail_server(mailbox, tls_context=context, authenticator=who, auth_required=True) as port:
        reached = replace(channel, server=f"smtp://p2c@localhost:{port}")
        with pytest.raises(StopError, match="certificate is not trusted"):
            sent(reached, vault)
        assert asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "ca.pem"))
        sent(reached, vault)
        wrong = replace(reached, secret=vault.seal("wrong horse", "channel ops"))
        with pytest.raises(StopError) as caught:
            sent(wrong, vault)
        assert "horse" not in str(caught.value)
    assert asked[0] == (True, b"p2c", PASSWORD.encode())
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("refusal", "error"), [("451 come back later", RetryError), ("554 no", StopError), ("452 full", RetryError)]
)
def test_a_mail_server_that_asks_to_come_back_is_tried_again(
    vault: Vault, refusal: str, error: type[Exception]
) -> None:
    mailbox = Mailbox()
    mailbox.refusal = refusal
    with mail_server(mailbox) as port, pytest.raises(error):
        sent(mail_to(port), vault)


def test_a_mail_server_that_is_away_is_tried_again(vault: Vault) -> None:
    with mail_server(Mailbox()) as port:
        pass
    with pytest.raises(RetryError, match="does not answer"):
        sent(mail_to(port), vault)


def test_a_webhook_is_signed_so_that_the_receiver_can_check_it(receiver: Receiver, vault: Vault) -> None:
    sent(hook(receiver, vault), vault)
    ((headers, body),) = receiver.got
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = b64encode(hmac.digest(b64decode(KEY), content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == "n1"
    told = json.loads(body)
    assert (told["type"], told["data"]["project"], told["data"]["run"]) == ("p2c.project.warning", "accounts", 7)


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, StopError), (410, StopError), (302, StopError), (429, RetryError), (500, RetryError), (503, RetryError)],
)
def test_a_receiver_decides_whether_it_is_tried_again(
    receiver: Receiver, vault: Vault, status: int, error: type[Exception]
) -> None:
    """A redirect is not followed: the signed notice goes nowhere else."""
    receiver.status, receiver.headers = status, {"Location": receiver.url, "Retry-After": "77"}
    with pytest.raises(error) as caught:
        sent(hook(receiver, vault), vault)
    assert len(receiver.got) == 1
    assert not isinstance(caught.value, RetryError) or caught.value.after == 77


def test_a_secret_that_was_sealed_for_another_channel_does_not_open(receiver: Receiver, vault: Vault) -> None:
    stolen = replace(hook(receiver, vault), name="other")
    with pytest.raises(ConfigurationError, match="does not open"):
        sent(stolen, vault)


def end_run(store: Store, *, read: int = 0, rejected: int = 0, error: str = "", cause: Cause = Cause.NONE) -> int:
    """A run of accounts that ends so; its number."""
    run = store.begin_run(["accounts"], "schedule", False, NOON)
    leg = store.begin_leg(run.id, LEG, "sales.accounts", "commondata.Accounts")
    counts = Counts(read=read, created=read - rejected, rejected=rejected)
    store.finish_leg(leg, Progress(counts), error=error)
    store.finish_run(run.id, NOON, error=error, cause=cause)
    return run.id


def judged(store: Store) -> list[tuple[Kind, int | None, int]]:
    """What a look at the last run has to tell: kind, run, rejected rows."""
    told: list[tuple[Kind, int | None, int]] = []

    def tell(connection: Connection, notice: Notice) -> None:
        told.append((notice.kind, notice.run, notice.counts.rejected))

    store.judge(NOON, tell)
    return told


def test_a_state_is_told_when_it_changes_and_when_it_is_over(store: Store) -> None:
    end_run(store, read=5)
    assert judged(store) == []
    warned = end_run(store, read=5, rejected=2)
    assert judged(store) == [(Kind.WARNING, warned, 2)]
    assert judged(store) == []
    end_run(store, read=5, rejected=3)
    assert judged(store) == []
    broken = end_run(store, error="sales does not answer", cause=Cause.AWAY)
    assert judged(store) == [(Kind.ERROR, broken, 0)]
    end_run(store, error="ended by Ctrl-C", cause=Cause.INTERRUPTED)
    assert judged(store) == []
    mended = end_run(store, read=5)
    assert judged(store) == [(Kind.RECOVERED, mended, 0)]


def test_what_could_not_be_queued_is_told_later(store: Store) -> None:
    run = end_run(store, read=1, rejected=1)

    def breaks(connection: Connection, notice: Notice) -> None:
        raise StopError("no space")

    with pytest.raises(StopError):
        store.judge(NOON, breaks)
    assert judged(store) == [(Kind.WARNING, run, 1)]


@pytest.mark.parametrize(
    ("pause", "runs", "reason"),
    [
        (PauseRules(errors=2), [{"error": "no"}, {"error": "no"}], "2 runs in a row ended by an error"),
        (PauseRules(rejected=2), [{"read": 9, "rejected": 2}, {"read": 9, "rejected": 3}], "rejected 3 rows"),
    ],
)
def test_a_project_that_passes_a_bound_is_paused_and_says_why(
    store: Store, pause: PauseRules, runs: list[dict[str, Any]], reason: str
) -> None:
    store.save_projects([replace(store.project("accounts"), schedule=Schedule(Cron("* * * * *"), pause))])
    store.settle_schedules(NOON)
    end_run(store, **runs[0])
    judged(store)
    assert store.scheduled()[0].paused_at is None
    end_run(store, **runs[1])
    assert [kind for kind, _, _ in judged(store)] == [Kind.PAUSED]
    (paused,) = store.scheduled()
    assert paused.paused_at == NOON
    assert reason in paused.paused_because
    assert store.take_due(NOON + timedelta(days=1), lambda connection, project: None) == []
    store.resume("accounts", NOON)
    assert judged(store) == []
    assert store.take_due(NOON + timedelta(minutes=1), lambda connection, project: None) == ["accounts"]


def end_together(store: Store, **errors: str) -> int:
    """A run of accounts, products and quotes; those with an error have a leg that ended by it, quotes has no leg."""
    run = store.begin_run(["accounts", "products", "quotes"], "ann", False, NOON)
    for project, error in errors.items():
        leg = store.begin_leg(run.id, LegKey(project, "task", 1), "sales.x", "commondata.x")
        store.finish_leg(leg, Progress(Counts(read=1, created=1)), error=error)
    store.finish_run(run.id, NOON)
    return run.id


def test_a_project_is_judged_by_its_own_legs(store: Store) -> None:
    """One that ran well beside another's error, and one that the run did not come to, have nothing to tell."""
    told: list[Notice] = []
    run = end_together(store, accounts="the map is wrong", products="")
    store.judge(NOON, lambda _connection, notice: told.append(notice))
    assert [(notice.project, notice.kind, notice.run) for notice in told] == [("accounts", Kind.ERROR, run)]
    assert told[0].why == "accounts, task, leg 1: the map is wrong"
    totals = {item.project: {status: n for status, n in item.runs.items() if n} for item in store.figures()}
    assert totals == {"accounts": {Status.ERROR: 1}, "products": {Status.COMPLETED: 1}}


def test_each_project_is_told_its_own_error(store: Store) -> None:
    told: list[Notice] = []
    end_together(store, accounts="the map is wrong", products="no such field")
    store.judge(NOON, lambda _connection, notice: told.append(notice))
    assert [notice.why for notice in told] == [
        "accounts, task, leg 1: the map is wrong",
        "products, task, leg 1: no such field",
    ]


def test_a_run_that_could_start_nothing_is_an_error_of_all_its_projects(store: Store) -> None:
    run = store.begin_run(["accounts", "products"], "ann", False, NOON)
    store.finish_run(run.id, NOON, error="sales does not answer", cause=Cause.AWAY)
    assert {item.project: item.runs[Status.ERROR] for item in store.figures()} == {"accounts": 1, "products": 1}


def test_errors_are_counted_from_when_the_bound_was_set(store: Store) -> None:
    for _ in range(3):
        end_run(store, error="no")
    bound = PauseRules(errors=2)
    store.save_projects([replace(store.project("accounts"), schedule=Schedule(Cron("* * * * *"), bound))])
    store.settle_schedules(NOON)
    end_run(store, error="no")
    judged(store)
    assert store.scheduled()[0].paused_at is None
    end_run(store, error="no")
    judged(store)
    assert store.scheduled()[0].paused_because.startswith("2 runs in a row")


def work(worker: Worker, until: Callable[[], bool]) -> None:
    """The worker works until something is so."""

    async def working() -> None:
        task = asyncio.create_task(worker.work())
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(until):
                assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(working())


def test_a_job_that_meets_an_unexpected_error_is_given_up_and_says_so(
    store: Store, engine: Engine, vault: Vault, receiver: Receiver
) -> None:
    """A notice that no version of ours has written."""
    store.save_channel(hook(receiver, vault))
    queue = Queue(engine)
    with engine.begin() as connection:
        queue.add(connection, "notify", None, {"channel": "chat", "notice": {}})
    work(Worker(engine, vault, timing=Timing(look=0.1)), lambda: [job.status for job in queue.jobs()] == ["failed"])
    assert queue.jobs()[0].reason == "an unexpected error (ValidationError); see the log"
    assert receiver.got == []


def test_a_worker_tells_every_channel_once(store: Store, engine: Engine, vault: Vault, receiver: Receiver) -> None:
    """One channel cannot be reached: the other is told all the same, and not twice."""
    store.save_channel(hook(receiver, vault))
    with mail_server(Mailbox()) as gone:
        pass
    store.save_channel(mail_to(gone))
    end_run(store, read=2, rejected=1)
    queue = Queue(engine)
    work(
        Worker(engine, vault, timing=Timing(look=0.1)),
        lambda: [(job.status, job.args["channel"], job.attempts) for job in queue.jobs()] == [("todo", "ops", 1)],
    )
    assert [json.loads(body)["data"]["kind"] for _, body in receiver.got] == ["warning"]
    assert "does not answer" in queue.jobs()[0].reason


def test_channels_are_added_tried_listed_and_removed_without_their_secrets(
    engine: Engine, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_DATA", str(tmp_path))
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("P2C_INTEGRATOR_DATABASE_URL", url)
    runner = CliRunner()
    said = ""

    def p2c(*words: str, typed: str = "") -> int:
        nonlocal said
        ended = runner.invoke(app, ["notify", *words], input=typed)
        said += ended.output
        return ended.exit_code

    assert p2c("add", "chat", "--webhook", receiver.url, typed=f"{KEY}\n") == 0
    assert p2c("test", "chat") == 0
    assert len(receiver.got) == 1
    assert p2c("list") == 0
    assert receiver.url in said
    assert p2c("add", "ops", "--mail", "ann@example.com", "--server", "smtp://p2c@h", typed="x\n") == 3
    assert p2c("add", "both", "--mail", "a@b.cz", "--webhook", receiver.url) == 3
    assert p2c("add", "weak", "--webhook", receiver.url, typed="short\n") == 3
    assert p2c("remove", "chat") == 0
    assert p2c("test", "chat") == 3
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM channel")).scalar_one() == 0
    assert KEY not in said
