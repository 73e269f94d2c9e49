"""Scalars and enums: as they are where their class tells that they may be, otherwise through their type's coercion."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutine
from typing import Any

import graphql

from execution.codegen import CodeWriter
from execution.runtime import Incomplete, immediate, known

_CLASSES: dict[graphql.GraphQLLeafType, str] = {
    graphql.GraphQLString: "str",
    graphql.GraphQLID: "str",
    graphql.GraphQLBoolean: "bool",
    graphql.GraphQLInt: "int",
    graphql.GraphQLFloat: "float",
}
"""Scalars whose values of one Python class are written as they are, in the class's range."""

_RANGES = {"int": " and -2147483648 <= {0} <= 2147483647", "float": " and {0} - {0} == 0"}


class Leaves:
    """The leaves of one operation."""

    def __init__(self, draft: CodeWriter) -> None:
        self._draft = draft
        self._completions: dict[tuple[str, bool], str] = {}

    def expression(self, type_: graphql.GraphQLLeafType, value: str, *, nullable: bool) -> str:
        """The expression of a completed scalar or enum."""
        key = (type_.name, nullable)
        if key not in self._completions:
            self._completions[key] = self._draft.name(f"leaf_{type_.name}", completion(type_, nullable=nullable))
        complete = self._completions[key]
        held = self._draft.name("v")
        if isinstance(type_, graphql.GraphQLEnumType):
            members = getattr(type_, "wrapped_cls", ())
            names = self._draft.name("names", {member: type_.coerce_output_value(member) for member in members})
            return f"({names}[{held}] if ({held} := {value}) in {names} else {complete}({held}))"
        class_ = "str" if type_.coerce_output_value is str else _CLASSES.get(type_)
        if class_ is None:
            return f"{complete}({value})"
        test = f"({held} := {value}).__class__ is {class_}{_RANGES.get(class_, '').format(held)}"
        return f"({held} if {test}{f' or {held} is None' if nullable else ''} else {complete}({held}))"


def completion(type_: graphql.GraphQLLeafType, *, nullable: bool) -> Callable[[Any], Any]:
    """The function that completes any value of a scalar or an enum."""
    coerce = type_.coerce_output_value

    def complete(value: Any) -> Any:
        if value is None or value is graphql.Undefined:
            if nullable:
                return None
            raise Incomplete
        if value.__class__ not in known and not immediate(value):
            if iscoroutine(value):
                value.close()
            raise Incomplete(value)
        coerced = coerce(value)
        if coerced is None or coerced is graphql.Undefined:
            raise Incomplete(value)
        return coerced

    return complete
