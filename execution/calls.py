"""Calls of resolvers: inside their field's extensions, with arguments that are worked out once for a request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import graphql
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from execution.arguments import Arguments
from execution.codegen import CodeWriter, Unsupported
from execution.inputs import Inputs
from execution.lookahead import below


class Calls:
    """The calls of one operation."""

    def __init__(
        self,
        draft: CodeWriter,
        inputs: Inputs,
        fragments: dict[str, graphql.FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._draft = draft
        self._inputs = inputs
        self._fragments = fragments
        self._variables = variables

    def expression(
        self, definition: graphql.GraphQLField, field: StrawberryField, details: list[FieldDetails], source: str
    ) -> str:
        """The expression of the call of a field's resolver, for the object that it is a field of."""
        resolver = field.base_resolver
        if resolver is None:
            raise Unsupported
        name = resolver.name if resolver.name.isidentifier() else "resolver"
        arguments = self._arguments(definition, field, details[0].node)
        if field.extensions:
            extended = self._draft.name(name, _extended(field, resolver))
            return f"{extended}({', '.join([source, self.info(details), *arguments])})"
        given = [source] if resolver.self_parameter else []
        given += [f"{parent}={source}" for parent in _parents(resolver)]
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}={self.info(details)}")
        return f"{self._draft.name(name, resolver.wrapped_func)}({', '.join([*given, *arguments])})"

    def info(self, details: list[FieldDetails]) -> str:
        """The name of what the resolvers of a field are told."""
        tree = below([detail.node for detail in details], self._fragments, self._variables)
        facts = self._draft.name("facts", (details[0].node.name.value, self._inputs.schema, tree))
        return self._draft.once("info", f"Info(context, variables, {facts})")

    def _arguments(
        self, definition: graphql.GraphQLField, field: StrawberryField, node: graphql.FieldNode
    ) -> list[str]:
        if not field.arguments:
            return []
        arguments = Arguments(self._inputs, definition, field, node)
        if arguments.fixed is not None:
            return [f"{name}={self._draft.name(name, value)}" for name, value in arguments.fixed.items()]
        work = self._draft.name("arguments", arguments)
        return [f"**{self._draft.once('values', f'{work}(variables)')}"]


def _parents(resolver: StrawberryResolver[Any]) -> set[str]:
    """The parameters that take the object."""
    return {parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter}


def _extended(field: StrawberryField, resolver: StrawberryResolver[Any]) -> Callable[..., Any]:
    """A resolver inside its field's extensions: a function of the object, what it may ask, and its arguments."""
    function: Any = resolver.wrapped_func
    parents = _parents(resolver)

    def innermost(source: Any, info: Any, **arguments: Any) -> Any:
        given = [source] if resolver.self_parameter else []
        arguments |= dict.fromkeys(parents, source)
        if resolver.info_parameter:
            arguments[resolver.info_parameter.name] = info
        return function(*given, **arguments)

    chain: list[Any] = build_field_extension_resolvers(field)
    return reduce(lambda inner, outer: partial(outer, inner), chain, innermost)
