"""Scope conditions in SQL, equivalent to `domain.scope`: an index range of materialized paths, or a prefix."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select
from sqlalchemy.ext.compiler import compiles

from db.core.statements import ids, texts
from db.core.tables import FormerOrganizationRow, OrganizationRow, table
from db.core.types import Ordered
from domain.scope import upper_bound

MANY = 20
"""From so many scopes on, one statement serves any number of them.

Building a statement with a condition for each of a thousand takes 0.2 s, and SQLite executes none with so many.
"""


def inside(column: Any, parameter: str) -> ColumnElement[bool]:
    """The path in `column` is inside the scope that the parameter holds, as an index range."""
    return and_(
        column >= bindparam(parameter, type_=Ordered),
        column < bindparam(f"{parameter}_end", type_=Ordered),
    )


def covers(column: Any, parameter: str) -> ColumnElement[bool]:
    """As `inside`, for rows found by key: compares the prefix, so that no planner scans the whole scope for it."""
    prefix = bindparam(parameter, type_=Ordered)
    return func.substr(column, 1, func.length(prefix)) == prefix


def covers_organization(column: Any, parameter: str) -> ColumnElement[bool]:
    """The organization with the id in `column` is inside the scope, or was until it was deleted."""
    organizations = [table(row).alias() for row in (OrganizationRow, FormerOrganizationRow)]
    return or_(
        *(
            select(organization.c.id)
            .where(organization.c.id == column, covers(organization.c.path, parameter))
            .exists()
            for organization in organizations
        )
    )


def bounds(parameter: str, path: str) -> dict[str, str]:
    """Return the parameter values of `inside` and `covers`."""
    return {parameter: path, f"{parameter}_end": upper_bound(path)}


class begins_with_any(ColumnElement[bool]):  # noqa: N801 - reads as an operator
    """The path in a column begins with a scope: what it has of the length of a scope is among the scopes."""

    inherit_cache = False

    def __init__(self, column: Any) -> None:
        self.parts = (column, texts("scopes"), ids("scope_lengths"))

    def compiled(self, compiler: Any, options: Any) -> list[str]:
        """Return the SQL of the column, of the scopes and of their lengths."""
        return [compiler.process(part, **options) for part in self.parts]


@compiles(begins_with_any, "postgresql")
def _begins_with_any_postgresql(element: begins_with_any, compiler: Any, **options: Any) -> str:
    column, scopes, lengths = element.compiled(compiler, options)
    found = f"substr({column}, 1, scope_lengths.value::integer) = ANY ({scopes})"
    return f"EXISTS (SELECT 1 FROM unnest({lengths}) AS scope_lengths (value) WHERE {found})"  # noqa: S608 - compiled parts


@compiles(begins_with_any, "sqlite")
def _begins_with_any_sqlite(element: begins_with_any, compiler: Any, **options: Any) -> str:
    column, scopes, lengths = element.compiled(compiler, options)
    found = f"substr({column}, 1, scope_lengths.value) IN (SELECT value FROM json_each({scopes}))"  # noqa: S608 - compiled parts
    return f"EXISTS (SELECT 1 FROM json_each({lengths}) AS scope_lengths WHERE {found})"  # noqa: S608 - compiled parts


def counted(paths: Sequence[str]) -> int:
    """Return how many scopes there are for `inside_any`; `MANY` stands for more of them, too."""
    return min(len(paths), MANY)


def inside_any(column: Any, count: int) -> ColumnElement[bool]:
    """The path in `column` is inside any of so many scopes, which were `counted`."""
    if count < MANY:
        return or_(false(), *(inside(column, f"scope_{n}") for n in range(count)))
    return and_(inside(column, "every_scope"), begins_with_any(column))


def bounds_of_any(paths: Sequence[str]) -> dict[str, Any]:
    """Return the parameter values of `inside_any`."""
    if len(paths) < MANY:
        return {name: value for n, path in enumerate(paths) for name, value in bounds(f"scope_{n}", path).items()}
    return {
        "scopes": paths,
        "scope_lengths": sorted(set(map(len, paths))),
        "every_scope": min(paths),
        "every_scope_end": max(map(upper_bound, paths)),
    }
