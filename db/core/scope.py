"""Scope conditions in SQL, equivalent to `domain.scope`: an index range of materialized paths, or a prefix."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from db.core.tables import FormerOrganizationRow, OrganizationRow, table
from db.core.types import Ordered
from domain.scope import upper_bound


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
