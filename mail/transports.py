"""Mail transports: an SMTP server (`mail.smtp`), or a folder of files."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path


class DeliveryFailed(Exception):
    """A mail did not reach some or all of its recipients.

    `undelivered` has the positions of these recipients in the list. If `permanent`, a retry would fail as well.
    """

    def __init__(self, error: str, *, undelivered: Sequence[int], permanent: bool) -> None:
        super().__init__(error)
        self.error = error
        self.undelivered = undelivered
        self.permanent = permanent


class MailTransport(ABC):
    """Sends mails, any number at once."""

    @abstractmethod
    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Send a mail to its recipients. Raises DeliveryFailed."""


class FolderTransport(MailTransport):
    """Writes every mail to its own file, named after the Message-ID, so that a repeated delivery replaces the file."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Write the file. Raises DeliveryFailed if the folder is not writable."""
        del sender
        name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, f"{name}.eml", mail.as_bytes())
        except OSError as error:
            raise DeliveryFailed(
                f"cannot write to the folder {self.path}: {error.strerror or error}",
                undelivered=range(len(to)),
                permanent=False,
            ) from error

    def _write(self, name: str, content: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        temporary = self.path / f".{name}.{os.getpid()}"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)
