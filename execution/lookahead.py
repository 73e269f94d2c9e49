"""Look-ahead: which fields are selected below a field, so that its resolver can read them in one statement.

The selection is a tree of field names. Fields of fragments are included whatever their type condition: a resolver may
read a little more than needed, never less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import graphql
from graphql.execution.values import VariableValues

if TYPE_CHECKING:
    from strawberry.types import Info

T = TypeVar("T")


class SelectedFields(Mapping[str, "SelectedFields"]):
    """The names of the fields selected below a field, each with its own selected fields.

    A level is collected when it is first used, and each of its selection sets once: the paths through fragments may be
    many more than the selection sets.
    """

    def __init__(
        self,
        selection_sets: Iterable[graphql.SelectionSetNode],
        fragments: Mapping[str, graphql.FragmentDefinitionNode],
        variables: VariableValues | None,
    ) -> None:
        """Include all fields, whatever their directives, if `variables` is None."""
        self._selection_sets = tuple(selection_sets)
        self._fragments = fragments
        self._variables = variables
        self.cache: dict[Any, Any] = {}
        """Results of `look_ahead`; a compiled operation keeps them for all requests."""

    def __getitem__(self, name: str) -> SelectedFields:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    @cached_property
    def _fields(self) -> dict[str, SelectedFields]:
        below: dict[str, dict[int, graphql.SelectionSetNode]] = {}
        for node in self._field_nodes():
            sets = below.setdefault(node.name.value, {})
            if node.selection_set is not None:
                sets[id(node.selection_set)] = node.selection_set
        return {name: SelectedFields(sets.values(), self._fragments, self._variables) for name, sets in below.items()}

    def _field_nodes(self) -> Iterator[graphql.FieldNode]:
        """The fields of this level."""
        waiting = list(self._selection_sets)
        collected = {id(selection_set) for selection_set in waiting}
        while waiting:
            for selection in waiting.pop().selections:
                if selection.directives and self._variables and not _is_included(selection, self._variables):
                    continue
                if isinstance(selection, graphql.FieldNode):
                    yield selection
                    continue
                spread = isinstance(selection, graphql.FragmentSpreadNode)
                fragment: Any = self._fragments[selection.name.value] if spread else selection  # type: ignore[attr-defined]
                if id(fragment.selection_set) not in collected:
                    collected.add(id(fragment.selection_set))
                    waiting.append(fragment.selection_set)


def look_ahead(info: Info, find: Callable[..., T], *arguments: Any) -> T:
    """The result of `find(selected, *arguments)`, computed once per field of the operation."""
    selected, key = selected_fields(info), (find, *arguments)
    if key not in selected.cache:
        selected.cache[key] = find(selected, *arguments)
    result: T = selected.cache[key]
    return result


def selected_fields(info: Info) -> SelectedFields:
    """The fields selected below the field that is being resolved."""
    # Strawberry's own selection is slow and keeps fragments apart.
    selected: SelectedFields = info._raw_info.selected_fields  # type: ignore[attr-defined]  # noqa: SLF001
    return selected


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
    return SelectedFields(
        (node.selection_set for node in nodes if node.selection_set is not None), fragments, variables
    )


def _is_included(selection: graphql.SelectionNode, variables: VariableValues) -> bool:
    skip = graphql.get_directive_values(graphql.GraphQLSkipDirective, selection, variables)
    include = graphql.get_directive_values(graphql.GraphQLIncludeDirective, selection, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
