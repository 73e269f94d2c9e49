"""The Node interface: whatever has a life of its own can be read again by its id."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.core.context import Context
from schema.core.ids import encoder


@strawberry.interface(description="An object with a life of its own; its id lets a client's cache place it.")
class Node:
    """Types that implement it are read off a record of the database, whose class `record` names."""

    id: strawberry.ID = strawberry.field(description="An opaque id, unique among all objects.")


def context_of(info: Info) -> Context:
    """The request that a field belongs to."""
    context: Context = info.context
    return context


def id_field(type_name: str, *attributes: str) -> Any:
    """The `id` field of a type whose record has its key in these attributes (`id` unless named)."""
    key = attrgetter(*(attributes or ("id",)))
    encode_key = encoder(type_name, len(attributes) or 1)

    def global_id(root: strawberry.Parent[Any]) -> strawberry.ID:
        return encode_key(key(root))

    return strawberry.field(resolver=global_id, description="An opaque id, unique among all objects.")
