"""What a schema declares about its fields, as metadata of Strawberry fields.

A list field declares what sizes it: `metadata=at_most(100)` or `metadata=sized_by("ids")`. A root field that anonymous
callers may use declares `metadata=PUBLIC`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import graphql

MAX_PAGE_SIZE = 500
"""The most rows that a list returns; arguments that ask for more are refused by resolvers."""

PAGE_ARGUMENTS = ("first", "last")
"""The arguments that size the page of a connection."""

_KEY = "dialtree.field"


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """What is known about a field. The fields of schemas that declare nothing have this class's defaults."""

    rows: int | None = None
    """The most rows of a list; None if it was not declared."""

    sized_by: tuple[str, ...] = PAGE_ARGUMENTS
    """The arguments that size a list: a number of rows, or a list with an item for each row."""

    is_page_rows: bool = False
    """Whether the rows of a list are those of the connection that it belongs to."""

    extra_cost: int = 0
    """What each value of the field costs more than others of its kind."""

    is_shared: bool = False
    """Whether many values of the field are few objects, each of which is loaded once."""

    row_cost: int | None = None
    """What each row of a list costs, if it costs more than others."""

    public: bool = False
    """Whether anonymous callers may use the root field."""


STATEMENT_COST = 100
"""The cost of a statement that a field executes for each of its values."""

_NOTHING = FieldDeclaration()

PUBLIC: Mapping[str, Any] = {_KEY: FieldDeclaration(public=True)}

SHARED: Mapping[str, Any] = {_KEY: FieldDeclaration(is_shared=True)}

ROWS_OF_PAGE: Mapping[str, Any] = {_KEY: FieldDeclaration(is_page_rows=True)}
"""For the lists of a connection, which are sized by the arguments of the field that returns it."""


def at_most(rows: int, *, extra_cost: int = 0) -> Mapping[str, Any]:
    """Declare a list of at most that many rows."""
    return {_KEY: FieldDeclaration(rows=rows, extra_cost=extra_cost)}


def sized_by(*arguments: str, row_cost: int) -> Mapping[str, Any]:
    """Declare a list that is sized by these arguments."""
    return {_KEY: FieldDeclaration(sized_by=arguments, row_cost=row_cost)}


def costs_extra(cost: int) -> Mapping[str, Any]:
    """Declare that each value of a field costs more than others of its kind."""
    return {_KEY: FieldDeclaration(extra_cost=cost)}


def has_resolver(definition: graphql.GraphQLField) -> bool:
    """Whether the value of a Strawberry field is computed, not just read from its object."""
    field = definition.extensions.get("strawberry-definition")
    return field is not None and not field.is_basic_field


def declared(definition: graphql.GraphQLField) -> FieldDeclaration:
    """What the schema declares about a field."""
    field = definition.extensions.get("strawberry-definition")
    declaration: FieldDeclaration = getattr(field, "metadata", {}).get(_KEY, _NOTHING)
    return declaration
