"""Follow the utilization of an organization, and of those below it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing

from db.organizations.queries import OrganizationRecord
from db.utilization.queries import Counters
from domain.access import ACCESS_EVENTS
from domain.errors import not_found
from domain.number_changes import OperationChanges
from domain.scope import covers, path_ids
from resolvers.access.sign_in import authenticate_again
from resolvers.core.change_feed import Batch
from resolvers.core.context import Context
from resolvers.organizations.queries import find_organization
from resolvers.subscriptions.following import follow

INTERVAL_SECONDS = 0.25
"""How long changes of utilization are collected before a subscriber is told again."""


async def utilization_changed(
    context: Context, organization_id: int | None, *, include_descendants: bool
) -> AsyncIterator[Counters]:
    """Yield the utilization of an organization now, and whenever it has changed; also of those below, if wanted."""
    wanted = (await _find(context, organization_id)).id
    told: dict[int, Counters] = {}
    async with aclosing(follow(context, [wanted])) as batches:
        async for batch in batches:
            if not _may_concern(batch, wanted) and wanted in told:
                continue
            await authenticate_again(context)
            record = await _find(context, wanted)
            ids = _affected(batch.operations, record, include_descendants=include_descendants)
            if wanted not in told:
                ids = [wanted]
            changed = await _changed(context, ids, told)
            for index, counters in enumerate(changed):
                if index:
                    # The client may have taken its time to read the one before.
                    await authenticate_again(context)
                told[counters.organization_id] = counters
                yield counters
            if changed:
                await asyncio.sleep(INTERVAL_SECONDS)


async def _find(context: Context, organization_id: int | None) -> OrganizationRecord:
    record = await find_organization(context, organization_id)
    if record is None or not covers(context.scope, record.path):
        raise not_found("organization", path=("organizationId",))
    return record


def _may_concern(batch: Batch, organization_id: int) -> bool:
    """Whether the subscriber has to look: something at or below the organization was changed, or it is time."""
    part = f"{organization_id}/"
    return not batch.operations or any(
        operation.action in ACCESS_EVENTS or any(part in path for path in operation.touched)
        for operation in batch.operations
    )


def _affected(
    operations: Iterable[OperationChanges], record: OrganizationRecord, *, include_descendants: bool
) -> list[int]:
    """The organizations, among those followed, whose utilization may have changed; the topmost first."""
    paths = {path for operation in operations if operation.changes_counts for path in operation.touched}
    below = [path for path in paths if covers(record.path, path)]
    if not include_descendants:
        return [record.id] if below else []
    first = len(path_ids(record.path)) - 1
    return list(dict.fromkeys(organization_id for path in sorted(below) for organization_id in path_ids(path)[first:]))


async def _changed(context: Context, ids: list[int], told: dict[int, Counters]) -> list[Counters]:
    found = await context.loaders.utilization.load_many(ids)
    return [counters for counters in found if counters is not None and told.get(counters.organization_id) != counters]
