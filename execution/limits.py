"""Limit the depth, aliases, directives and cost of one operation.

Each fragment is measured once, so that nested fragments do not multiply the work.
"""

from __future__ import annotations

from typing import Any

import graphql
from graphql.type import GraphQLNamedType

from execution.costs import Cost, FieldCosts, Kind, Part, Size, is_page, literal_size
from execution.declarations import declared

MAX_DEPTH = 20
MAX_ALIASES = 100
MAX_DIRECTIVES = 100


class Limits:
    """The limits of one schema's operations."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self.schema = schema
        self._costs = FieldCosts(schema)

    def measure(
        self, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode
    ) -> tuple[Cost, list[graphql.GraphQLError]]:
        """The cost of an operation, and an error for each limit that it exceeds whatever its variables are."""
        measurement = _Measurement(self.schema, self._costs, document, operation)
        root, depth = self.schema.get_root_type(operation.operation), 0
        if root is not None:
            _, depth = measurement.selections(operation.selection_set, root)
        errors = [
            graphql.GraphQLError(f"The operation has {figure} {what}; the maximum is {limit}.")
            for figure, what, limit in (
                (depth, "levels of fields", MAX_DEPTH),
                (measurement.aliases, "aliases", MAX_ALIASES),
                (measurement.directives, "directives", MAX_DIRECTIVES),
            )
            if figure > limit
        ]
        return Cost(measurement.parts), errors


class _Measurement:
    """Measures the selection sets of one document."""

    def __init__(
        self,
        schema: graphql.GraphQLSchema,
        costs: FieldCosts,
        document: graphql.DocumentNode,
        operation: graphql.OperationDefinitionNode,
    ) -> None:
        self._schema = schema
        self._costs = costs
        self._variable_defaults = {
            variable.variable.name.value: literal_size(variable.default_value)
            for variable in operation.variable_definitions or ()
            if variable.default_value is not None
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
        fields, depth = 0, 0
        below: list[tuple[Kind, Size, int]] = []
        for selection in node.selections:
            self.directives += len(selection.directives or ())
            if isinstance(selection, graphql.FieldNode):
                self.aliases += selection.alias is not None
                cost, part, levels = self._field(selection, parent)
                fields += cost
            elif isinstance(selection, graphql.FragmentSpreadNode):
                index, levels = self._fragment(selection.name.value)
                part = (Kind.SPREAD, 1, index)
            elif isinstance(selection, graphql.InlineFragmentNode):
                condition = selection.type_condition
                type_ = self._schema.type_map[condition.name.value] if condition else parent
                index, levels = self.selections(selection.selection_set, type_)
                part = (Kind.SPREAD, 1, index)
            below.append(part)
            depth = max(depth, levels)
        return self._add(fields, below), depth

    def _field(self, node: graphql.FieldNode, parent: Any) -> tuple[int, tuple[Kind, Size, int], int]:
        """Measure a field: its cost, what is selected below it, and its depth."""
        definition: Any = self._schema.get_field(parent, node.name.value)
        cost, row_cost = self._costs.own(definition, parent)
        size = self._costs.rows(node, definition, parent, self._variable_defaults)
        index, depth = 0, 0
        if node.selection_set is not None:
            index, depth = self.selections(node.selection_set, graphql.get_named_type(definition.type))
        # The levels of introspection are limited by a validation rule.
        depth = 1 if node.name.value.startswith("__") else depth + 1
        if graphql.is_list_type(graphql.get_nullable_type(definition.type)):
            kind = Kind.PAGE_ROWS if declared(definition).is_page_rows else Kind.FIELD
            return cost, (kind, size, self._add(row_cost, [(Kind.SPREAD, 1, index)])), depth
        return cost, (Kind.PAGE if is_page(definition) else Kind.FIELD, size, index), depth

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._measured_fragments:
            fragment = self._fragments[name]
            type_ = self._schema.type_map[fragment.type_condition.name.value]
            self._measured_fragments[name] = self.selections(fragment.selection_set, type_)
        return self._measured_fragments[name]

    def _add(self, fields: int, below: list[tuple[Kind, Size, int]]) -> int:
        """Add a part; its index. Index 0 stands for nothing."""
        self.parts.append((fields, below))
        return len(self.parts)
