"""What is told of a project, once for each change; where it goes; how a webhook is signed."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.notices import Kind, Mail, Notice, Webhook, change_of_state
from p2c.integrator.notices.channel import signing_key
from p2c.integrator.notices.webhook import signed
from p2c.integrator.outcome import Counts, Status

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
C, W, E = Status.COMPLETED, Status.WARNING, Status.ERROR


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([C, C, C], []),
        ([C, W, W, W], [Kind.WARNING]),
        ([C, W, C, C], [Kind.WARNING, Kind.RECOVERED]),
        ([E, E, W, C, E], [Kind.ERROR, Kind.WARNING, Kind.RECOVERED, Kind.ERROR]),
        ([W], [Kind.WARNING]),
    ],
)
def test_each_change_is_told_once(states: list[Status], told: list[Kind]) -> None:
    before: list[Status | None] = [None, *states]
    changes = [change_of_state(earlier, now) for earlier, now in zip(before, states, strict=False)]
    assert [kind for kind in changes if kind is not None] == told


def a_notice(kind: Kind = Kind.WARNING, project: str = "accounts", why: str = "") -> Notice:
    """A notice."""
    return Notice(
        id="n1", kind=kind, project=project, at=NOON, run=7, counts=Counts(read=9, created=7, rejected=2), why=why
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_notice_comes_back_from_the_queue_as_it_was(kind: Kind) -> None:
    assert Notice.read(a_notice(kind).plain()) == a_notice(kind)


def test_a_notice_says_what_where_and_the_way_out() -> None:
    assert a_notice().text == (
        "accounts: some rows are rejected\n\nRun 7: 9 rows read, 2 rejected.\n→ p2c rejected accounts\n"
    )
    assert "p2c run show 7" in a_notice(Kind.ERROR, why="sales does not answer").text
    assert "p2c schedule resume accounts" in a_notice(Kind.PAUSED).text


def test_a_project_cannot_add_headers_to_the_mail() -> None:
    message = EmailMessage()
    message["Subject"] = a_notice(project="accounts\r\nBcc: eve@example.com").subject
    assert list(message.keys()) == ["Subject"]


@pytest.mark.parametrize("address", ["", "ann", "ann@", "@example.com", "a@b\r\nBcc: c@d", "Ann <ann@example.com>"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address"):
        Mail(name="ops", to=(address,), sender="p2c@example.com", server="smtp://mail.example.com")


@pytest.mark.parametrize(
    "server", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://a:b@mail.example.com", "smtp://h:0x"]
)
def test_what_is_no_mail_server_is_refused_and_not_repeated(server: str) -> None:
    """It may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        Mail(name="ops", to=("ann@example.com",), sender="p2c@example.com", server=server)
    assert "a:b" not in str(caught.value)


@pytest.mark.parametrize("url", ["hooks.example.com", "file:///etc/passwd", "https://", "https://a:b@h/x"])
def test_what_is_no_webhook_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Webhook(name="chat", url=url, secret="")


def test_the_address_of_a_webhook_is_shown_without_what_may_be_a_token() -> None:
    assert Webhook(name="chat", url="https://h.example/p2c?token=s", secret="").address == "https://h.example/p2c"


@pytest.mark.parametrize("key", ["", "short", b64encode(b"x" * 23).decode(), b64encode(b"x" * 65).decode(), "é" * 40])
def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        signing_key(key)
    assert not key or key not in str(caught.value)


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of the published libraries of Standard Webhooks."""
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
