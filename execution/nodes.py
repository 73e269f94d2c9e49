"""Looking through a syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from graphql import Node

N = TypeVar("N", bound=Node)


def nodes_of(kind: type[N], tree: Node) -> Iterator[N]:
    """All nodes of a kind in a tree, its root included, in no order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            yield node
        for key in node.keys:
            value = getattr(node, key)
            waiting.extend(
                one for one in (value if isinstance(value, tuple | list) else (value,)) if isinstance(one, Node)
            )
