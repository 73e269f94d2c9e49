"""The services that all requests of a running server share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from app.database_errors import POOLER_SETTING, SETTING, describe
from app.settings import Settings
from app.startup import when_available
from db.core.database import Database
from db.core.engines import open_database
from mail.links import Links
from resolvers.access.operators import shared_secret
from resolvers.core.change_feed import ChangeFeed
from resolvers.core.context import Clock
from resolvers.core.deployment import Deployment

T = TypeVar("T")


@dataclass
class Services:
    """Settings and clock, and while the server runs, its database, the feed of its changes, and the deployment."""

    settings: Settings
    clock: Clock
    database: Database | None = None
    feed: ChangeFeed | None = None
    _deployment: Deployment | None = None

    async def open(self) -> None:
        """Open the database and load the deployment."""
        settings = self.settings
        connect = partial(
            open_database,
            settings.database_url,
            connections=settings.database_connections,
            pooler_url=settings.pooler_url,
            replica_url=settings.replica_url,
        )
        url, variable = settings.database_url, SETTING
        if settings.pooler_url:
            url, variable = settings.pooler_url, POOLER_SETTING
        self.database = await when_available(connect, describe=lambda error: describe(error, url, variable))
        try:
            self._deployment = await load_deployment(self.settings, self.database)
        except BaseException:
            await self.close()
            raise
        self.feed = ChangeFeed(self.database)

    async def close(self) -> None:
        """Close the database."""
        if self.feed is not None:
            await self.feed.close()
        self.feed = None
        database, self.database, self._deployment = self.open_database, None, None
        await database.close()

    @property
    def open_database(self) -> Database:
        """The database of the running server. Raises RuntimeError before `open` and after `close`."""
        return _opened(self.database)

    @property
    def deployment(self) -> Deployment:
        """The deployment of the running server. Raises RuntimeError before `open` and after `close`."""
        return _opened(self._deployment)


def _opened(value: T | None) -> T:
    if value is None:
        raise RuntimeError("the server is not running")
    return value


async def load_deployment(settings: Settings, database: Database) -> Deployment:
    """Build the deployment from the settings. Without `DIALTREE_SECRET`, the secret stored in the database is used."""
    secret, *older = [value.encode() for value in settings.secrets or [await shared_secret(database)]]
    return Deployment(
        links=Links(secret, settings.invitation_link, settings.password_link, tuple(older)),
        invitation_lifetime=timedelta(days=settings.invitation_days),
        supplier_email=settings.supplier_email,
        supplier_telephone=settings.supplier_telephone,
        region=settings.region,
    )
