"""Find the organizations that the lines of a file name, and the names of organizations."""

from __future__ import annotations

from functools import cached_property

from db.core.database import DatabaseConnection
from domain.errors import InvalidInput, NotFound
from domain.organizations import split_path
from domain.scope import depth, root_of
from domain.texts import fold_for_lookup
from resolvers.core.csv_reader import VALUE_LENGTH, Row
from resolvers.organizations.paths import OrganizationDirectory, OrganizationPlace, read_directory


async def read_organization_names(connection: DatabaseConnection) -> OrganizationNames:
    """Return the names of all organizations."""
    return OrganizationNames(await read_directory(connection))


class OrganizationNames:
    """All organizations by their written paths. Texts come again and again, so what they name is remembered."""

    def __init__(self, directory: OrganizationDirectory) -> None:
        self._directory = directory
        self._as_written: dict[str, OrganizationPlace | None] = {}

    def find(self, row: Row) -> OrganizationPlace:
        """Return the organization of a line, given by its path. Raises NotFound.

        A report has a column `path` beside the bare name, which must then be the last one of the path.
        """
        path, organization = row.get("path"), row.get("organization")
        if not path.strip():
            return self._find(organization, column="organization" if "organization" in row.cells else "path")
        found = self._find(path, column="path")
        name = self._directory.folded_names[found.id]
        if organization.strip() and organization != path and fold_for_lookup(organization) != name:
            raise InvalidInput(
                f"{_short(organization)!r} is not the last name of the path {_short(path)!r}.", path=("organization",)
            )
        return found

    def path_of(self, organization_id: int) -> str:
        """Return the written path of an organization."""
        return self._written_by_id[organization_id]

    def _find(self, written: str, *, column: str) -> OrganizationPlace:
        if written not in self._as_written:
            self._as_written[written] = self._directory.get(self._directory.key(written, field=column))
        found = self._as_written[written]
        if found is None:
            raise NotFound(f"There is no organization {_short(written)!r}.{self._hint(written)}", path=(column,))
        return found

    def _hint(self, written: str) -> str:
        found = self._by_last_name.get(fold_for_lookup(split_path(written)[-1]))
        return f" Give its path from the root, such as {self.path_of(found)!r}." if found else ""

    @cached_property
    def _by_last_name(self) -> dict[str, int]:
        return {name: organization_id for organization_id, name in self._directory.folded_names.items()}

    @cached_property
    def _written_by_id(self) -> dict[int, str]:
        names: list[str] = []
        written: dict[int, str] = {}
        for organization_id, path, name in self._directory.listed:
            del names[depth(path) :]
            names.append(name)
            written[organization_id] = self._directory.written(names, root_id=root_of(path))
        return written


def _short(text: str) -> str:
    return text.strip()[:VALUE_LENGTH]
