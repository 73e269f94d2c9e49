"""Whom to warn about an organization, and what to tell him beside its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select, true

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import AdministratorRow, OrganizationRow, columns
from domain.scope import ancestor_ids


class Alerted(NamedTuple):
    """An organization to warn about: its name, who is told, and the supplier that its root names, if it does."""

    id: int
    name: str
    recipients: list[str]
    supplier_email: str | None
    supplier_telephone: str | None


_O, _A = columns(OrganizationRow), columns(AdministratorRow)
_ORGANIZATIONS = Statement(
    select(_O.id, _O.name, _O.path, _O.supplier_email, _O.supplier_telephone).where(among(_O.id, ids("ids")))
)
_TAKING_ALERTS = Statement(
    select(_A.organization_id, _A.email)
    .where(among(_A.organization_id, ids("ids")), _A.receives_alerts == true())
    .order_by(_A.email_folded)
)


async def alerted(connection: DatabaseConnection, wanted: Sequence[int]) -> list[Alerted]:
    """The organizations with those who take alerts for each: its own administrators, else those nearest above it.

    One for which nobody takes alerts is left out.
    """
    found = await connection.fetch(_ORGANIZATIONS, ids=wanted)
    lines = {row[0]: [*ancestor_ids(row[2]), row[0]] for row in found}
    everywhere = sorted({id_ for line in lines.values() for id_ in line})
    taking: dict[int, list[str]] = {}
    for organization_id, email in await connection.fetch(_TAKING_ALERTS, ids=everywhere):
        taking.setdefault(organization_id, []).append(email)
    roots = await _suppliers(connection, {line[0] for line in lines.values()})
    return [
        Alerted(row[0], row[1], recipients, *roots[lines[row[0]][0]])
        for row in found
        if (recipients := _nearest(taking, lines[row[0]]))
    ]


def _nearest(taking: dict[int, list[str]], line: list[int]) -> list[str]:
    return next((taking[id_] for id_ in reversed(line) if id_ in taking), [])


async def _suppliers(connection: DatabaseConnection, roots: Iterable[int]) -> dict[int, tuple[str | None, str | None]]:
    rows = await connection.fetch(_ORGANIZATIONS, ids=sorted(roots))
    return {row[0]: (row[3], row[4]) for row in rows}
