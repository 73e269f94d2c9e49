"""The caller's own organizations."""

from __future__ import annotations

from db.organizations import queries as organizations
from db.organizations.queries import OrganizationRecord
from domain.access import OrganizationRef
from domain.errors import not_found
from resolvers.core.context import Context


async def organization(context: Context, place: OrganizationRef) -> OrganizationRecord:
    """The organization at a place of the caller's; every role may read its own."""
    async with context.database.read() as connection:
        record = await organizations.by_id(connection, place.id, within=place.path)
    if record is None:
        raise not_found("organization", path=())
    return record
