"""Coerce input values from JSON or literals to what resolvers take, in one step.

`InputTypes.json_coercion` and `InputTypes.literal_coercion` return functions that are built once per type. Their result
equals graphql-core's coercion followed by Strawberry's conversion. Any invalid value raises; graphql-core then runs the
operation and reports the error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cached_property, partial
from typing import Any

import graphql
from graphql.pyutils import is_iterable
from strawberry.relay import GlobalID
from strawberry.types.base import StrawberryContainer, StrawberryMaybe

Coerce = Callable[[Any], Any]

_CLASSES: Mapping[Any, type] = {
    graphql.GraphQLString: str,
    graphql.GraphQLID: str,
    graphql.GraphQLBoolean: bool,
    graphql.GraphQLInt: int,
}
"""Scalars whose values of this Python class need no coercion, if they are in range."""

_INT_END = 2**31


class InvalidVariables(Exception):
    """A value is invalid for its type, or the type is not supported here."""


class InputTypes:
    """The input types of one schema."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self.schema = schema
        self._objects: dict[str, _InputObjectType] = {}

    @cached_property
    def config(self) -> Any:
        """Strawberry's configuration of the schema."""
        return self.schema.extensions["strawberry-definition"].config

    @cached_property
    def scalars(self) -> Any:
        """Strawberry's scalars of the schema."""
        return self.schema.extensions["strawberry-definition"].schema_converter.scalar_registry

    def json_coercion(self, type_: graphql.GraphQLInputType) -> Coerce:
        """The function that coerces a JSON value. It raises any exception for an invalid value."""
        if isinstance(type_, graphql.GraphQLNonNull):
            return partial(_coerce_non_null, self.json_coercion(type_.of_type))
        if isinstance(type_, graphql.GraphQLList):
            return partial(_coerce_list, self.json_coercion(type_.of_type))
        if isinstance(type_, graphql.GraphQLInputObjectType):
            return self._object_type(type_).coerce_json
        return partial(_coerce_leaf, type_, _CLASSES.get(type_))

    def literal_coercion(self, node: graphql.ValueNode, type_: graphql.GraphQLInputType) -> Coerce:
        """The function that returns the value of a valid literal, given the coerced variables."""
        if isinstance(node, graphql.VariableNode):
            return partial(_variable_value, node.name.value, isinstance(type_, graphql.GraphQLNonNull))
        if isinstance(node, graphql.NullValueNode):
            return lambda _variables: None
        if isinstance(type_, graphql.GraphQLNonNull):
            type_ = type_.of_type
        if isinstance(type_, graphql.GraphQLList):
            nodes = node.values if isinstance(node, graphql.ListValueNode) else (node,)
            items = [self.literal_coercion(item, type_.of_type) for item in nodes]
            return lambda variables: [item(variables) for item in items]
        if isinstance(type_, graphql.GraphQLInputObjectType) and isinstance(node, graphql.ObjectValueNode):
            object_type = self._object_type(type_)
            fields = []
            for field in node.fields:
                variable = field.value.name.value if isinstance(field.value, graphql.VariableNode) else None
                name, _ = object_type.fields[field.name.value]
                coerce = self.literal_coercion(field.value, type_.fields[field.name.value].type)
                fields.append((name, variable, coerce))
            return partial(object_type.coerce_literal, fields)
        value = graphql.coerce_input_literal(node, type_)
        if value is graphql.Undefined:
            raise InvalidVariables
        return lambda _variables: value

    def _object_type(self, type_: graphql.GraphQLInputObjectType) -> _InputObjectType:
        object_type = self._objects.get(type_.name)
        if object_type is None:
            definition = type_.extensions["strawberry-definition"]
            if definition.from_input is not None:
                raise InvalidVariables
            # Input types may be recursive: register the type before its fields.
            object_type = _InputObjectType(definition.origin, one_of=definition.is_one_of)
            self._objects[type_.name] = object_type
            for name, field in type_.fields.items():
                object_type.add(name, field, self.json_coercion(field.type))
        return object_type


def require_supported(annotation: Any) -> None:
    """Raise InvalidVariables if Strawberry converts values of this annotation further than GraphQL's type says."""
    while isinstance(annotation, StrawberryContainer):
        if isinstance(annotation, StrawberryMaybe):
            raise InvalidVariables
        annotation = annotation.of_type
    if annotation is GlobalID:
        raise InvalidVariables


class _InputObjectType:
    """Creates the objects of one Strawberry input type."""

    def __init__(self, class_: Any, *, one_of: bool) -> None:
        self.fields: dict[str, tuple[str, Coerce]] = {}
        """By GraphQL name: the Python name and the coercion of JSON values."""
        self._class = class_
        self._one_of = one_of
        self._nulls: dict[str, None] = {}

    def add(self, name: str, field: graphql.GraphQLInputField, coerce: Coerce) -> None:
        """Add a field."""
        definition = field.extensions["strawberry-definition"]
        require_supported(definition.type)
        self.fields[name] = (definition.python_name, coerce)
        has_default = definition.default_value is not MISSING or definition.default_factory is not MISSING
        if not has_default and not graphql.is_required_input_field(field):
            # Strawberry passes null for an optional field that has neither a value nor a default.
            self._nulls[definition.python_name] = None

    def coerce_json(self, value: Any) -> Any:
        """The object of a JSON object."""
        if value is None:
            return None
        if not isinstance(value, dict):
            raise InvalidVariables
        values = {}
        for name, item in value.items():
            python_name, coerce = self.fields[name]
            values[python_name] = coerce(item)
        return self._create(values)

    def coerce_literal(self, fields: list[tuple[str, str | None, Coerce]], variables: Mapping[str, Any]) -> Any:
        """The object of a literal. Fields whose variable is absent are absent."""
        return self._create(
            {name: coerce(variables) for name, variable, coerce in fields if variable is None or variable in variables}
        )

    def _create(self, values: dict[str, Any]) -> Any:
        if self._one_of and (len(values) != 1 or None in values.values()):
            raise InvalidVariables
        return self._class(**self._nulls | values)


def _coerce_non_null(coerce: Coerce, value: Any) -> Any:
    if value is None:
        raise InvalidVariables
    return coerce(value)


def _coerce_list(coerce: Coerce, value: Any) -> Any:
    if value is None:
        return None
    # GraphQL coerces a single value to a list of one.
    return [coerce(item) for item in value] if is_iterable(value) else [coerce(value)]


def _coerce_leaf(type_: Any, class_: Any, value: Any) -> Any:
    if value is None:
        return None
    if value.__class__ is class_ and (class_ is not int or -_INT_END <= value < _INT_END):
        return value
    coerced = type_.coerce_input_value(value)
    if coerced is graphql.Undefined:
        raise InvalidVariables
    return coerced


def _variable_value(name: str, required: bool, variables: Mapping[str, Any]) -> Any:  # noqa: FBT001 - bound by position
    value = variables.get(name)
    if value is None and required:
        raise InvalidVariables
    return value
