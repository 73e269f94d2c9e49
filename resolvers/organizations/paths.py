"""Find organizations by their written path, such as `Bank/Sales`."""

from __future__ import annotations

from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from db.organizations import regions
from domain.errors import InvalidInput, NotFound
from domain.organizations import join_path, split_path, split_root_id
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


PathKey = tuple[int | str, ...]
"""Where an organization is: the id of its root and the folded names below; for a root yet to be created, its name."""


class OrganizationDirectory:
    """All organizations, found by their written paths."""

    def __init__(self, listed: list[tuple[int, str, str]], region_of: dict[str, str | None]) -> None:
        self.listed = listed
        """The id, path and name of each organization, parents before children."""
        self._places: dict[PathKey, OrganizationPlace] = {}
        self._roots: dict[str, list[int]] = {}
        self.folded_names: dict[int, str] = {}
        """The folded name of each organization, by its id."""
        key_of: dict[str, PathKey] = {}
        for organization_id, path, name in listed:
            parent_path = path[: path.rstrip("/").rfind("/") + 1]
            folded = self.folded_names[organization_id] = fold(name)
            if parent_path:
                key_of[path] = (*key_of[parent_path], folded)
            else:
                key_of[path] = (organization_id,)
                self._roots.setdefault(folded, []).append(organization_id)
            region = region_of.get(path) or region_of.get(parent_path)
            region_of[path] = region
            self.add(key_of[path], OrganizationPlace(organization_id, path, region))

    @property
    def roots(self) -> list[OrganizationPlace]:
        """The root organizations."""
        return [self._places[root_id,] for ids in self._roots.values() for root_id in ids]

    def key(self, written: str, *, field: str) -> PathKey:
        """Return the key of a written path, as `key_below` does."""
        return self.key_below(*split_root_id(split_path(written)), field=field)

    def key_below(self, root_id: int | None, names: list[str], *, field: str) -> PathKey:
        """Return the key of the names on a path, those below the root if its id is given.

        An organization may be there or not. Raises InvalidInput, at the field, if several roots have the first name,
        and NotFound if no root has the id.
        """
        folded = [fold_for_lookup(name) for name in names]
        if root_id is not None:
            if (root_id,) not in self._places:
                raise NotFound(f"There is no root organization with the id {root_id}.", path=(field,))
            return (root_id, *folded)
        roots = self._roots.get(folded[0], [])
        if len(roots) > 1:
            choices = " or ".join(_below_id(root, names) for root in roots)
            raise InvalidInput(
                f"{len(roots)} root organizations have the name {names[0]!r}. Name one by its id: {choices}.",
                path=(field,),
            )
        return (*(roots or folded[:1]), *folded[1:])

    def written(self, names: list[str], *, root_id: int) -> str:
        """Return the written path of an organization that `key` reads, from its name and those above it."""
        return _below_id(root_id, names) if len(self._roots[fold(names[0])]) > 1 else join_path(names)

    def get(self, key: PathKey) -> OrganizationPlace | None:
        """Return the organization with the key."""
        return self._places.get(key)

    def add(self, key: PathKey, place: OrganizationPlace) -> None:
        """Add an organization."""
        self._places[key] = place


def _below_id(root_id: int, names: list[str]) -> str:
    """Return the written path of names that has the id of the root in place of its name."""
    return join_path(["", str(root_id), *names[1:]])


async def read_directory(connection: DatabaseConnection) -> OrganizationDirectory:
    """Read all organizations."""
    return OrganizationDirectory(
        await organizations.all_organizations(connection), await regions.all_by_path(connection)
    )


async def organization_at(database: Database, written_path: str) -> OrganizationPlace:
    """Return the organization at a written path.

    Raises NotFound, and InvalidInput if several roots have the name at its beginning.
    """
    async with database.read() as connection:
        directory = await read_directory(connection)
    found = directory.get(directory.key(written_path, field="organization"))
    if found is None:
        raise NotFound(f"There is no organization {written_path!r}.", path=("organization",))
    return found


async def only_root(database: Database) -> OrganizationPlace:
    """Return the root of a deployment that has one. Raises InvalidInput if it has none or several."""
    async with database.read() as connection:
        roots = (await read_directory(connection)).roots
    if len(roots) != 1:
        raise InvalidInput(
            f"There are {len(roots)} root organizations. Name the organization that sends the records.",
            path=("organization",),
        )
    return roots[0]
