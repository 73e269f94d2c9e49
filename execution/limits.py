"""How much one operation may ask for: depth, aliases, directives, definitions, and cost.

Every figure is worked out once for each fragment, so that fragments inside fragments do not multiply the work. The cost
of a field is one, and that of a list is the cost of a row times the page size, which may be a variable: the cost is
therefore kept as a small tree that is added up when the variables are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
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


@dataclass(slots=True)
class Cost:
    """What a selection costs: its fields, and below them selections that are run so many times each.

    A size is a number, or the name of a variable and the number where the variable is absent.
    """

    fields: int = 0
    below: list[tuple[int | tuple[str, int], Cost]] = field(default_factory=list)
    fixed: int | None = None
    """The whole cost, where it depends on no variable."""

    def varies(self, known: set[int] | None = None) -> bool:
        """Whether it depends on variables; every part is looked at once."""
        known = set() if known is None else known
        if id(self) in known:
            return False
        known.add(id(self))
        return any(isinstance(size, tuple) or cost.varies(known) for size, cost in self.below)

    def total(self, variables: Mapping[str, Any], known: dict[int, int] | None = None) -> int:
        """The cost with these variables; every part is added up once."""
        if self.fixed is not None:
            return self.fixed
        known = {} if known is None else known
        if id(self) not in known:
            known[id(self)] = self.fields + sum(
                _rows(size, variables) * cost.total(variables, known) for size, cost in self.below
            )
        return known[id(self)]


def _rows(size: int | tuple[str, int], variables: Mapping[str, Any]) -> int:
    if isinstance(size, int):
        return size
    name, default = size
    value = variables.get(name, default)
    # 500.0 is an Int to GraphQL; null leaves the size to the field.
    return max(0, int(value)) if isinstance(value, int | float) else default


class _Measure:
    """One document, measured selection by selection."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._defaults = {
            variable.variable.name.value: int(variable.default_value.value)
            for variable in operation.variable_definitions or ()
            if isinstance(variable.default_value, IntValueNode)
        }
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[str, tuple[Cost, int]] = {}
        self.aliases = 0
        self.directives = 0

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType) -> tuple[Cost, int]:
        """Cost and depth of a selection set on a type."""
        cost, depth = Cost(), 0
        for selection in node.selections:
            self.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                below = self._field(selection, parent, cost)
            elif isinstance(selection, FragmentSpreadNode):
                inside, below = self._fragment(selection.name.value)
                cost.below.append((1, inside))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                type_ = self._schema.type_map[condition.name.value] if condition else parent
                inside, below = self.selections(selection.selection_set, type_)
                cost.below.append((1, inside))
            depth = max(depth, below)
        return cost, depth

    def _field(self, node: FieldNode, parent: GraphQLNamedType, cost: Cost) -> int:
        self.aliases += node.alias is not None
        cost.fields += 1
        if node.selection_set is None or node.name.value.startswith("__"):
            # Introspection has a limit of its own among the specified rules.
            return 1
        definition: GraphQLField = parent.fields[node.name.value]  # type: ignore[attr-defined]
        inside, below = self.selections(node.selection_set, get_named_type(definition.type))
        cost.below.append((self._size(node, definition), inside))
        return below + 1

    def _size(self, node: FieldNode, definition: GraphQLField) -> int | tuple[str, int]:
        for argument in node.arguments or ():
            if argument.name.value in _SIZES:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    name = argument.value.name.value
                    return name, self._defaults.get(name, PAGE)
        if any(name in definition.args for name in _SIZES):
            return PAGE
        type_ = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        # The rows of a connection are counted where its page size is given.
        return UNPAGED_LIST if isinstance(type_, GraphQLList) and node.name.value not in _ROWS else 1

    def _fragment(self, name: str) -> tuple[Cost, int]:
        if name not in self._known:
            fragment = self._fragments[name]
            type_ = self._schema.type_map[fragment.type_condition.name.value]
            self._known[name] = self.selections(fragment.selection_set, type_)
        return self._known[name]


def measure(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> tuple[Cost, list[GraphQLError]]:
    """The cost of a valid document's operation, and what is too much about it whatever the variables are."""
    errors: list[GraphQLError] = []
    if len(document.definitions) > MAX_DEFINITIONS:
        errors.append(GraphQLError(f"The document has over {MAX_DEFINITIONS} definitions."))
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Cost(), errors
    measuring = _Measure(schema, document, operation)
    cost, depth = measuring.selections(operation.selection_set, root)
    for what, figure, limit in (
        ("fields inside fields", depth, MAX_DEPTH),
        ("aliases", measuring.aliases, MAX_ALIASES),
        ("directives", measuring.directives, MAX_DIRECTIVES),
    ):
        if figure > limit:
            errors.append(GraphQLError(f"The operation has {figure} {what}; {limit} is the most."))
    if not cost.varies():
        cost.fixed = cost.total({})
    return cost, errors
