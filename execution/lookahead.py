"""Look-ahead: which fields are selected below a field, so that its resolver can read them in one statement.

The selection is a tree of field names. Fields of fragments are included whatever their type condition: a resolver may
read a little more than needed, never less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import graphql
from graphql.execution.values import VariableValues

if TYPE_CHECKING:
    from strawberry.types import Info

T = TypeVar("T")


class SelectedFields(dict[str, "SelectedFields"]):
    """The names of the fields selected below a field, each with its own selected fields."""

    __slots__ = ("cache",)

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[Any, Any] = {}
        """Results of `look_ahead`; a compiled operation keeps them for all requests."""


def look_ahead(info: Info, find: Callable[..., T], *arguments: Any) -> T:
    """The result of `find(selected, *arguments)`, cached if the operation is compiled."""
    selected, key = selected_fields(info), (find, *arguments)
    if key not in selected.cache:
        selected.cache[key] = find(selected, *arguments)
    result: T = selected.cache[key]
    return result


def selected_fields(info: Info) -> SelectedFields:
    """The fields selected below the field that is being resolved."""
    raw = info._raw_info  # noqa: SLF001 - Strawberry's own selection is slow and keeps fragments apart
    compiled: SelectedFields | None = getattr(raw, "selected_fields", None)
    if compiled is not None:
        return compiled
    return selected_below(raw.field_nodes, raw.fragments, raw.variable_values)


def asks_for(selected: Mapping[str, Any], *paths: str) -> bool:
    """Whether any of the paths, such as `edges.node.series`, is selected."""
    return any(_at(selected, path) is not None for path in paths)


def fields_at(selected: Mapping[str, Any], *paths: str) -> frozenset[str]:
    """The names of the fields selected at any of the paths."""
    return frozenset(name for path in paths for name in _at(selected, path) or ())


def _at(selected: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    for name in path.split("."):
        if name not in selected:
            return None
        selected = selected[name]
    return selected


def selected_below(
    nodes: Iterable[graphql.FieldNode],
    fragments: Mapping[str, graphql.FragmentDefinitionNode],
    variables: VariableValues,
) -> SelectedFields:
    """The fields selected below the nodes of one field."""
    selected = SelectedFields()
    for node in nodes:
        if node.selection_set is not None:
            _collect(selected, node.selection_set, fragments, variables)
    return selected


def _collect(
    selected: SelectedFields,
    selection_set: graphql.SelectionSetNode,
    fragments: Mapping[str, graphql.FragmentDefinitionNode],
    variables: VariableValues,
) -> None:
    for selection in selection_set.selections:
        if selection.directives and not _is_included(selection, variables):
            continue
        if isinstance(selection, graphql.FieldNode):
            below = selected.setdefault(selection.name.value, SelectedFields())
            if selection.selection_set is not None:
                _collect(below, selection.selection_set, fragments, variables)
        elif isinstance(selection, graphql.FragmentSpreadNode):
            _collect(selected, fragments[selection.name.value].selection_set, fragments, variables)
        else:
            _collect(selected, selection.selection_set, fragments, variables)  # type: ignore[attr-defined]


def _is_included(selection: graphql.SelectionNode, variables: VariableValues) -> bool:
    skip = graphql.get_directive_values(graphql.GraphQLSkipDirective, selection, variables)
    include = graphql.get_directive_values(graphql.GraphQLIncludeDirective, selection, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
