"""Values for arguments and input fields of any schema: most are right, some at the edge, some can't be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    get_named_type,
    is_required_input_field,
)

_BY_TYPE: dict[str, Sequence[Any]] = {
    "Int": (1, 2, 5, 0, -1, 2**31 - 1, -(2**31)),
    "Float": (1.5, 0, -1),
    "String": ("a", "1418", "", "é", "100%", "zz"),
    "Boolean": (True, False),
    "ID": ("1", 2, "nonsense", ""),
    "Even": (2, 4, 0, 2, 4, 0, 2, 4, 3),
    "DateTime": ("2026-11-21T09:05:00Z", "2020-01-01T00:00:00+02:00", "2026-11-21T09:10:00.5-05:00"),
    "Date": ("2026-11-01", "2026-11-30", "2026-10-15", "yesterday"),
    "Long": (1, 61, 0, -1, 2**53 - 1, 2**53),
}

WRONG: tuple[Any, ...] = (
    None,
    0,
    -1,
    501,
    2**31,
    "",
    "nonsense",
    "x" * 1000,
    1.5,
    True,
    [],
    {},
    [None],
    {"nonsense": 1},
)
"""Values that hardly fit anywhere."""


class ValueGenerator:
    """Values that fit any schema."""

    def value(self, rng: Random, name: str, type_: GraphQLInputType, *, place: str = "") -> Any:
        """A value, as JSON has it, for an argument or an input field; `place` is `Type.field(argument)`."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif not rng.randrange(20):
            return None
        return self._some(rng, name, type_, place) if rng.randrange(40) else rng.choice(WRONG)

    def scalar(self, rng: Random, name: str, type_name: str, place: str) -> Any:  # noqa: ARG002 - for those who know more
        """A value of a scalar."""
        return rng.choice(_BY_TYPE.get(type_name, WRONG))

    def _some(self, rng: Random, name: str, type_: Any, place: str) -> Any:
        if isinstance(type_, GraphQLList):
            if not rng.randrange(10):
                return self.value(rng, name, type_.of_type, place=place)
            return [self.value(rng, name, type_.of_type, place=place) for _ in range(rng.choice((1, 2, 0, 3)))]
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(rng, type_)
        if isinstance(type_, GraphQLEnumType):
            return rng.choice(list(type_.values))
        return self.scalar(rng, name, type_.name, place)

    def _object(self, rng: Random, type_: GraphQLInputObjectType) -> dict[str, Any]:
        names = [name for name, field in type_.fields.items() if is_required_input_field(field)]
        optional = [name for name in type_.fields if name not in names]
        # Strawberry checks it by itself, and does not tell graphql-core.
        definition: Any = type_.extensions.get("strawberry-definition")
        if definition is not None and definition.is_one_of and rng.randrange(12):
            name = rng.choice(optional)
            return {name: self.value(rng, name, GraphQLNonNull(type_.fields[name].type))}
        names += rng.sample(optional, min(len(optional), rng.choice((1, 2, 0, 3))))
        return {name: self.value(rng, name, type_.fields[name].type) for name in names}


def literal(value: Any, type_: GraphQLInputType | None) -> Any:
    """The node of a JSON value as it stands in a document."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None:
        return NullValueNode()
    if isinstance(value, bool):
        return BooleanValueNode(value=value)
    if isinstance(value, int | float):
        return (IntValueNode if isinstance(value, int) else FloatValueNode)(value=str(value))
    if isinstance(value, list):
        inside = type_.of_type if isinstance(type_, GraphQLList) else None
        return ListValueNode(values=tuple(literal(item, inside) for item in value))
    if isinstance(value, Mapping):
        return ObjectValueNode(fields=tuple(_field(name, item, type_) for name, item in value.items()))
    enum = type_ is not None and isinstance(get_named_type(type_), GraphQLEnumType) and value.isidentifier()
    return (EnumValueNode if enum else StringValueNode)(value=value)


def _field(name: str, value: Any, type_: GraphQLInputType | None) -> ObjectFieldNode:
    named = None if type_ is None else get_named_type(type_)
    inside = named.fields.get(name) if isinstance(named, GraphQLInputObjectType) else None
    return ObjectFieldNode(name=NameNode(value=name), value=literal(value, inside.type if inside else None))
