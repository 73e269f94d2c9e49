"""What takes a mail away: an SMTP server (`mail.smtp`), or a folder of files."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path


class NotDelivered(Exception):
    """A mail that some or all of its recipients did not get.

    `outstanding` are those, by their place in the list of recipients. `for_good`: to try again would be in vain.
    """

    def __init__(self, error: str, *, outstanding: Sequence[int], for_good: bool) -> None:
        super().__init__(error)
        self.error = error
        self.outstanding = outstanding
        self.for_good = for_good


class MailTransport(ABC):
    """Takes mails away, any number at once."""

    @abstractmethod
    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Take a mail to its recipients. Raises NotDelivered."""


class FolderTransport(MailTransport):
    """Writes every mail to a file of its own, named after its Message-ID, so that a repeat replaces it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        """Write it. Raises NotDelivered when the folder can't be written to."""
        del sender
        name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, f"{name}.eml", mail.as_bytes())
        except OSError as error:
            everybody = range(len(to))
            raise NotDelivered(
                f"the folder {self.path} can't be written to: {error.strerror or error}",
                outstanding=everybody,
                for_good=False,
            ) from error

    def _write(self, name: str, content: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self.path / f".{name}.{os.getpid()}"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)
