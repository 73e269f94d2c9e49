"""What the requests of a running server share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from app.settings import Settings
from db.core.database import Database
from db.core.engines import open_database
from mail.links import Links
from resolvers.access.operators import shared_secret
from resolvers.core.context import Clock
from resolvers.core.deployment import Deployment

T = TypeVar("T")


@dataclass
class Services:
    """What requests share: it is there while the server runs."""

    settings: Settings
    clock: Clock
    database: Database | None = None
    settled: Deployment | None = None

    async def open(self) -> None:
        """Open the database, and find what is settled in it."""
        self.database = await open_database(self.settings.database_url, connections=self.settings.database_connections)
        try:
            self.settled = await deployment(self.settings, self.database)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the database."""
        opened, self.database, self.settled = self.open_database, None, None
        await opened.close()

    @property
    def open_database(self) -> Database:
        """The database of the running server."""
        return _started(self.database)

    @property
    def deployment(self) -> Deployment:
        """What is settled for the running server."""
        return _started(self.settled)


def _started(value: T | None) -> T:
    if value is None:
        raise RuntimeError("the server has not started")
    return value


async def deployment(settings: Settings, database: Database) -> Deployment:
    """What the settings settle; a secret that they do not name is one that all processes on the database share."""
    secret = settings.secret or await shared_secret(database)
    return Deployment(
        links=Links(secret.encode(), settings.invitation_link, settings.password_link),
        invitation_lifetime=timedelta(days=settings.invitation_days),
        supplier_email=settings.supplier_email,
        supplier_telephone=settings.supplier_telephone,
    )
