"""Insert imported users, and bring counters and roll-ups up to date with imported numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from db.core.database import DatabaseConnection
from db.usage import rollups
from db.usage.user_rollups import rollup_deltas
from db.users import additions
from db.users.additions import ImportedUser
from db.utilization import counters
from db.utilization.deltas import UtilizationDeltas
from domain.calendar import quarter_of
from domain.emails import mailbox_key
from domain.statuses import NumberStatus
from domain.users import UserStatus
from domain.utilization import InventoryChange

USER_STATUSES = {
    NumberStatus.ASSIGNED: UserStatus.INVITED,
    NumberStatus.IN_USE: UserStatus.ACTIVATED,
}
"""The status of the user of a number, by the status of the number."""

UserIds = dict[tuple[int, str], int]
"""The ids of users by organization and key of the mailbox."""


async def insert_users(connection: DatabaseConnection, users: Sequence[ImportedUser], *, at: datetime) -> UserIds:
    """Insert users, count their pending invitations, and return their ids."""
    user_ids = await additions.insert_users(connection, users, at=at)
    invited = Counter(user.organization_id for user in users if user.status is UserStatus.INVITED)
    await counters.add_pending(connection, {id_: (count, 0) for id_, count in invited.items()})
    return {(user.organization_id, mailbox_key(user.email)): id_ for user, id_ in zip(users, user_ids, strict=True)}


async def update_totals(
    connection: DatabaseConnection, changes: Sequence[InventoryChange], *, paths: Mapping[int, str], at: datetime
) -> None:
    """Add inventory changes to counters and roll-ups. Imports send no alerts."""
    await counters.add(connection, counters.growth(changes, paths=paths, deltas=UtilizationDeltas()))
    await rollups.add(connection, rollup_deltas(changes, paths, quarter_of(at)))
