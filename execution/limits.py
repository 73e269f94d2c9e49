"""How much one operation may ask for: depth, aliases, directives, definitions, and cost.

Every figure is worked out once for each fragment, so that fragments inside fragments do not multiply the work. The cost
of a field is one, and that of a list is the cost of a row times the page size, which may be a variable: the cost is
therefore kept part by part and added up when the variables are known.
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
"""How many rows a list without a page size is taken to have."""

PAGE = 50
"""The page size of a list that takes one and is given none."""

_SIZES = ("first", "last")
_ROWS = ("edges", "nodes")


Size = int | tuple[str, int]
"""How many rows: a number, or the name of a variable and the number where the variable is absent."""

Part = tuple[int, list[tuple[Size, int]]]
"""A selection set: how many fields it has, and how often which of those before it in a list is run below them."""


class Cost:
    """What an operation costs: its selection sets, each after those below it."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        varies = any(isinstance(size, tuple) for _, below in parts for size, _ in below)
        self._fixed = None if varies else self._sum({})

    def total(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables."""
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
    # 500.0 is an Int to GraphQL; null leaves the size to the field.
    return max(0, int(value)) if isinstance(value, int | float) else default


class _Measure:
    """One document, measured selection by selection."""

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
        self._known: dict[str, tuple[int, int]] = {}
        self.parts: list[Part] = []
        self.aliases = 0
        self.directives = 0

    def selections(self, node: graphql.SelectionSetNode, parent: GraphQLNamedType) -> tuple[int, int]:
        """Which part a selection set on a type is, and its depth."""
        fields, depth, parts = 0, 0, []
        for selection in node.selections:
            self.directives += len(selection.directives or ())
            size: Size = 1
            if isinstance(selection, graphql.FieldNode):
                self.aliases += selection.alias is not None
                fields += 1
                if selection.selection_set is None or selection.name.value.startswith("__"):
                    # Introspection has a limit of its own among the specified rules.
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
            if argument.name.value in _SIZES:
                if isinstance(argument.value, graphql.IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, graphql.VariableNode):
                    name = argument.value.name.value
                    return name, self._defaults.get(name, PAGE)
        if any(name in definition.args for name in _SIZES):
            return PAGE
        type_ = graphql.get_nullable_type(definition.type)
        # The rows of a connection are counted where its page size is given.
        return UNPAGED_LIST if isinstance(type_, graphql.GraphQLList) and node.name.value not in _ROWS else 1

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._known:
            fragment = self._fragments[name]
            type_ = self._schema.type_map[fragment.type_condition.name.value]
            self._known[name] = self.selections(fragment.selection_set, type_)
        return self._known[name]


def measure(
    schema: graphql.GraphQLSchema, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode
) -> tuple[Cost, list[graphql.GraphQLError]]:
    """The cost of a valid document's operation, and what is too much about it whatever the variables are."""
    measuring = _Measure(schema, document, operation)
    root, depth = schema.get_root_type(operation.operation), 0
    if root is not None:
        _, depth = measuring.selections(operation.selection_set, root)
    errors = [
        graphql.GraphQLError(f"The {where} has {figure} {what}; {limit} is the most.")
        for where, figure, what, limit in (
            ("document", len(document.definitions), "definitions", MAX_DEFINITIONS),
            ("operation", depth, "fields inside fields", MAX_DEPTH),
            ("operation", measuring.aliases, "aliases", MAX_ALIASES),
            ("operation", measuring.directives, "directives", MAX_DIRECTIVES),
        )
        if figure > limit
    ]
    return Cost(measuring.parts), errors
