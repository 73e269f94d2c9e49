"""Read the caller's own organizations."""

from __future__ import annotations

from db.organizations import queries as organizations
from db.organizations.queries import OrganizationRecord
from domain.access import OrganizationRef
from domain.errors import not_found
from resolvers.core.context import Context


async def organization(context: Context, ref: OrganizationRef) -> OrganizationRecord:
    """Return the caller's home or acting organization, which every role may read. Raises NotFound."""
    async with context.database.read() as connection:
        record = await organizations.by_id(connection, ref.id, within=ref.path)
    if record is None:
        raise not_found("organization", path=())
    return record
