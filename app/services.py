"""What the requests of a running server share."""

from __future__ import annotations

from dataclasses import dataclass

from app.settings import Settings
from db.database import Database
from resolvers.context import Clock


@dataclass
class Services:
    """What requests share: it is there while the server runs."""

    settings: Settings
    clock: Clock
    database: Database | None = None

    @property
    def open_database(self) -> Database:
        """The database of the running server."""
        if self.database is None:
            message = "the server has not started"
            raise RuntimeError(message)
        return self.database
