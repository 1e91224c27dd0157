"""Sends notices by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from p2c.errors import RetryError, StopError
from p2c.integrator.notices.channel import Mail
from p2c.integrator.notices.notice import Notice

_SECONDS = 30
_DOMAIN = "prospect-to-cash.invalid"


def send_mail(channel: Mail, password: str, notice: Notice) -> None:
    """
    Hand the notice to the server; returns when it was taken for at least one of the people.

    Raises:
        RetryError: The server does not answer, or asks to come back.
        StopError: The server refuses, or offers no encryption for the password.
    """
    try:
        with _connected(channel) as server:
            if channel.user:
                server.login(channel.user, password)
            server.send_message(_message(channel, notice))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refusal(channel, min(codes, default=500), f"no address is taken ({codes})") from error
    except smtplib.SMTPResponseException as error:
        # The answer to a sign-in may quote what was sent; its code says enough.
        raise _refusal(channel, error.smtp_code, f"the server answers {error.smtp_code}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise StopError(str(error), where=channel.purpose, way_out="use another server or port") from error
    except ssl.SSLCertVerificationError as error:
        raise StopError(
            f"the server's certificate is not trusted ({error.verify_message})",
            where=channel.purpose,
            way_out="use the name that its certificate has, or trust it (SSL_CERT_FILE)",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise RetryError(f"the mail server does not answer ({type(error).__name__})", where=channel.purpose) from error


def _connected(channel: Mail) -> smtplib.SMTP:
    host, port = channel.host_and_port
    context = ssl.create_default_context()
    if channel.encrypted_from_the_start:
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=_SECONDS)
    try:
        server.ehlo()
        # With a password to send, a server without encryption is refused by starttls itself.
        if channel.user or server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
    except BaseException:
        server.close()
        raise
    return server


def _message(channel: Mail, notice: Notice) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"p2c {notice.subject}"
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Date"] = format_datetime(notice.at)
    # The same at every try, so that a mail that arrives twice is known.
    message["Message-ID"] = f"<{notice.id}@{_DOMAIN}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    return message


def _refusal(channel: Mail, code: int, what: str) -> RetryError | StopError:
    if 400 <= code < 500:
        return RetryError(what, where=channel.purpose)
    return StopError(what, where=channel.purpose, way_out="mend the channel, then `p2c notify test` it")
