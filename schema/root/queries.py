"""Root fields that read any object by its id."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from execution.costs import OBJECT_COST
from execution.declarations import sized_by
from schema.core.arguments import described
from schema.core.nodes import Node, context_of
from schema.numbers.types import relations
from schema.root import node_lookup


async def _node(info: Info, id: Annotated[strawberry.ID, described("The id of any object.")]) -> Any:
    return await node_lookup.find(context_of(info), id, relations=relations(info))


async def _nodes(info: Info, ids: Annotated[list[strawberry.ID], described("The ids, 500 at most.")]) -> Any:
    return await node_lookup.find_many(context_of(info), ids, relations=relations(info))


@strawberry.type
class NodeQueries:
    """The queries of objects of any type."""

    node: Node | None = strawberry.field(
        resolver=_node, description="An object by its id; null if it is outside your scope."
    )
    nodes: list[Node | None] = strawberry.field(
        resolver=_nodes,
        description="Objects by their ids, in the same order; null for each one outside your scope.",
        metadata=sized_by("ids", row_cost=2 * OBJECT_COST),
    )
