"""Variables and arguments: coerced as graphql-core does it, once for each request instead of once for each row.

Whatever is wrong with them raises; the operation is then left to graphql-core, which words the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_argument_values,
    get_variable_values,
    visit,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

_SIMPLE: dict[GraphQLInputType, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
    GraphQLInt: int,
}
"""Types whose values of one Python class are taken as they are."""

_INT_END = 2**31


class InvalidVariables(Exception):
    """The variables do not fit the operation."""


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._simple: list[tuple[str, Any, type | None, bool]] = []
        for definition in self._definitions:
            signature: Any = get_variable_signature(schema, definition)
            required = isinstance(signature.type, GraphQLNonNull)
            class_ = _SIMPLE.get(signature.type.of_type if required else signature.type)
            omissible = not required and definition.default_value is None
            self._simple.append((signature.name, signature, class_, omissible))

    def coerce(self, raw: Mapping[str, Any]) -> VariableValues:
        """The values. Raises InvalidVariables."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature, class_, omissible in self._simple:
            if name not in raw:
                if not omissible:
                    return self._coerce_all(raw)
                sources[name] = VariableValueSource(signature)
                continue
            value = raw[name]
            if value.__class__ is not class_ or (class_ is int and not -_INT_END <= value < _INT_END):
                return self._coerce_all(raw)
            sources[name] = VariableValueSource(signature, value)
            coerced[name] = value
        return VariableValues(sources, coerced)

    def _coerce_all(self, raw: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(self._schema, self._definitions, dict(raw))
        if isinstance(values, list):
            raise InvalidVariables
        return values


class Arguments:
    """The keyword arguments of one field of an operation, as its resolver takes them."""

    def __init__(
        self, strawberry_schema: Any, definition: GraphQLField, field: StrawberryField, node: FieldNode
    ) -> None:
        self._definition = definition
        self._field = field
        self._node = node
        self._config = strawberry_schema.config
        self._scalars = strawberry_schema.schema_converter.scalar_registry
        self.fixed: dict[str, Any] | None = None
        """The arguments, where they are the same in every request. All share them: resolvers don't change what they get."""
        if not _has_variables(node):
            self.fixed = self(VariableValues({}, {}))

    def __call__(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments with these variables."""
        if self.fixed is not None:
            return self.fixed
        values = get_argument_values(self._definition, self._node, variables)
        return convert_arguments(values, self._field.arguments, scalar_registry=self._scalars, config=self._config)


def _has_variables(node: FieldNode) -> bool:
    found = False

    class Search(Visitor):
        """Looks for variables in the arguments."""

        def enter_variable(self, _node: VariableNode, *_: object) -> None:
            """A variable."""
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument, Search())
    return found
