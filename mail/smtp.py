"""Handing mail to an SMTP server with aiosmtplib."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException

from mail.transports import MailTransport, NotDelivered

REPLY_SECONDS = 60.0
"""How long a server may take for each of its replies."""

DELIVERY_SECONDS = 300.0
"""How long it may take for a whole mail."""

FAREWELL_SECONDS = 2.0
PERMANENT = 500
"""From here up a reply says that the mail will never be taken."""

ERROR_LENGTH = 500

_STARTTLS: dict[str, bool | None] = {"required": True, "offered": None, "off": False}
_USAGE = "use smtp://USER:PASSWORD@HOST:PORT?starttls=required&ca=FILE, or smtps://"


@dataclass(frozen=True, slots=True)
class SMTPServer:
    """Where mail is handed in. `start_tls` None: where the server offers it; `ca` is a file of certificates."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    start_tls: bool | None = None
    ca: str | None = None

    @classmethod
    def parse(cls, url: str) -> SMTPServer:
        """The server that a URL names. Raises ValueError."""
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
            raise ValueError(f"there is no option {min(unknown)!r}; {_USAGE}")
        start_tls = options.get("starttls", "off" if tls else "offered")
        if start_tls not in _STARTTLS:
            raise ValueError(f"`starttls` is one of {', '.join(_STARTTLS)}")
        if tls and start_tls != "off":
            raise ValueError("smtps:// begins with TLS already; leave `starttls` out")
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
        """Whose certificates are trusted. Raises ValueError for a file that holds none."""
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise ValueError(
                f"`ca` names {self.ca}, which can't be read as certificates: {error.strerror or error}"
            ) from None


class SMTPTransport(MailTransport):
    """Hands each mail in over a connection of its own, so that no mail suffers for another one."""

    def __init__(self, server: SMTPServer, *, host_name: str) -> None:
        self._server = server
        self._host_name = host_name
        self._tls = server.tls_context()

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Hand it in. Raises NotDelivered."""
        everybody = range(len(to))
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await self._hand_in(mail, sender=sender, to=to)
        except TimeoutError:
            raise NotDelivered(
                f"the server took longer than {DELIVERY_SECONDS:.0f} seconds", outstanding=everybody, for_good=False
            ) from None

    async def _hand_in(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        everybody = range(len(to))
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
            # What goes wrong before the mail is spoken of is no fault of the mail's.
            try:
                await client.connect()
            except (SMTPException, OSError, ValueError) as error:
                raise NotDelivered(_said(error), outstanding=everybody, for_good=False) from error
            try:
                refused, _ = await client.send_message(
                    mail, sender=sender.addr_spec, recipients=[recipient.addr_spec for recipient in to]
                )
            except aiosmtplib.SMTPRecipientsRefused as error:
                codes = [refusal.code for refusal in error.recipients]
                replies = "; ".join(f"{r.recipient}: {_said(r)}" for r in error.recipients)
                for_good = min(codes) >= PERMANENT
                raise NotDelivered(replies[:ERROR_LENGTH], outstanding=everybody, for_good=for_good) from error
            except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
                raise NotDelivered(_said(error), outstanding=everybody, for_good=error.code >= PERMANENT) from error
            except (aiosmtplib.SMTPNotSupported, ValueError) as error:
                raise NotDelivered(_said(error), outstanding=everybody, for_good=True) from error
            except (SMTPException, OSError) as error:
                raise NotDelivered(_said(error), outstanding=everybody, for_good=False) from error
            # The mail is the server's now, whatever becomes of the connection.
            with contextlib.suppress(SMTPException, OSError):
                await client.quit(timeout=FAREWELL_SECONDS)
        finally:
            client.close()
        if refused:
            outstanding = [index for index, recipient in enumerate(to) if recipient.addr_spec in refused]
            replies = "; ".join(f"{email}: {reply.code} {reply.message}" for email, reply in refused.items())
            for_good = min(reply.code for reply in refused.values()) >= PERMANENT
            raise NotDelivered(replies[:ERROR_LENGTH], outstanding=outstanding, for_good=for_good)


def _said(error: BaseException) -> str:
    """What went wrong, in one line."""
    text = str(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {error.message}"
    elif isinstance(error, aiosmtplib.SMTPServerDisconnected):
        text = f"the server hung up: {error}"
    return " ".join(text.split())[:ERROR_LENGTH] or type(error).__name__
