"""The cost of an operation: its fields, multiplied by the rows of the lists around them.

The cost is kept per selection set and summed up when the variables are known, so fragments are counted as often as they
are spread without being walked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

import graphql

from execution.declarations import MAX_PAGE_SIZE, PAGE_ARGUMENTS, declared

MAX_COST = 100_000

VALUE_COST = 1
"""The cost of a scalar or enum."""

OBJECT_COST = 10
"""The cost of an object: it may be loaded, and takes as long to complete as this many scalars."""

STATEMENT_COST = 40
"""The cost of a statement that a field executes for each of its values."""

MUTATION_COST = 1_000
"""The cost of the root field of a mutation."""

MAX_DIGITS = 30
"""Integers of more digits are not converted: that takes more than linear time, and no argument needs them."""

DEFAULT_PAGE_SIZE = 50
"""The page size of a paged list if neither the operation nor the schema gives one."""

UNDECLARED_ROWS = 10
"""The assumed length of a list whose schema declares nothing."""


class Rows(NamedTuple):
    """A number of rows: the largest that a literal or variable asks for, or the default if none does."""

    literal: int | None
    variables: tuple[tuple[str, Any], ...]
    """The names of variables, and the values that they have if the request gives none."""

    default: int

    def count(self, variables: Mapping[str, Any]) -> int:
        """The number of rows for these variables, which were not coerced yet."""
        counts = [rows_for(variables.get(name, default)) for name, default in self.variables]
        return max((count for count in (self.literal, *counts) if count is not None), default=self.default)


def rows_for(value: Any) -> int | None:
    """The rows that an argument's value asks for, whatever its type: 1 to the largest page, or None for null."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        value = len(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value < MAX_PAGE_SIZE:
        return MAX_PAGE_SIZE
    return max(1, int(value))


Size = float | Rows

Part = tuple[int, list[tuple[Size, int]]]
"""A selection set: the cost of its fields, and the size and index of each nested selection set."""


class Cost:
    """The cost of an operation: its selection sets, nested ones first."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        varies = any(isinstance(size, Rows) and size.variables for _, below in parts for size, _ in below)
        self._fixed = None if varies else self._sum({})

    def total(self, variables: Mapping[str, Any]) -> int:
        """The cost for these variables."""
        return self._sum(variables) if self._fixed is None else self._fixed

    def _sum(self, variables: Mapping[str, Any]) -> int:
        costs: list[float] = [0]
        for fields, below in self._parts:
            costs.append(
                fields
                + sum((size.count(variables) if isinstance(size, Rows) else size) * costs[part] for size, part in below)
            )
        return ceil(costs[-1])


class FieldCosts:
    """What the fields of one schema cost, and how many rows their lists have."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self._introspection = introspection_rows(schema)
        self._mutation = schema.mutation_type

    def own(self, definition: graphql.GraphQLField, parent: graphql.GraphQLNamedType) -> tuple[int, int]:
        """What a field costs once, and what each of its values costs, without what is selected below it."""
        if parent is self._mutation:
            return MUTATION_COST, OBJECT_COST
        type_ = graphql.get_named_type(definition.type)
        if graphql.is_introspection_type(type_):
            return 0, VALUE_COST
        is_page = any(name in definition.args for name in PAGE_ARGUMENTS)
        once = STATEMENT_COST * (declared(definition).statements or is_page)
        return once, VALUE_COST if graphql.is_leaf_type(type_) else OBJECT_COST

    def rows(
        self,
        node: graphql.FieldNode,
        definition: graphql.GraphQLField,
        parent: graphql.GraphQLNamedType,
        variable_defaults: Mapping[str, Any],
    ) -> Size:
        """How many values a field has: the rows of a list or of a connection, and 1 otherwise."""
        if graphql.is_introspection_type(parent):
            return self._introspection.get((parent.name, node.name.value), 1)
        declaration = declared(definition)
        if declaration.rows is not None:
            return declaration.rows
        sizing = [name for name in declaration.sized_by if name in definition.args]
        if sizing:
            return _asked_rows(node, sizing, _default_rows(definition, sizing), variable_defaults)
        return UNDECLARED_ROWS if graphql.is_list_type(graphql.get_nullable_type(definition.type)) else 1


def _default_rows(definition: graphql.GraphQLField, sizing: list[str]) -> int:
    """The rows of a field if no argument says."""
    defaults = (definition.args[name].default_value for name in sizing)
    counts = (rows_for(default) for default in defaults if default is not graphql.Undefined)
    return next((count for count in counts if count is not None), DEFAULT_PAGE_SIZE)


def _asked_rows(node: graphql.FieldNode, sizing: list[str], default: int, variable_defaults: Mapping[str, Any]) -> Size:
    literal, variables = None, []
    for argument in node.arguments or ():
        if argument.name.value not in sizing:
            continue
        value = argument.value
        if isinstance(value, graphql.VariableNode):
            variables.append((value.name.value, variable_defaults.get(value.name.value)))
        elif (count := rows_for(literal_size(value))) is not None:
            literal = max(count, literal or 0)
    rows = Rows(literal, tuple(variables), default)
    return rows if variables else rows.count({})


def literal_size(node: graphql.ValueNode) -> Any:
    """A literal as `rows_for` takes it. Other literals than whole numbers and lists ask for the largest page."""
    if isinstance(node, graphql.NullValueNode):
        return None
    if isinstance(node, graphql.ListValueNode):
        return len(node.values) * (0,)
    if isinstance(node, graphql.IntValueNode) and len(node.value) <= MAX_DIGITS:
        return int(node.value)
    return MAX_PAGE_SIZE


def introspection_rows(schema: graphql.GraphQLSchema) -> Mapping[tuple[str, str], float]:
    """How many values the fields of introspection types have: all types, and averages of everything below them."""
    types = list(schema.type_map.values())
    with_fields = [type_ for type_ in types if hasattr(type_, "fields")]
    fields = [field for type_ in with_fields for field in type_.fields.values()]
    arguments = sum(len(getattr(field, "args", ())) for field in fields)
    members = sum(len(getattr(type_, "values", ())) for type_ in types)
    possible = sum(len(schema.get_possible_types(type_)) for type_ in types if graphql.is_abstract_type(type_))
    average = 1 / max(1, len(types))
    return {
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): len(fields) * average,
        ("__Type", "inputFields"): len(fields) * average,
        ("__Type", "interfaces"): 1,
        ("__Type", "possibleTypes"): max(1, possible * average),
        ("__Type", "enumValues"): max(1, members * average),
        # Half of all types are wrapped in non-null or in a list.
        ("__Type", "ofType"): 0.5,
        ("__Field", "args"): arguments / max(1, len(fields)),
        ("__Directive", "args"): 2,
    }
