"""The cost of an operation: its fields, multiplied by the rows of the lists around them.

The cost is kept per selection set and summed up when the variables are known, so fragments are counted as often as they
are spread without being walked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from math import ceil
from typing import Any, NamedTuple

import graphql

from execution.declarations import MAX_PAGE_SIZE, PAGE_ARGUMENTS, STATEMENT_COST, declared, has_resolver

MAX_COST = 100_000

VALUE_COST = 1
"""The cost of a scalar or enum that is read from its object, and of each one in a list."""

COMPUTED_COST = 5
"""The cost of a scalar or enum that a resolver computes."""

ROW_COST = 3
"""The cost of an object in a list, or of one that is read from its parent."""

OBJECT_COST = 10
"""The cost of an object or a list that a resolver loads."""

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


class Kind(Enum):
    """How a selection set counts for the one that it is nested in."""

    SPREAD = auto()
    """A fragment: its fields are fields of both."""

    FIELD = auto()
    """An object, or a list of them: once for each row."""

    PAGE = auto()
    """A connection: its lists have that many rows."""

    PAGE_ROWS = auto()
    """A list of a connection: once for each row of the page."""


Part = tuple[int, list[tuple[Kind, Size, int]]]
"""A selection set: the cost of its fields, and of each nested selection set the kind, size and index."""


class Cost:
    """The cost of an operation: its selection sets, nested ones first. Index 0 stands for an empty one."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        varies = any(isinstance(size, Rows) for _, below in parts for _, size, _ in below)
        self._fixed = None if varies else self._sum({})

    def total(self, variables: Mapping[str, Any]) -> int:
        """The cost for these variables."""
        return self._sum(variables) if self._fixed is None else self._fixed

    def _sum(self, variables: Mapping[str, Any]) -> int:
        costs: list[tuple[float, float]] = [(0, 0)]
        for fields, below in self._parts:
            once, each_row = float(fields), 0.0
            for kind, size, part in below:
                rows = size.count(variables) if isinstance(size, Rows) else size
                part_once, part_each_row = costs[part]
                if kind is Kind.FIELD:
                    once += rows * part_once
                elif kind is Kind.PAGE:
                    once += part_once + rows * part_each_row
                elif kind is Kind.PAGE_ROWS:
                    each_row += part_once
                else:
                    once += part_once
                    each_row += part_each_row
            costs.append((once, each_row))
        return ceil(costs[-1][0])


class FieldCosts:
    """What the fields of one schema cost, and how many rows their lists have."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self._introspection = introspection_rows(schema)
        self._mutation = schema.mutation_type

    def own(self, definition: graphql.GraphQLField, parent: graphql.GraphQLNamedType) -> tuple[int, int]:
        """What a field costs, and what each row costs if it is a list, without what is selected below it."""
        if parent is self._mutation:
            return MUTATION_COST, ROW_COST
        type_, declaration = graphql.get_named_type(definition.type), declared(definition)
        is_leaf, is_list = graphql.is_leaf_type(type_), graphql.is_list_type(graphql.get_nullable_type(definition.type))
        if graphql.is_introspection_type(type_):
            return VALUE_COST, VALUE_COST
        if declaration.is_shared or not has_resolver(definition):
            cost = VALUE_COST if is_leaf else ROW_COST
        else:
            cost = COMPUTED_COST if is_leaf and not is_list else OBJECT_COST
        extra = declaration.extra_cost or STATEMENT_COST * is_page(definition)
        return cost + extra, declaration.row_cost or (VALUE_COST if is_leaf else ROW_COST)

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


def is_page(definition: graphql.GraphQLField) -> bool:
    """Whether a field returns a page, as a connection or a list."""
    return any(name in definition.args for name in PAGE_ARGUMENTS)


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
