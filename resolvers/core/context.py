"""The context of a request: the caller, the database, the clock and the loaders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from db.core.database import Database, DatabaseConnection
from db.organizations import regions
from domain.access import Actor, OrganizationRef, Permission, permits, require
from domain.errors import Unauthenticated, UserErrorCode
from domain.scope import depth, root_of
from resolvers.core.change_feed import ChangeFeed
from resolvers.core.deployment import Deployment
from resolvers.core.job_run import JobRun
from resolvers.core.loaders import Loaders

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


@dataclass
class Context:
    """The context of one request."""

    database: Database
    clock: Clock
    deployment: Deployment
    caller: Actor | None = None
    token_digest: str | None = None
    client_address: str | None = None
    """The IP address of the client; None where there is none, as on a Unix socket."""

    single_root: bool = False
    """Whether the deployment has no other root than the caller's."""

    feed: ChangeFeed | None = None
    """The changes that all processes make; None where nothing can be subscribed to."""

    base_url: str = ""
    """The beginning of links in responses."""

    mutates: bool = False
    """Whether the request has begun a mutation."""

    commit_sent: bool = False
    """Whether a change of the request may have been committed."""

    job: JobRun | None = None
    """The job whose mutation this is; None for a request."""

    refused: frozenset[UserErrorCode] = frozenset()
    """The codes of refusals that the response reports in its data."""

    _loaders: Loaders | None = None
    _signed_in: Actor | None = None

    @property
    def actor(self) -> Actor:
        """The caller. Raises Unauthenticated for a request without a valid token."""
        actor = self._signed_in or self.caller
        if actor is None:
            raise Unauthenticated
        return actor

    @asynccontextmanager
    async def write(self, root_id: int | None = None) -> AsyncIterator[DatabaseConnection]:
        """Open a transaction that is a change of the request."""
        async with self.database.write(root_id) as connection:
            yield connection
            self.commit_sent = True

    def begin_mutation(self) -> None:
        """Act as the request's own caller again, whatever an earlier mutation of the operation signed in."""
        self.mutates = True
        if self._signed_in is not None:
            self._signed_in = self._loaders = None

    def act_as(self, actor: Actor) -> None:
        """Act as a caller whom a mutation has signed in, while its payload is read."""
        self._signed_in, self._loaders = actor, None

    def update_paths(self, *, home: str, acting: str) -> None:
        """Set the current paths of the caller's organizations, which were moved since the request was authenticated."""
        actor = self.actor
        self.replace_caller(
            actor._replace(home=OrganizationRef(actor.home.id, home), acting=OrganizationRef(actor.acting.id, acting))
        )

    def replace_caller(self, caller: Actor) -> None:
        """Set the caller as they are now."""
        self.caller = caller
        self._loaders = None

    @property
    def scope(self) -> str:
        """The path of the caller's scope. Raises Forbidden for a role that cannot read."""
        actor = self.actor
        require(actor.role, Permission.READ)
        return actor.acting.path

    @property
    def root_id(self) -> int:
        """The id of the caller's root."""
        return root_of(self.actor.acting.path)

    @property
    def at_root(self) -> bool:
        """Whether the caller acts from the root."""
        return depth(self.actor.acting.path) == 0

    @property
    def manages_access(self) -> bool:
        """Whether the caller may see administrators and API keys."""
        return permits(self.actor.role, Permission.MANAGE_ACCESS)

    async def region(self) -> str:
        """Return the region in which national numbers of the caller are read."""
        region: str | None = await self.database.batch_loader.load(regions.by_paths, self.actor.acting.path)
        return region or self.deployment.region

    @property
    def covers_deployment(self) -> bool:
        """Whether the caller's scope is the whole deployment."""
        return self.single_root and self.at_root

    @property
    def loaders(self) -> Loaders:
        """Loaders inside the caller's scope."""
        if self._loaders is None:
            scope = self.scope
            self._loaders = Loaders(self.database, scope=scope, root_id=root_of(scope), role=self.actor.role)
        return self._loaders
