"""What a request carries: the caller, the database, the clock, and loaders that batch what its fields ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from db.core.database import Database
from domain.access import Actor, OrganizationRef, Permission, permits, require
from domain.errors import Unauthenticated, UserErrorCode
from domain.scope import depth
from resolvers.core.deployment import Deployment
from resolvers.core.loaders import Loaders

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass
class Context:
    """One request."""

    database: Database
    clock: Clock
    deployment: Deployment
    caller: Actor | None = None
    token_digest: str | None = None
    single_root: bool = False
    """Whether the caller's root is the only one, so that its scope is the whole deployment."""

    base_url: str = ""
    """What the links that the caller is handed begin with."""

    refused: frozenset[UserErrorCode] = frozenset()
    """Why what the caller asked for was refused, where the answer says so in its data."""

    _loaders: Loaders | None = None

    @property
    def actor(self) -> Actor:
        """The caller. Raises Unauthenticated when nobody is signed in."""
        if self.caller is None:
            message = "Sign in first: send `Authorization: Bearer TOKEN`."
            raise Unauthenticated(message)
        return self.caller

    def stand(self, *, home: str, acting: str) -> None:
        """Take note of the paths that the caller's organizations have now: they were moved since he signed in."""
        actor = self.actor
        self.caller = actor._replace(
            home=OrganizationRef(actor.home.id, home), acting=OrganizationRef(actor.acting.id, acting)
        )
        self._loaders = None

    @property
    def scope(self) -> str:
        """The path that everything the caller may see starts with. Raises Forbidden to a role that can't read."""
        actor = self.actor
        require(actor.role, Permission.READ)
        return actor.acting.path

    @property
    def root_id(self) -> int:
        """The id of the root above the caller."""
        return int(self.actor.acting.path.split("/", 1)[0])

    @property
    def at_root(self) -> bool:
        """Whether the caller acts from the root."""
        return depth(self.actor.acting.path) == 0

    @property
    def manages_access(self) -> bool:
        """Whether the caller may see administrators and keys."""
        return permits(self.actor.role, Permission.MANAGE_ACCESS)

    @property
    def whole(self) -> bool:
        """Whether the scope is the whole deployment."""
        return self.single_root and self.at_root

    @property
    def loaders(self) -> Loaders:
        """Loaders for what the caller may see, made for this request alone."""
        if self._loaders is None:
            self._loaders = Loaders(self.database, scope=self.scope, root_id=self.root_id)
        return self._loaders
