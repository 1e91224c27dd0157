"""Sends notices to programs, signed as Standard Webhooks has it (https://www.standardwebhooks.com)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime

import aiohttp
import msgspec

from p2c.errors import RetryError, StopError
from p2c.integrator.notices.channel import Webhook, signing_key
from p2c.integrator.notices.notice import Notice

_TIMEOUT = aiohttp.ClientTimeout(total=30)
_LATER = frozenset({408, 425, 429})


async def send_webhook(channel: Webhook, secret: str, notice: Notice) -> None:
    """
    POST the notice; returns when it was taken. Redirects are not followed.

    Raises:
        RetryError: Nobody answers, or asks to come back.
        StopError: The receiver refuses.
        ConfigurationError: The secret is no key.
    """
    body = msgspec.json.encode({"type": f"p2c.project.{notice.kind.value}", "data": notice.plain()})
    headers = signed(notice.id, datetime.now(UTC), body, secret)
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(channel.url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status, wait = answer.status, answer.headers.get("Retry-After", "")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise RetryError(f"nobody answers there ({type(error).__name__})", where=channel.purpose) from error
    if status in _LATER or status >= 500:
        after = float(wait) if wait.isdecimal() and len(wait) < 6 else None
        raise RetryError(f"the receiver answers {status}", where=channel.purpose, after=after)
    if not 200 <= status < 300:
        raise StopError(
            f"the receiver answers {status}", where=channel.purpose, way_out="mend it, then `p2c notify test` it"
        )


def signed(identifier: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The headers that let the receiver check who sends this, and when."""
    stamp = str(int(at.timestamp()))
    content = b".".join((identifier.encode(), stamp.encode(), body))
    signature = hmac.digest(signing_key(secret), content, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }
