"""The Node interface: objects that can be read again by their id."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.core.context import Context
from schema.core.ids import id_resolver


@strawberry.interface(
    description="An object that can be read again by its id, which also serves as the key in a client's cache."
)
class Node:
    """Its types are resolved from records of the database; `is_type_of` names their classes."""

    id: strawberry.ID = strawberry.field(description="An opaque id, unique among all objects of all types.")


def context_of(info: Info) -> Context:
    """Return the context of the request that a field belongs to."""
    context: Context = info.context
    return context


def id_field(type_name: str, *attributes: str) -> Any:
    """Declare the `id` field of a type whose records have their key in these attributes, `id` by default."""
    return strawberry.field(
        resolver=id_resolver(type_name, *(attributes or ("id",))),
        description="An opaque id, unique among all objects of all types.",
    )
