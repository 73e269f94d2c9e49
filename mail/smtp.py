"""Send mail to an SMTP server with aiosmtplib."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException

from mail.transports import DeliveryFailed, MailTransport

REPLY_SECONDS = 60.0
"""Time limit for each reply of the server."""

DELIVERY_SECONDS = 300.0
"""Time limit for the delivery of a mail."""

QUIT_SECONDS = 2.0
"""Time limit for the reply to QUIT."""

MIN_PERMANENT_CODE = 500
"""Reply codes from here up are permanent failures."""

MAX_ERROR_LENGTH = 500

_NO_SMTPUTF8 = (
    "the mail server does not support SMTPUTF8, which an address with characters outside ASCII before the @ needs"
)

_STARTTLS: dict[str, bool | None] = {"required": True, "offered": None, "off": False}
_USAGE = "use smtp://USER:PASSWORD@HOST:PORT?starttls=required&ca=FILE, or smtps://"


@dataclass(frozen=True, slots=True)
class SMTPServer:
    """The SMTP server that mail is sent to.

    `start_tls` None means: if the server offers it. `ca` is a file of trusted certificates.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    start_tls: bool | None = None
    ca: str | None = None

    @classmethod
    def parse(cls, url: str) -> SMTPServer:
        """Parse the URL of a server. Raises ValueError."""
        try:
            parts = urlsplit(url)
            port = parts.port
            options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)) if parts.query else {}
        except ValueError:
            raise ValueError(_USAGE) from None
        tls = parts.scheme == "smtps"
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.fragment:
            raise ValueError(_USAGE)
        unknown = options.keys() - {"starttls", "ca"}
        if unknown:
            raise ValueError(f"unknown option {min(unknown)!r}; {_USAGE}")
        start_tls = options.get("starttls", "off" if tls else "offered")
        if start_tls not in _STARTTLS:
            raise ValueError(f"`starttls` must be one of {', '.join(_STARTTLS)}")
        if tls and start_tls != "off":
            raise ValueError("smtps:// uses TLS from the start; remove `starttls`")
        server = cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if parts.username or start_tls == "required" else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            start_tls=_STARTTLS[start_tls],
            ca=options.get("ca"),
        )
        server.tls_context()
        return server

    def tls_context(self) -> ssl.SSLContext:
        """Build the TLS context with the trusted certificates. Raises ValueError if `ca` cannot be loaded."""
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise ValueError(f"cannot load certificates from `ca` {self.ca}: {error.strerror or error}") from None


class SMTPTransport(MailTransport):
    """Sends each mail over its own connection, so that one mail's errors do not affect another."""

    def __init__(self, server: SMTPServer, *, host_name: str) -> None:
        self._server = server
        self._host_name = host_name
        self._tls = server.tls_context()

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Send the mail. Raises DeliveryFailed."""
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await self._send(mail, sender=sender, to=to)
        except TimeoutError:
            raise DeliveryFailed(
                f"the server took longer than {DELIVERY_SECONDS:.0f} seconds",
                undelivered=range(len(to)),
                permanent=False,
            ) from None

    async def _send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        all_recipients = range(len(to))
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=self._host_name,
            timeout=REPLY_SECONDS,
            use_tls=server.tls,
            start_tls=server.start_tls,
            tls_context=self._tls,
        )
        try:
            # An error before the mail was submitted says nothing about the mail, so it is never permanent.
            try:
                await client.connect()
            except (SMTPException, OSError, ValueError) as error:
                raise DeliveryFailed(_describe(error), undelivered=all_recipients, permanent=False) from error
            try:
                refused = await _submit(client, mail, sender.addr_spec, [recipient.addr_spec for recipient in to])
            except aiosmtplib.SMTPRecipientsRefused as error:
                replies = "; ".join(f"{r.recipient}: {_describe(r)}" for r in error.recipients)
                permanent = min(r.code for r in error.recipients) >= MIN_PERMANENT_CODE
                raise DeliveryFailed(
                    replies[:MAX_ERROR_LENGTH], undelivered=all_recipients, permanent=permanent
                ) from error
            except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
                permanent = error.code >= MIN_PERMANENT_CODE
                raise DeliveryFailed(_describe(error), undelivered=all_recipients, permanent=permanent) from error
            except aiosmtplib.SMTPNotSupported as error:
                raise DeliveryFailed(_NO_SMTPUTF8, undelivered=all_recipients, permanent=True) from error
            except ValueError as error:
                raise DeliveryFailed(_describe(error), undelivered=all_recipients, permanent=True) from error
            except (SMTPException, OSError) as error:
                raise DeliveryFailed(_describe(error), undelivered=all_recipients, permanent=False) from error
            # The server has accepted the mail, whatever happens to the connection.
            with contextlib.suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
        finally:
            client.close()
        if refused:
            undelivered = [index for index, recipient in enumerate(to) if recipient.addr_spec in refused]
            replies = "; ".join(f"{email}: {reply.code} {reply.message}" for email, reply in refused.items())
            permanent = min(reply.code for reply in refused.values()) >= MIN_PERMANENT_CODE
            raise DeliveryFailed(replies[:MAX_ERROR_LENGTH], undelivered=undelivered, permanent=permanent)


async def _submit(
    client: aiosmtplib.SMTP, mail: EmailMessage, sender: str, recipients: list[str]
) -> dict[str, aiosmtplib.SMTPResponse]:
    """Submit a mail and return the replies that refuse a recipient. Raises SMTPNotSupported without SMTPUTF8."""
    if mail.policy is SMTPUTF8:
        # The client would see the need in sender and recipients, but not in Reply-To.
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        refused, _ = await client.sendmail(sender, recipients, mail.as_bytes(), mail_options=options)
    else:
        refused, _ = await client.send_message(mail, sender=sender, recipients=recipients)
    return refused


def _describe(error: BaseException) -> str:
    """Describe an error in one line."""
    text = str(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {error.message}"
    elif isinstance(error, aiosmtplib.SMTPServerDisconnected):
        text = f"the server disconnected: {error}"
    return " ".join(text.split())[:MAX_ERROR_LENGTH] or type(error).__name__
