"""A real SMTP server on 127.0.0.1 with scripted failures."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "dialtree", "p@ss/w:rd"

Reply = Callable[[SMTP], "str | None"]
"""What the server answers, or None for what a healthy one would."""


def dropping(server: SMTP) -> str:
    """The connection is lost instead of a reply."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    return "451 never seen"


def answering(reply: str) -> Reply:
    return lambda _server: reply


@dataclass
class Received:
    """A mail as it came in."""

    sender: str
    to: list[str]
    mail: EmailMessage
    session: Session
    content: bytes


@dataclass
class MailServer:
    """What it has received, and how it answers: for every address and for every mail, the next reply of a list."""

    port: int = 0
    certificates: trustme.CA = field(default_factory=trustme.CA)
    received: list[Received] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    for_recipients: dict[str, list[str]] = field(default_factory=dict)
    for_data: list[Reply] = field(default_factory=list)
    after_data: list[Reply] = field(default_factory=list)
    took_one: threading.Event = field(default_factory=threading.Event)
    hanging: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False
    reply_seconds: float = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    def go_on(self) -> None:
        """Stop hanging and accept the pending mails."""
        self.hangs = False
        self.loop.call_soon_threadsafe(self._goes_on.set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        replies = self.for_recipients.get(address)
        if replies:
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        if self.hangs:
            self.hanging.set()
            await self._goes_on.wait()
        if self.for_data and (reply := self.for_data.pop(0)(server)):
            return reply
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), mail, session, content))
        self.took_one.set()
        await asyncio.sleep(self.reply_seconds)
        if self.after_data and (reply := self.after_data.pop(0)(server)):
            return reply
        return "250 taken"

    def authenticate(self, *arguments: Any) -> AuthResult:
        offered = arguments[-1]
        assert isinstance(offered, LoginPassword)
        self.passwords.append(offered.password)
        right = (offered.login, offered.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(*, tls: bool = False, auth: bool = False, utf8: bool = True) -> Iterator[MailServer]:
    """A running server; with `tls` it offers STARTTLS, with `auth` it wants a password, inside TLS alone."""
    server = MailServer()
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.certificates.issue_cert("127.0.0.1").configure_cert(context)
    loop = server.loop

    def protocol() -> SMTP:
        return SMTP(
            server,
            hostname="mx.test",
            enable_SMTPUTF8=utf8,
            tls_context=context,
            require_starttls=tls,
            auth_required=auth,
            authenticator=server.authenticate if auth else None,
            loop=loop,
        )

    listening = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listening: asyncio.Server) -> None:
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
