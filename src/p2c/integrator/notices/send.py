"""Sends a notice where a channel says."""

from __future__ import annotations

import asyncio

from p2c.database.vault import Vault
from p2c.integrator.notices.channel import Channel, Mail
from p2c.integrator.notices.mail import send_mail
from p2c.integrator.notices.notice import Notice
from p2c.integrator.notices.webhook import send_webhook


async def send(channel: Channel, vault: Vault, notice: Notice) -> None:
    """
    Send; returns when the other side has taken it.

    Raises:
        RetryError: It may be taken later.
        StopError: It is refused.
        ConfigurationError: The channel's secret does not open.
    """
    secret = vault.open(channel.secret, channel.purpose) if channel.secret else ""
    if isinstance(channel, Mail):
        await asyncio.to_thread(send_mail, channel, secret, notice)
    else:
        await send_webhook(channel, secret, notice)
