"""Scope in SQL, the twin of `domain.scope`: an index range over materialized paths, or their beginning."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func

from db.core.types import Ordered
from domain.scope import upper_bound


def inside(column: Any, parameter: str) -> ColumnElement[bool]:
    """`column` holds the path of an organization that the scope named by the parameter covers."""
    return and_(
        column >= bindparam(parameter, type_=Ordered),
        column < bindparam(f"{parameter}_end", type_=Ordered),
    )


def covers(column: Any, parameter: str) -> ColumnElement[bool]:
    """As `inside`, for rows that are found by their keys: no database goes through all that is in scope for it."""
    prefix = bindparam(parameter, type_=Ordered)
    return func.substr(column, 1, func.length(prefix)) == prefix


def bounds(parameter: str, path: str) -> dict[str, str]:
    """The values of the parameters that `inside` or `covers` made."""
    return {parameter: path, f"{parameter}_end": upper_bound(path)}
