"""Variables and arguments: read as graphql-core and Strawberry do it, once for each request instead of for each row.

Whatever is wrong with them raises; the operation is then left to graphql-core, which words the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphql
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from execution.inputs import Inputs, InvalidVariables, Read, check
from execution.nodes import nodes_of

_REQUIRED = object()
"""In place of the default of a variable that has none and may not be absent."""


class Variables:
    """The variables of one operation. Making them raises InvalidVariables for types that are not read here."""

    def __init__(self, inputs: Inputs, operation: graphql.OperationDefinitionNode) -> None:
        self._definitions: list[tuple[str, Read, Any]] = []
        for definition in operation.variable_definitions or ():
            signature: Any = get_variable_signature(inputs.schema, definition)
            absent: Any = graphql.Undefined
            if definition.default_value is not None:
                absent = inputs.literal(definition.default_value, signature.type)({})
            elif isinstance(signature.type, graphql.GraphQLNonNull):
                absent = _REQUIRED
            self._definitions.append((signature.name, inputs.reader(signature.type), absent))

    def read(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of those that have one, as resolvers take them. Raises InvalidVariables."""
        values: dict[str, Any] = {}
        for name, read, absent in self._definitions:
            if name in raw:
                try:
                    values[name] = read(raw[name])
                except Exception as error:
                    raise InvalidVariables from error
            elif absent is _REQUIRED:
                raise InvalidVariables
            elif absent is not graphql.Undefined:
                values[name] = absent
        return values


class Arguments:
    """The keyword arguments of one field of an operation, as its resolver takes them.

    What is the same in every request is worked out once and shared by all: no resolver may change what it is given.
    """

    def __init__(
        self, inputs: Inputs, definition: graphql.GraphQLField, field: StrawberryField, node: graphql.FieldNode
    ) -> None:
        given = {argument.name.value: argument for argument in node.arguments or ()}
        varying = {name: argument for name, argument in given.items() if any(nodes_of(graphql.VariableNode, argument))}
        # Where the variable of an argument is absent, the argument has its default, or is absent as well.
        args = {
            name: argument
            for name, argument in definition.args.items()
            if name not in varying or not graphql.is_required_argument(argument)
        }
        fixed = graphql.FieldNode(name=node.name, arguments=tuple(given[name] for name in given if name not in varying))
        values = graphql.get_argument_values(graphql.GraphQLField(definition.type, args), fixed, VariableValues({}, {}))
        self._rest = convert_arguments(values, field.arguments, inputs.scalars, inputs.config)
        self._varying: list[tuple[str, str | None, Read]] = []
        for argument in field.arguments:
            name = inputs.config.name_converter.from_argument(argument)
            if name in varying:
                check(argument.type)
                value: Any = varying[name].value
                variable = value.name.value if isinstance(value, graphql.VariableNode) and name in args else None
                read = inputs.literal(value, definition.args[name].type)
                self._varying.append((argument.python_name or name, variable, read))

    @property
    def fixed(self) -> dict[str, Any] | None:
        """The arguments, where no variable is in them."""
        return None if self._varying else self._rest

    def __call__(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with these variables."""
        values = dict(self._rest)
        for parameter, variable, read in self._varying:
            if variable is None or variable in variables:
                values[parameter] = read(variables)
        return values
