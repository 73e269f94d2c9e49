"""Search a GraphQL syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from graphql import Node

N = TypeVar("N", bound=Node)


def nodes_of(kind: type[N], tree: Node) -> Iterator[N]:
    """All nodes of a class in a tree, including its root, in no particular order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, kind):
            yield node
        for key in node.keys:
            value = getattr(node, key)
            stack.extend(
                child for child in (value if isinstance(value, tuple | list) else (value,)) if isinstance(child, Node)
            )
