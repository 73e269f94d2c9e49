"""Find organizations by their written path, such as `Bank/Sales`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from db.organizations import regions
from domain.errors import InvalidInput, NotFound
from domain.organizations import split_path
from domain.texts import fold, fold_for_lookup


class OrganizationPlace(NamedTuple):
    """An organization's id, its materialized path, and its region or that of the nearest above it that has one."""

    id: int
    path: str
    region: str | None = None

    @property
    def root_id(self) -> int:
        """The id of its root."""
        return int(self.path.split("/", 1)[0])


FoldedNames = tuple[str, ...]
"""The folded names on the path of an organization, from the root down."""


def folded_names(names: Iterable[str]) -> FoldedNames:
    """Return the form of the names on a path in which they are looked up."""
    return tuple(map(fold_for_lookup, names))


async def organizations_by_names(connection: DatabaseConnection) -> dict[FoldedNames, OrganizationPlace]:
    """Return every organization by the folded names on its path."""
    names: dict[str, FoldedNames] = {"": ()}
    found: dict[FoldedNames, OrganizationPlace] = {}
    region_of = await regions.all_by_path(connection)
    for organization_id, path, name in await organizations.all_organizations(connection):
        parent_path = path[: path.rstrip("/").rfind("/") + 1]
        names[path] = (*names[parent_path], fold(name))
        region_of.setdefault(path, region_of.get(parent_path))
        found[names[path]] = OrganizationPlace(organization_id, path, region_of[path])
    return found


async def organization_at(database: Database, written_path: str) -> OrganizationPlace:
    """Return the organization at a written path. Raises NotFound."""
    async with database.read() as connection:
        by_names = await organizations_by_names(connection)
    found = by_names.get(folded_names(split_path(written_path)))
    if found is None:
        raise NotFound(f"There is no organization {written_path!r}.", path=("organization",))
    return found


async def only_root(database: Database) -> OrganizationPlace:
    """Return the root of a deployment that has one. Raises InvalidInput if it has none or several."""
    async with database.read() as connection:
        roots = [place for names, place in (await organizations_by_names(connection)).items() if len(names) == 1]
    if len(roots) != 1:
        raise InvalidInput(
            f"There are {len(roots)} root organizations. Name the organization that sends the records.",
            path=("organization",),
        )
    return roots[0]
