"""Variables and arguments: coerced as graphql-core does it, once for each request instead of once for each row.

Whatever is wrong with them raises; the operation is then left to graphql-core, which words the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_argument_values,
    is_required_argument,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from execution.inputs import Inputs, Read, has_variables

_REQUIRED = object()
"""In place of the default of a variable that has none and may not be absent."""


class InvalidVariables(Exception):
    """The variables do not fit the operation."""


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, inputs: Inputs) -> None:
        self._definitions: list[tuple[str, Read, Any]] = []
        for definition in operation.variable_definitions or ():
            signature: Any = get_variable_signature(schema, definition)
            absent: Any = Undefined
            if definition.default_value is not None:
                absent = coerce_default_value(signature)
            elif isinstance(signature.type, GraphQLNonNull):
                absent = _REQUIRED
            self._definitions.append((signature.name, inputs.reader(signature.type), absent))

    def coerce(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of those that have one. Raises InvalidVariables."""
        coerced: dict[str, Any] = {}
        for name, read, absent in self._definitions:
            if name in raw:
                try:
                    coerced[name] = read(raw[name])
                except Exception as error:
                    raise InvalidVariables from error
            elif absent is _REQUIRED:
                raise InvalidVariables
            elif absent is not Undefined:
                coerced[name] = absent
        return coerced


class Arguments:
    """The keyword arguments of one field of an operation, as its resolver takes them.

    What is the same in every request is worked out once and shared by all: no resolver may change what it is given.
    """

    def __init__(self, inputs: Inputs, definition: GraphQLField, field: StrawberryField, node: FieldNode) -> None:
        config, scalars = inputs.config, inputs.scalars
        varying = {argument.name.value: argument for argument in node.arguments or () if has_variables(argument)}
        # Where the variable of an argument is absent, so is the argument.
        kept = tuple(argument for argument in node.arguments or () if argument.name.value not in varying)
        args = {
            name: argument
            for name, argument in definition.args.items()
            if name not in varying or not is_required_argument(argument)
        }
        values = get_argument_values(
            GraphQLField(definition.type, args), FieldNode(name=node.name, arguments=kept), VariableValues({}, {})
        )
        self._rest = convert_arguments(values, field.arguments, scalar_registry=scalars, config=config)
        self._varying: list[tuple[str, str | None, Read, Read]] = []
        parameters = {config.name_converter.from_argument(argument): argument for argument in field.arguments}
        for name, argument in varying.items():
            type_, parameter = definition.args[name].type, parameters[name]
            omissible = isinstance(argument.value, VariableNode) and not is_required_argument(definition.args[name])
            variable: Any = argument.value.name.value if omissible else None  # type: ignore[attr-defined]
            read, convert = inputs.literal(argument.value, type_), inputs.converter(parameter.type)
            self._varying.append((parameter.python_name or name, variable, read, convert))

    @property
    def fixed(self) -> dict[str, Any] | None:
        """The arguments, where no variable is in them."""
        return None if self._varying else self._rest

    def __call__(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with these variables."""
        values = dict(self._rest)
        for parameter, variable, read, convert in self._varying:
            if variable is None or variable in variables:
                values[parameter] = convert(read(variables))
        return values
