"""A running mutation, as the use cases see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.core.database import DatabaseConnection
from db.history.operations import NewOperation
from db.organizations import queries as organizations
from db.organizations import series
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.utilization.deltas import UtilizationDeltas
from domain.access import Actor
from domain.errors import Forbidden, not_found
from domain.scope import depth
from domain.statuses import EventKind
from mail.outbox import OutgoingMail
from resolvers.core.context import Context


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """A running mutation: its transaction, its caller as he stands now, and its moment."""

    connection: DatabaseConnection
    actor: Actor
    scope: str
    now: datetime
    context: Context
    mails: list[OutgoingMail] = field(default_factory=list)
    """Mails to be posted with the change; a dry run posts none."""

    posted: list[int] = field(default_factory=list)
    """Mails that the change has let wait by itself."""

    deltas: UtilizationDeltas = field(default_factory=UtilizationDeltas)
    """What the change has done to organizations' figures; at its end those who are to be warned are."""

    @property
    def root_id(self) -> int:
        """The id of the root above the caller."""
        return int(self.scope.split("/", 1)[0])

    @property
    def at_root(self) -> bool:
        """Whether the caller acts from the root."""
        return depth(self.scope) == 0

    def new_operation(self, kind: EventKind, *, changed_count: int = 0, changes: str | None = None) -> NewOperation:
        """What an operation of the caller begins with."""
        return NewOperation(kind, self.now, self.actor.name, self.actor.acting.id, changed_count, changes)

    def require_root(self, doing: str) -> None:
        """Raise Forbidden unless the caller acts from the root."""
        if not self.at_root:
            message = f"{doing} is done from the root organization alone."
            raise Forbidden(message)

    async def organizations(self, ids: Sequence[int]) -> Iterable[OrganizationRecord]:
        """Those of the organizations that are in scope."""
        return (await organizations.by_ids(self.connection, ids, within=self.scope)).values()

    async def organization(self, organization_id: int | None, *, name: str) -> OrganizationRecord:
        """An organization in scope, the acting one when no id is given. Raises NotFound naming the input."""
        wanted = self.actor.acting.id if organization_id is None else organization_id
        record = await organizations.by_id(self.connection, wanted, within=self.scope)
        if record is None:
            raise not_found("organization", path=("input", name))
        return record

    async def series(self, series_id: int, *, name: str = "seriesId") -> SeriesRecord:
        """A series that the caller can see. Raises NotFound naming the input."""
        record = (await series.by_ids(self.connection, [series_id], root_id=self.root_id)).get(series_id)
        if record is not None and not self.at_root:
            holder = self.actor.acting.id
            visible = await series.with_numbers(self.connection, [series_id], root_id=self.root_id, holder=holder)
            record = record if visible else None
        if record is None:
            raise not_found("series", path=("input", name))
        return record
