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

    statements: int = 0
    """How many statements of its own each value of the field needs."""

    public: bool = False
    """Whether anonymous callers may use the root field."""


_NOTHING = FieldDeclaration()

PUBLIC: Mapping[str, Any] = {_KEY: FieldDeclaration(public=True)}

ROWS_OF_PAGE: Mapping[str, Any] = {_KEY: FieldDeclaration(rows=1)}
"""For the lists of a connection: their rows are counted at the field that returns the connection."""


def at_most(rows: int, *, statements: int = 0) -> Mapping[str, Any]:
    """Declare a list of at most that many rows."""
    return {_KEY: FieldDeclaration(rows=rows, statements=statements)}


def sized_by(*arguments: str) -> Mapping[str, Any]:
    """Declare a list that is sized by these arguments."""
    return {_KEY: FieldDeclaration(sized_by=arguments)}


def statements(count: int) -> Mapping[str, Any]:
    """Declare that each value of a field needs statements of its own."""
    return {_KEY: FieldDeclaration(statements=count)}


def declared(definition: graphql.GraphQLField) -> FieldDeclaration:
    """What the schema declares about a field."""
    field = definition.extensions.get("strawberry-definition")
    declaration: FieldDeclaration = getattr(field, "metadata", {}).get(_KEY, _NOTHING)
    return declaration
