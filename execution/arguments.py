"""Variables and arguments: coerced as graphql-core does it, once for each request instead of once for each row.

Whatever is wrong with them raises; the operation is then left to graphql-core, which words the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    ArgumentNode,
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
    is_required_argument,
    visit,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from strawberry.schema.compat import is_scalar
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
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
        value: Any
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature, class_, omissible in self._simple:
            if name not in raw:
                if not omissible:
                    return self._coerce_all(raw)
                sources[name] = VariableValueSource(signature)
                continue
            value = raw[name]
            if value.__class__ is not class_ or (isinstance(value, int) and not -_INT_END <= value < _INT_END):
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
    """The keyword arguments of one field of an operation, as its resolver takes them.

    What is the same in every request is worked out once and shared by all: no resolver may change what it is given.
    """

    def __init__(
        self, strawberry_schema: Any, definition: GraphQLField, field: StrawberryField, node: FieldNode
    ) -> None:
        self._definition = definition
        self._field = field
        self._node = node
        self._config = strawberry_schema.config
        self._scalars = strawberry_schema.schema_converter.scalar_registry
        self.fixed: dict[str, Any] | None = None
        """The arguments, where no variable is in them."""
        self._direct: list[tuple[str, str, bool]] | None = None
        """Where variables stand for whole scalars and nowhere else: variable, parameter, whether it may be null."""
        self._rest: dict[str, Any] = {}
        varying = [argument for argument in node.arguments or () if _has_variables(argument)]
        if not varying:
            self.fixed = self._work_out(definition, node, VariableValues({}, {}))
        elif all(self._is_direct(argument) for argument in varying):
            self._split(varying)

    def __call__(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments with these variables."""
        if self.fixed is not None:
            return self.fixed
        if self._direct is None:
            return self._work_out(self._definition, self._node, variables)
        values = dict(self._rest)
        for variable, parameter, nullable in self._direct:
            if variable in variables.coerced:
                value = variables.coerced[variable]
                if value is None and not nullable:
                    raise InvalidVariables
                values[parameter] = value
            elif parameter not in values and not nullable:
                raise InvalidVariables
        return values

    def _work_out(self, definition: Any, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
        values = get_argument_values(definition, node, variables)
        return convert_arguments(values, self._field.arguments, scalar_registry=self._scalars, config=self._config)

    def _is_direct(self, argument: ArgumentNode) -> bool:
        type_ = self._parameter(argument).type
        return isinstance(argument.value, VariableNode) and self._is_leaf(type_)

    def _is_leaf(self, type_: Any) -> bool:
        if isinstance(type_, StrawberryOptional):
            return self._is_leaf(type_.of_type)
        return isinstance(type_, StrawberryEnumDefinition) or is_scalar(type_, self._scalars)

    def _parameter(self, argument: ArgumentNode) -> Any:
        names = self._config.name_converter
        return next(one for one in self._field.arguments if names.from_argument(one) == argument.name.value)

    def _split(self, varying: list[ArgumentNode]) -> None:
        """Work out all but the arguments that vary; of those, what they are where their variable is absent."""
        names = {argument.name.value for argument in varying}
        kept = tuple(argument for argument in self._node.arguments or () if argument.name.value not in names)
        node = FieldNode(name=self._node.name, arguments=kept)
        args = {
            name: argument
            for name, argument in self._definition.args.items()
            if name not in names or not is_required_argument(argument)
        }
        self._rest = self._work_out(GraphQLField(self._definition.type, args), node, VariableValues({}, {}))
        self._direct = []
        for argument in varying:
            nullable = not isinstance(self._definition.args[argument.name.value].type, GraphQLNonNull)
            variable: Any = argument.value
            self._direct.append((variable.name.value, self._parameter(argument).python_name, nullable))


def _has_variables(argument: ArgumentNode) -> bool:
    found = False

    class Search(Visitor):
        """Looks for variables."""

        def enter_variable(self, _node: VariableNode, *_: object) -> None:
            """A variable."""
            nonlocal found
            found = True

    visit(argument, Search())
    return found
