"""Coerce variables and field arguments once per request instead of once per row, as graphql-core and Strawberry do.

Any invalid value raises; graphql-core then runs the operation and reports the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphql
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from execution.inputs import Coerce, InputTypes, InvalidVariables, require_supported
from execution.nodes import nodes_of

_REQUIRED = object()
"""Marks a required variable without a default value."""


class VariableCoercion:
    """Coerces the variables of one operation. The constructor raises InvalidVariables for unsupported types."""

    def __init__(self, types: InputTypes, operation: graphql.OperationDefinitionNode) -> None:
        self._definitions: list[tuple[str, Coerce, Any]] = []
        for definition in operation.variable_definitions or ():
            signature: Any = get_variable_signature(types.schema, definition)
            default: Any = graphql.Undefined
            if definition.default_value is not None:
                default = types.literal_coercion(definition.default_value, signature.type)({})
            elif isinstance(signature.type, graphql.GraphQLNonNull):
                default = _REQUIRED
            self._definitions.append((signature.name, types.json_coercion(signature.type), default))

    def coerce(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the provided variables and defaults, as resolvers take them. Raises InvalidVariables."""
        values: dict[str, Any] = {}
        for name, coerce, default in self._definitions:
            if name in raw:
                try:
                    values[name] = coerce(raw[name])
                except Exception as error:
                    raise InvalidVariables from error
            elif default is _REQUIRED:
                raise InvalidVariables
            elif default is not graphql.Undefined:
                values[name] = default
        return values


class ArgumentCoercion:
    """Computes the keyword arguments of one field's resolver.

    Arguments without variables are coerced once and shared by all requests: resolvers must not modify them.
    """

    def __init__(
        self, types: InputTypes, definition: graphql.GraphQLField, field: StrawberryField, node: graphql.FieldNode
    ) -> None:
        given = {argument.name.value: argument for argument in node.arguments or ()}
        varying = {name: argument for name, argument in given.items() if any(nodes_of(graphql.VariableNode, argument))}
        # An argument whose variable is absent falls back to its default value or is absent as well.
        args = {
            name: argument
            for name, argument in definition.args.items()
            if name not in varying or not graphql.is_required_argument(argument)
        }
        fixed = graphql.FieldNode(name=node.name, arguments=tuple(given[name] for name in given if name not in varying))
        values = graphql.get_argument_values(graphql.GraphQLField(definition.type, args), fixed, VariableValues({}, {}))
        self._fixed = convert_arguments(values, field.arguments, types.scalars, types.config)
        self._varying: list[tuple[str, str | None, Coerce]] = []
        for argument in field.arguments:
            name = types.config.name_converter.from_argument(argument)
            if name in varying:
                require_supported(argument.type)
                value: Any = varying[name].value
                variable = value.name.value if isinstance(value, graphql.VariableNode) and name in args else None
                coerce = types.literal_coercion(value, definition.args[name].type)
                self._varying.append((argument.python_name or name, variable, coerce))

    @property
    def constant(self) -> dict[str, Any] | None:
        """The arguments, if none contains a variable; otherwise None."""
        return None if self._varying else self._fixed

    def __call__(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for these coerced variables."""
        values = dict(self._fixed)
        for parameter, variable, coerce in self._varying:
            if variable is None or variable in variables:
                values[parameter] = coerce(variables)
        return values
