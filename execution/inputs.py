"""Input values: what graphql-core and Strawberry make of them, as functions that are put together once for each type.

`Inputs.reader` coerces what came as JSON, `Inputs.literal` what stands in the document, and `Inputs.converter` makes of
either what a resolver takes. Whatever is wrong with a value raises; graphql-core is then asked to word the error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cached_property, partial
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    Node,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    coerce_input_literal,
    is_input_object_type,
    is_required_input_field,
)
from graphql.pyutils import is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.schema.compat import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

from execution.nodes import nodes_of

Read = Callable[[Any], Any]

_SIMPLE: Mapping[Any, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
    GraphQLInt: int,
}
"""Types whose values of one Python class are taken as they are."""

_INT_END = 2**31


class InvalidInput(Exception):
    """The value does not fit its type."""


class Inputs:
    """The input types of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._readers: dict[Any, Read] = {}
        self._converters: dict[Any, Read] = {}

    @cached_property
    def config(self) -> Any:
        """Strawberry's configuration of the schema."""
        return self._schema.extensions["strawberry-definition"].config

    @cached_property
    def scalars(self) -> Any:
        """Strawberry's scalars of the schema."""
        return self._schema.extensions["strawberry-definition"].schema_converter.scalar_registry

    def reader(self, type_: GraphQLInputType) -> Read:
        """The function that coerces a value of JSON. It raises what it likes for one that does not fit."""
        if isinstance(type_, GraphQLNonNull):
            return partial(_present, self.reader(type_.of_type))
        if isinstance(type_, GraphQLList):
            return partial(_list, self.reader(type_.of_type))
        found = self._readers.get(type_)
        if found is None:
            # An input type may have fields of itself, so it is known before its fields are.
            fields: dict[str, tuple[str, Read]] = {}
            if isinstance(type_, GraphQLInputObjectType):
                found = self._readers[type_] = partial(_object, fields, _Absent(type_))
                fields |= {
                    name: (field.out_name or name, self.reader(field.type)) for name, field in type_.fields.items()
                }
            else:
                found = self._readers[type_] = partial(_leaf, type_, _SIMPLE.get(type_))
        return found

    def literal(self, node: ValueNode, type_: GraphQLInputType) -> Read:
        """The function that coerces a literal, given the coerced variables that stand in it."""
        if isinstance(node, VariableNode):
            return partial(_variable, node.name.value, isinstance(type_, GraphQLNonNull))
        if not has_variables(node):
            value = coerce_input_literal(node, type_)
            if value is Undefined:
                raise InvalidInput
            return lambda _variables: value
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        if isinstance(type_, GraphQLList):
            nodes = node.values if isinstance(node, ListValueNode) else (node,)
            items = [self.literal(item, type_.of_type) for item in nodes]
            return lambda variables: [item(variables) for item in items]
        if not is_input_object_type(type_) or not isinstance(node, ObjectValueNode):
            raise InvalidInput
        fields = []
        for field in node.fields:
            name, definition = field.name.value, type_.fields[field.name.value]
            variable = field.value.name.value if isinstance(field.value, VariableNode) else None
            fields.append((definition.out_name or name, variable, self.literal(field.value, definition.type)))
        return partial(_object_literal, fields, _Absent(type_))

    def converter(self, type_: Any) -> Read:
        """The function that makes of a coerced value what a resolver takes: objects of Strawberry's input types."""
        if isinstance(type_, LazyType):
            return self.converter(type_.resolve_type())
        if isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
            return self.converter(type_.of_type)
        if self._is_leaf(type_):
            return _as_it_is
        if isinstance(type_, StrawberryList):
            return partial(_converted_list, self.converter(type_.of_type))
        found = self._converters.get(type_)
        if found is None:
            if not has_object_definition(type_) or type_.__strawberry_definition__.from_input is not None:
                return partial(convert_argument, type_=type_, scalar_registry=self.scalars, config=self.config)
            definition = type_.__strawberry_definition__
            fields: dict[str, tuple[str, Read]] = {}
            found = self._converters[type_] = partial(_converted_object, type_, fields, _implicit(definition))
            for field in definition.fields:
                name = self.config.name_converter.from_field(field)
                fields[name] = (field.python_name, self.converter(field.resolve_type(type_definition=definition)))
        return found

    def _is_leaf(self, type_: Any) -> bool:
        return (
            isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_) or is_scalar(type_, self.scalars)
        )


def has_variables(node: Node) -> bool:
    """Whether any variable stands below a node."""
    return any(nodes_of(VariableNode, node))


class _Absent:
    """What an input object has in the place of fields that are not given."""

    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._one_of = type_.is_one_of
        self._finish = type_.out_type
        self._values: list[tuple[str, Any]] = []
        self._required: list[str] = []
        for name, field in type_.fields.items():
            out = field.out_name or name
            if is_required_input_field(field):
                self._required.append(out)
            elif (value := coerce_default_value(field)) is not Undefined:
                self._values.append((out, value))

    def completed(self, made: dict[str, Any]) -> dict[str, Any]:
        """The object with its defaults."""
        for name in self._required:
            if name not in made:
                raise InvalidInput
        for name, value in self._values:
            if name not in made:
                made[name] = value
        if self._one_of and (len(made) != 1 or None in made.values()):
            raise InvalidInput
        finished: dict[str, Any] = self._finish(made)
        return finished


def _implicit(definition: Any) -> dict[str, None]:
    """The fields of a Strawberry input that are null where they are absent and have no default."""
    fields = definition.fields if definition.is_input else ()
    return {
        field.python_name: None
        for field in fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }


def _in_range(value: Any) -> bool:
    fits: bool = -_INT_END <= value < _INT_END
    return fits


def _present(read: Read, value: Any) -> Any:
    if value is None:
        raise InvalidInput
    return read(value)


def _list(read: Read, value: Any) -> Any:
    if value is None:
        return None
    # Lists accept a non-list value as a list of one.
    return [read(item) for item in value] if is_iterable(value) else [read(value)]


def _leaf(type_: Any, class_: type | None, value: Any) -> Any:
    if value is None:
        return None
    if value.__class__ is class_ and (class_ is not int or _in_range(value)):
        return value
    coerced = type_.coerce_input_value(value)
    if coerced is Undefined:
        raise InvalidInput
    return coerced


def _object(fields: dict[str, tuple[str, Read]], absent: _Absent, value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidInput
    made = {}
    for name, item in value.items():
        out, read = fields[name]
        made[out] = read(item)
    return absent.completed(made)


def _variable(name: str, required: bool, variables: Mapping[str, Any]) -> Any:  # noqa: FBT001 - bound by position
    value = variables.get(name)
    if value is None and required:
        raise InvalidInput
    return value


def _object_literal(
    fields: list[tuple[str, str | None, Read]], absent: _Absent, variables: Mapping[str, Any]
) -> dict[str, Any]:
    # A variable without a value is like a field that is not there.
    made = {out: read(variables) for out, variable, read in fields if variable is None or variable in variables}
    return absent.completed(made)


def _as_it_is(value: Any) -> Any:
    return value


def _converted_list(convert: Read, value: Any) -> Any:
    return value if value is None or value is UNSET else [convert(item) for item in value]


def _converted_object(type_: Any, fields: dict[str, tuple[str, Read]], implicit: dict[str, None], value: Any) -> Any:
    if value is None or value is UNSET:
        return value
    values: dict[str, Any] = dict(implicit)
    for name, item in value.items():
        parameter, convert = fields[name]
        values[parameter] = convert(item)
    return type_(**values)
