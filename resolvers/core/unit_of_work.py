"""The unit of work of a running mutation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.core.database import DatabaseConnection
from db.core.idempotency import NewKey
from db.history.operations import NewOperation
from db.organizations import queries as organizations
from db.organizations import regions, series
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.usage.rollups import RollupDelta
from db.utilization.deltas import UtilizationDeltas
from db.utilization.unfolded import Delta
from domain.access import Actor
from domain.errors import Forbidden, not_found
from domain.limits import Use
from domain.numbers import JOB_LIMIT, OPERATION_LIMIT, needs_region, parse
from domain.scope import depth, root_of
from domain.statuses import EventKind
from mail.outbox import OutgoingMail
from resolvers.core.context import Context
from resolvers.core.job_run import JobRun


@dataclass(slots=True)
class UnitOfWork:
    """A running mutation: its transaction, its caller with current paths, and its time."""

    connection: DatabaseConnection
    actor: Actor
    scope: str
    now: datetime
    context: Context
    dry_run: bool = False
    """Whether the change is rolled back at its end."""

    new_key: NewKey | None = None
    """The idempotency key to be stored by the statement that makes the change alone."""

    admits_job: bool = False
    """Whether the change is only checked now, and made by a job later."""

    mails: list[OutgoingMail] = field(default_factory=list)
    """Mails to be queued at the end of the change; a dry run queues none."""

    queued_mail_ids: list[int] = field(default_factory=list)
    """Mails that the change has queued itself."""

    uses: list[Use] = field(default_factory=list)
    """What the change counts towards limits, at its end: the counters are locked for a moment only."""

    appends_counters: bool = False
    """Whether changes to counters are appended, to be added to them later."""

    unfolded: list[Delta] = field(default_factory=list)
    """The changes to be appended at the end."""

    unfolded_totals: list[RollupDelta] = field(default_factory=list)
    """What is to be appended to the totals of usage and users, at the end."""

    has_appended: bool = False
    """Whether changes were appended."""

    deltas: UtilizationDeltas = field(default_factory=UtilizationDeltas)
    """The changes that were added at once, from which alerts are worked out at the end."""

    @property
    def job(self) -> JobRun | None:
        """The job that makes the change; None for a request."""
        return self.context.job

    @property
    def advance(self) -> Callable[[int], None] | None:
        """What to call with how many numbers have been changed; None for a request."""
        return None if self.job is None else self.job.advance

    @property
    def limit(self) -> int:
        """How many numbers the change may have."""
        return OPERATION_LIMIT if self.job is None and not self.admits_job else JOB_LIMIT

    @property
    def root_id(self) -> int:
        """The id of the caller's root."""
        return root_of(self.scope)

    @property
    def counted_root(self) -> int | None:
        """The root below which changes to counters are appended, or None where they are added at once."""
        return self.root_id if self.appends_counters else None

    @property
    def at_root(self) -> bool:
        """Whether the caller acts from the root."""
        return depth(self.scope) == 0

    def new_operation(self, kind: EventKind, *, changed_count: int = 0, changes: str | None = None) -> NewOperation:
        """An operation of the caller, to be recorded."""
        return NewOperation(kind, self.now, self.actor.name, self.actor.acting.id, changed_count, changes)

    def require_root(self, doing: str) -> None:
        """Raise Forbidden unless the caller acts from the root."""
        if not self.at_root:
            raise Forbidden(f"{doing} is possible only from the root organization.")

    async def region(self) -> str:
        """The region in which national numbers of the caller are read."""
        found = await regions.by_paths(self.connection, [self.scope])
        return found.get(self.scope, self.context.deployment.region)

    async def parse_number(self, text: str, *, path: tuple[str, ...]) -> str:
        """The number of a text, in E.164 form. Raises InvalidInput with the path of the input."""
        return parse(text, region=await self.region() if needs_region(text) else None, path=path)

    async def organizations(self, ids: Sequence[int]) -> Iterable[OrganizationRecord]:
        """The organizations among those ids that are in scope."""
        return (await organizations.by_ids(self.connection, ids, within=self.scope)).values()

    async def organization(self, organization_id: int | None, *, name: str) -> OrganizationRecord:
        """An organization in scope, by default the acting one. Raises NotFound with the path of the input."""
        wanted = self.actor.acting.id if organization_id is None else organization_id
        record = await organizations.by_id(self.connection, wanted, within=self.scope)
        if record is None:
            raise not_found("organization", path=("input", name))
        return record

    async def series(self, series_id: int, *, name: str = "seriesId") -> SeriesRecord:
        """A series that is visible to the caller. Raises NotFound with the path of the input."""
        record = (await series.by_ids(self.connection, [series_id], root_id=self.root_id)).get(series_id)
        if record is not None and not self.at_root:
            holder = self.actor.acting.id
            visible = await series.with_numbers(self.connection, [series_id], root_id=self.root_id, holder=holder)
            record = record if visible else None
        if record is None:
            raise not_found("series", path=("input", name))
        return record
