"""Look-ahead: which fields an operation asks for below a field, so that a resolver can read them in one statement.

The description is a tree of field names. What stands in fragments counts whatever type they are for: a resolver may
read a little more than one type's fields need, never less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import graphql
from graphql.execution.values import VariableValues

if TYPE_CHECKING:
    from strawberry.types import Info

T = TypeVar("T")


class Selected(dict[str, "Selected"]):
    """The fields asked for below a field, each with those below it."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Any, Any] = {}
        """What was found out about it; a compiled operation has one for all requests."""


def look_ahead(info: Info, find: Callable[..., T], *arguments: Any) -> T:
    """What `find` finds, given what is asked for below the field and the arguments; for a compiled operation, once."""
    tree, key = selected(info), (find, *arguments)
    if key not in tree.found:
        tree.found[key] = find(tree, *arguments)
    found: T = tree.found[key]
    return found


def selected(info: Info) -> Selected:
    """What is asked for below the field that is being resolved, on the compiled road and on the other."""
    raw = info._raw_info  # noqa: SLF001 - what Strawberry makes of it is slow and keeps the fragments apart
    compiled: Selected | None = getattr(raw, "selected", None)
    if compiled is not None:
        return compiled
    return below(raw.field_nodes, raw.fragments, raw.variable_values)


def asks_for(tree: Mapping[str, Any], *paths: str) -> bool:
    """Whether any of the paths (`edges.node.series`) is in the tree."""
    return any(_at(tree, path) is not None for path in paths)


def fields_at(tree: Mapping[str, Any], *paths: str) -> frozenset[str]:
    """The fields asked for at any of the paths; none where a path is not in the tree, or leads to a leaf."""
    return frozenset(name for path in paths for name in _at(tree, path) or ())


def _at(tree: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    for name in path.split("."):
        if name not in tree:
            return None
        tree = tree[name]
    return tree


def below(
    nodes: Iterable[graphql.FieldNode],
    fragments: Mapping[str, graphql.FragmentDefinitionNode],
    variables: VariableValues,
) -> Selected:
    """The tree below the nodes of one field."""
    tree = Selected()
    for node in nodes:
        if node.selection_set is not None:
            _collect(tree, node.selection_set, fragments, variables)
    return tree


def _collect(
    tree: Selected,
    selection_set: graphql.SelectionSetNode,
    fragments: Mapping[str, graphql.FragmentDefinitionNode],
    variables: VariableValues,
) -> None:
    for selection in selection_set.selections:
        if selection.directives and not _included(selection, variables):
            continue
        if isinstance(selection, graphql.FieldNode):
            inside = tree.setdefault(selection.name.value, Selected())
            if selection.selection_set is not None:
                _collect(inside, selection.selection_set, fragments, variables)
        elif isinstance(selection, graphql.FragmentSpreadNode):
            _collect(tree, fragments[selection.name.value].selection_set, fragments, variables)
        else:
            _collect(tree, selection.selection_set, fragments, variables)  # type: ignore[attr-defined]


def _included(selection: graphql.SelectionNode, variables: VariableValues) -> bool:
    skip = graphql.get_directive_values(graphql.GraphQLSkipDirective, selection, variables)
    include = graphql.get_directive_values(graphql.GraphQLIncludeDirective, selection, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
