"""Generate the completion of scalars and enums: values of a known class are used as they are, others are coerced."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutine
from typing import Any

import graphql

from execution.codegen import CodeWriter
from execution.runtime import CompletionError, is_synchronous, synchronous_classes

_CLASSES: dict[graphql.GraphQLLeafType, str] = {
    graphql.GraphQLString: "str",
    graphql.GraphQLID: "str",
    graphql.GraphQLBoolean: "bool",
    graphql.GraphQLInt: "int",
    graphql.GraphQLFloat: "float",
}
"""Scalars whose values of this Python class need no coercion, if they are in range."""

_RANGES = {"int": " and -2147483648 <= {0} <= 2147483647", "float": " and {0} - {0} == 0"}


class LeafValues:
    """Writes the completion of the leaf values of one operation."""

    def __init__(self, writer: CodeWriter) -> None:
        self._writer = writer
        self._completers: dict[tuple[str, bool], str] = {}

    def complete(self, type_: graphql.GraphQLLeafType, value: str, *, nullable: bool) -> str:
        """The expression that completes a scalar or enum value."""
        key = (type_.name, nullable)
        if key not in self._completers:
            self._completers[key] = self._writer.name(f"leaf_{type_.name}", leaf_completer(type_, nullable=nullable))
        completer = self._completers[key]
        variable = self._writer.name("v")
        if isinstance(type_, graphql.GraphQLEnumType):
            members = getattr(type_, "wrapped_cls", ())
            names = self._writer.name("names", {member: type_.coerce_output_value(member) for member in members})
            return f"({names}[{variable}] if ({variable} := {value}) in {names} else {completer}({variable}))"
        class_ = "str" if type_.coerce_output_value is str else _CLASSES.get(type_)
        if class_ is None:
            return f"{completer}({value})"
        test = f"({variable} := {value}).__class__ is {class_}{_RANGES.get(class_, '').format(variable)}"
        or_none = f" or {variable} is None" if nullable else ""
        return f"({variable} if {test}{or_none} else {completer}({variable}))"


def leaf_completer(type_: graphql.GraphQLLeafType, *, nullable: bool) -> Callable[[Any], Any]:
    """The function that completes any value of a scalar or enum. It raises CompletionError."""
    coerce = type_.coerce_output_value

    def complete(value: Any) -> Any:
        if value is None or value is graphql.Undefined:
            if nullable:
                return None
            raise CompletionError
        if value.__class__ not in synchronous_classes and not is_synchronous(value):
            if iscoroutine(value):
                value.close()
            raise CompletionError(value)
        coerced = coerce(value)
        if coerced is None or coerced is graphql.Undefined:
            raise CompletionError(value)
        return coerced

    return complete
