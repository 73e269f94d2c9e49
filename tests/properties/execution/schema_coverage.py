"""What of a schema a set of operations asks for: fields, arguments, and the fields of input objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    type_from_ast,
    visit,
)

from tests.properties.execution.corpus import Operation

_COMPOSITES = (GraphQLObjectType, GraphQLInterfaceType)


def everything(schema: GraphQLSchema) -> set[str]:
    """Every field `Type.field`, every argument `Type.field(argument)`, every field `Input.field`."""
    names = set()
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if isinstance(type_, _COMPOSITES):
            for name, field in type_.fields.items():
                names |= {f"{type_.name}.{name}", *(f"{type_.name}.{name}({argument})" for argument in field.args)}
        elif isinstance(type_, GraphQLInputObjectType):
            names |= {f"{type_.name}.{name}" for name in type_.fields}
    return names


def asked(schema: GraphQLSchema, operations: Iterable[Operation]) -> set[str]:
    """What these operations ask for, in the words of `everything`."""
    names: set[str] = set()
    for operation in operations:
        info = TypeInfo(schema)
        document = parse(operation.query)
        visit(document, TypeInfoVisitor(info, _Names(info, names)))
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                for variable in definition.variable_definitions or ():
                    type_ = type_from_ast(schema, variable.type)
                    value = (operation.variables or {}).get(variable.variable.name.value)
                    if type_ is not None:
                        names |= set(_input_fields(type_, value))
    return names


class _Names(Visitor):
    def __init__(self, info: TypeInfo, names: set[str]) -> None:
        super().__init__()
        self._info = info
        self._names = names

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        if parent is not None:
            self._names.add(f"{parent.name}.{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        parent, field = self._info.get_parent_type(), self._info.get_field_def()
        if isinstance(parent, _COMPOSITES) and self._info.get_directive() is None:
            name = next((name for name, known in parent.fields.items() if known is field), None)
            self._names.add(f"{parent.name}.{name}({node.name.value})")

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        parent = self._info.get_parent_input_type()
        if parent is not None:
            self._names.add(f"{get_named_type(parent).name}.{node.name.value}")


def _input_fields(type_: Any, value: Any) -> Iterable[str]:
    named = get_named_type(type_)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(named, GraphQLInputObjectType) and isinstance(item, Mapping):
            for name, inside in item.items():
                yield f"{named.name}.{name}"
                if name in named.fields:
                    yield from _input_fields(named.fields[name].type, inside)
