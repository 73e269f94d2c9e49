"""Input values: what a resolver takes, made in one go of what came as JSON or stands in the document.

`Inputs.reader` reads JSON and `Inputs.literal` literals, by functions that are put together once for each type. Both
make what graphql-core's coercion and Strawberry's conversion make one after the other. Whatever is wrong with a value
raises; graphql-core is then asked to word the error.
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

Read = Callable[[Any], Any]

_SIMPLE: Mapping[Any, type] = {
    graphql.GraphQLString: str,
    graphql.GraphQLID: str,
    graphql.GraphQLBoolean: bool,
    graphql.GraphQLInt: int,
}
"""Types whose values of one Python class are taken as they are."""

_INT_END = 2**31


class InvalidVariables(Exception):
    """The value does not fit its type, or the type is not read here."""


class Inputs:
    """The input types of one schema."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self.schema = schema
        self._objects: dict[str, _Objects] = {}

    @cached_property
    def config(self) -> Any:
        """Strawberry's configuration of the schema."""
        return self.schema.extensions["strawberry-definition"].config

    @cached_property
    def scalars(self) -> Any:
        """Strawberry's scalars of the schema."""
        return self.schema.extensions["strawberry-definition"].schema_converter.scalar_registry

    def reader(self, type_: graphql.GraphQLInputType) -> Read:
        """The function that reads JSON. It raises what it likes for a value that does not fit."""
        if isinstance(type_, graphql.GraphQLNonNull):
            return partial(_present, self.reader(type_.of_type))
        if isinstance(type_, graphql.GraphQLList):
            return partial(_list, self.reader(type_.of_type))
        if isinstance(type_, graphql.GraphQLInputObjectType):
            return self._objects_of(type_).read
        return partial(_leaf, type_, _SIMPLE.get(type_))

    def literal(self, node: graphql.ValueNode, type_: graphql.GraphQLInputType) -> Read:
        """The function that reads a valid literal, given the values of the variables that stand in it."""
        if isinstance(node, graphql.VariableNode):
            return partial(_variable, node.name.value, isinstance(type_, graphql.GraphQLNonNull))
        if isinstance(node, graphql.NullValueNode):
            return lambda _variables: None
        if isinstance(type_, graphql.GraphQLNonNull):
            type_ = type_.of_type
        if isinstance(type_, graphql.GraphQLList):
            nodes = node.values if isinstance(node, graphql.ListValueNode) else (node,)
            items = [self.literal(item, type_.of_type) for item in nodes]
            return lambda variables: [item(variables) for item in items]
        if isinstance(type_, graphql.GraphQLInputObjectType) and isinstance(node, graphql.ObjectValueNode):
            objects = self._objects_of(type_)
            fields = []
            for field in node.fields:
                variable = field.value.name.value if isinstance(field.value, graphql.VariableNode) else None
                name, _ = objects.fields[field.name.value]
                fields.append((name, variable, self.literal(field.value, type_.fields[field.name.value].type)))
            return partial(objects.given, fields)
        value = graphql.coerce_input_literal(node, type_)
        if value is graphql.Undefined:
            raise InvalidVariables
        return lambda _variables: value

    def _objects_of(self, type_: graphql.GraphQLInputObjectType) -> _Objects:
        objects = self._objects.get(type_.name)
        if objects is None:
            definition = type_.extensions["strawberry-definition"]
            if definition.from_input is not None:
                raise InvalidVariables
            # An input type may have fields of itself, so it is known before its fields are.
            objects = self._objects[type_.name] = _Objects(definition.origin, one_of=definition.is_one_of)
            for name, field in type_.fields.items():
                objects.add(name, field, self.reader(field.type))
        return objects


def check(annotation: Any) -> None:
    """Find out that Strawberry takes a value for what GraphQL says that it is. Raises InvalidVariables."""
    while isinstance(annotation, StrawberryContainer):
        if isinstance(annotation, StrawberryMaybe):
            raise InvalidVariables
        annotation = annotation.of_type
    if annotation is GlobalID:
        raise InvalidVariables


class _Objects:
    """Makes the objects of one of Strawberry's input types."""

    def __init__(self, class_: Any, *, one_of: bool) -> None:
        self.fields: dict[str, tuple[str, Read]] = {}
        """By the names that the fields have in GraphQL: those in Python, and what reads them."""
        self._class = class_
        self._one_of = one_of
        self._absent: dict[str, None] = {}

    def add(self, name: str, field: graphql.GraphQLInputField, read: Read) -> None:
        """Add a field."""
        definition = field.extensions["strawberry-definition"]
        check(definition.type)
        self.fields[name] = (definition.python_name, read)
        has_default = definition.default_value is not MISSING or definition.default_factory is not MISSING
        if not has_default and not graphql.is_required_input_field(field):
            # Strawberry takes null where there is neither a value nor a default.
            self._absent[definition.python_name] = None

    def read(self, value: Any) -> Any:
        """The object of JSON."""
        if value is None:
            return None
        if not isinstance(value, dict):
            raise InvalidVariables
        made = {}
        for name, item in value.items():
            field, read = self.fields[name]
            made[field] = read(item)
        return self._made(made)

    def given(self, fields: list[tuple[str, str | None, Read]], variables: Mapping[str, Any]) -> Any:
        """The object of a literal. A variable without a value is like a field that is not there."""
        return self._made(
            {name: read(variables) for name, variable, read in fields if variable is None or variable in variables}
        )

    def _made(self, values: dict[str, Any]) -> Any:
        if self._one_of and (len(values) != 1 or None in values.values()):
            raise InvalidVariables
        return self._class(**self._absent | values)


def _present(read: Read, value: Any) -> Any:
    if value is None:
        raise InvalidVariables
    return read(value)


def _list(read: Read, value: Any) -> Any:
    if value is None:
        return None
    # Lists accept a non-list value as a list of one.
    return [read(item) for item in value] if is_iterable(value) else [read(value)]


def _leaf(type_: Any, class_: Any, value: Any) -> Any:
    if value is None:
        return None
    if value.__class__ is class_ and (class_ is not int or -_INT_END <= value < _INT_END):
        return value
    coerced = type_.coerce_input_value(value)
    if coerced is graphql.Undefined:
        raise InvalidVariables
    return coerced


def _variable(name: str, required: bool, variables: Mapping[str, Any]) -> Any:  # noqa: FBT001 - bound by position
    value = variables.get(name)
    if value is None and required:
        raise InvalidVariables
    return value
