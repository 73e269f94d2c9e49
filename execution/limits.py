"""Limit the depth, aliases, directives, definitions and cost of one operation.

Each fragment is measured once, so that nested fragments do not multiply the work. A field costs one, and a list costs
its page size times the cost of one row. Page sizes may be variables: the cost is therefore kept per selection set and
summed up when the variables are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphql
from graphql.type import GraphQLNamedType

MAX_DEPTH = 20
MAX_ALIASES = 100
MAX_DIRECTIVES = 100
MAX_DEFINITIONS = 100
MAX_COST = 500_000
UNPAGED_LIST = 10
"""Assumed length of a list without a page size."""

DEFAULT_PAGE_SIZE = 50
"""The page size of a paged list if the operation has none."""

_PAGE_SIZES = ("first", "last")
_ROW_FIELDS = ("edges", "nodes")


Size = int | tuple[str, int]
"""A number of rows, or the name of a variable and its default."""

Part = tuple[int, list[tuple[Size, int]]]
"""A selection set: its number of fields, and the size and index of each nested selection set."""


class Cost:
    """The cost of an operation: its selection sets, nested ones first."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        varies = any(isinstance(size, tuple) for _, below in parts for size, _ in below)
        self._fixed = None if varies else self._sum({})

    def total(self, variables: Mapping[str, Any]) -> int:
        """The cost for these variables."""
        return self._sum(variables) if self._fixed is None else self._fixed

    def _sum(self, variables: Mapping[str, Any]) -> int:
        costs = [0]
        for fields, below in self._parts:
            costs.append(fields + sum(_rows(size, variables) * costs[part] for size, part in below))
        return costs[-1]


def _rows(size: Size, variables: Mapping[str, Any]) -> int:
    if isinstance(size, int):
        return size
    name, default = size
    value = variables.get(name, default)
    # GraphQL accepts 500.0 as an Int; null selects the field's default.
    return max(0, int(value)) if isinstance(value, int | float) else default


class _Measurement:
    """Measures the selection sets of one document."""

    def __init__(
        self, schema: graphql.GraphQLSchema, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._defaults = {
            variable.variable.name.value: int(variable.default_value.value)
            for variable in operation.variable_definitions or ()
            if isinstance(variable.default_value, graphql.IntValueNode)
        }
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, graphql.FragmentDefinitionNode)
        }
        self._measured_fragments: dict[str, tuple[int, int]] = {}
        self.parts: list[Part] = []
        self.aliases = 0
        self.directives = 0

    def selections(self, node: graphql.SelectionSetNode, parent: GraphQLNamedType) -> tuple[int, int]:
        """Measure a selection set: the index of its part, and its depth."""
        fields, depth, parts = 0, 0, []
        for selection in node.selections:
            self.directives += len(selection.directives or ())
            size: Size = 1
            if isinstance(selection, graphql.FieldNode):
                self.aliases += selection.alias is not None
                fields += 1
                if selection.selection_set is None or selection.name.value.startswith("__"):
                    # The validation rules limit introspection themselves.
                    depth = max(depth, 1)
                    continue
                definition: graphql.GraphQLField = parent.fields[selection.name.value]  # type: ignore[attr-defined]
                size = self._size(selection, definition)
                part, below = self.selections(selection.selection_set, graphql.get_named_type(definition.type))
                below += 1
            elif isinstance(selection, graphql.FragmentSpreadNode):
                part, below = self._fragment(selection.name.value)
            elif isinstance(selection, graphql.InlineFragmentNode):
                condition = selection.type_condition
                type_ = self._schema.type_map[condition.name.value] if condition else parent
                part, below = self.selections(selection.selection_set, type_)
            parts.append((size, part))
            depth = max(depth, below)
        self.parts.append((fields, parts))
        return len(self.parts), depth

    def _size(self, node: graphql.FieldNode, definition: graphql.GraphQLField) -> Size:
        for argument in node.arguments or ():
            if argument.name.value in _PAGE_SIZES:
                if isinstance(argument.value, graphql.IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, graphql.VariableNode):
                    name = argument.value.name.value
                    return name, self._defaults.get(name, DEFAULT_PAGE_SIZE)
        if any(name in definition.args for name in _PAGE_SIZES):
            return DEFAULT_PAGE_SIZE
        type_ = graphql.get_nullable_type(definition.type)
        # The rows of a connection are counted at the field with the page size.
        return UNPAGED_LIST if isinstance(type_, graphql.GraphQLList) and node.name.value not in _ROW_FIELDS else 1

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._measured_fragments:
            fragment = self._fragments[name]
            type_ = self._schema.type_map[fragment.type_condition.name.value]
            self._measured_fragments[name] = self.selections(fragment.selection_set, type_)
        return self._measured_fragments[name]


def measure(
    schema: graphql.GraphQLSchema, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode
) -> tuple[Cost, list[graphql.GraphQLError]]:
    """The cost of an operation, and an error for each limit that it exceeds whatever its variables are."""
    measurement = _Measurement(schema, document, operation)
    root, depth = schema.get_root_type(operation.operation), 0
    if root is not None:
        _, depth = measurement.selections(operation.selection_set, root)
    errors = [
        graphql.GraphQLError(f"The {where} has {figure} {what}; the maximum is {limit}.")
        for where, figure, what, limit in (
            ("document", len(document.definitions), "definitions", MAX_DEFINITIONS),
            ("operation", depth, "levels of fields", MAX_DEPTH),
            ("operation", measurement.aliases, "aliases", MAX_ALIASES),
            ("operation", measurement.directives, "directives", MAX_DIRECTIVES),
        )
        if figure > limit
    ]
    return Cost(measurement.parts), errors
