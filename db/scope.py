"""Scope in SQL, the twin of `domain.scope`: an index range over materialized paths."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam

from db.types import Ordered
from domain.scope import upper_bound


def inside(column: Any, parameter: str) -> ColumnElement[bool]:
    """`column` holds the path of an organization that the scope named by the parameter covers."""
    return and_(
        column >= bindparam(parameter, type_=Ordered),
        column < bindparam(f"{parameter}_end", type_=Ordered),
    )


def bounds(parameter: str, path: str) -> dict[str, str]:
    """The values of the parameters that `inside` made."""
    return {parameter: path, f"{parameter}_end": upper_bound(path)}
