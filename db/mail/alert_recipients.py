"""The recipients of alerts about organizations, and the supplier to name in the alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select, true

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import AdministratorRow, OrganizationRow, columns
from domain.scope import path_ids


class AlertRecipients(NamedTuple):
    """An organization, the email addresses that receive its alerts, and the supplier set at its root.

    `recipients_at` is the organization that the recipients administer: this one, or one above it.
    """

    organization_id: int
    name: str
    recipients_at: int
    recipients: list[str]
    supplier_email: str | None
    supplier_telephone: str | None


_O, _A = columns(OrganizationRow), columns(AdministratorRow)
_ORGANIZATIONS = Statement(
    select(_O.id, _O.name, _O.path, _O.supplier_email, _O.supplier_telephone).where(among(_O.id, ids("ids")))
)
_RECEIVING_ALERTS = Statement(
    select(_A.organization_id, _A.email)
    .where(among(_A.organization_id, ids("ids")), _A.receives_alerts == true())
    .order_by(_A.email_folded)
)


async def alert_recipients(connection: DatabaseConnection, organization_ids: Sequence[int]) -> list[AlertRecipients]:
    """The recipients of each organization's alerts: its own administrators, or those of its nearest ancestor with any.

    Organizations without recipients are left out.
    """
    found = await connection.fetch(_ORGANIZATIONS, ids=organization_ids)
    lineages = {row[0]: path_ids(row[2]) for row in found}
    emails: dict[int, list[str]] = {}
    lineage_ids = sorted({id_ for lineage in lineages.values() for id_ in lineage})
    for organization_id, email in await connection.fetch(_RECEIVING_ALERTS, ids=lineage_ids):
        emails.setdefault(organization_id, []).append(email)
    suppliers = await _suppliers(connection, {lineage[0] for lineage in lineages.values()})
    return [
        AlertRecipients(id_, name, nearest, emails[nearest], *suppliers[lineages[id_][0]])
        for id_, name, *_ in found
        if (nearest := next((above for above in reversed(lineages[id_]) if above in emails), None)) is not None
    ]


async def _suppliers(connection: DatabaseConnection, roots: Iterable[int]) -> dict[int, tuple[str | None, str | None]]:
    rows = await connection.fetch(_ORGANIZATIONS, ids=sorted(roots))
    return {row[0]: (row[3], row[4]) for row in rows}
