"""Generate the calls of resolvers: inside their field extensions, with arguments computed once per request."""

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

from execution.arguments import ArgumentCoercion
from execution.codegen import CodeWriter, Unsupported
from execution.inputs import InputTypes
from execution.lookahead import selected_below


class ResolverCalls:
    """Writes the resolver calls of one operation."""

    def __init__(
        self,
        writer: CodeWriter,
        types: InputTypes,
        fragments: dict[str, graphql.FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._writer = writer
        self._types = types
        self._fragments = fragments
        self._variables = variables

    def call(
        self, definition: graphql.GraphQLField, field: StrawberryField, details: list[FieldDetails], source: str
    ) -> str:
        """The expression that calls a field's resolver on the source object."""
        resolver = field.base_resolver
        if resolver is None:
            raise Unsupported
        name = resolver.name if resolver.name.isidentifier() else "resolver"
        arguments = self._arguments(definition, field, details[0].node)
        if field.extensions:
            extended = self._writer.name(name, _with_extensions(field, resolver))
            return f"{extended}({', '.join([source, self.info(details), *arguments])})"
        given = [source] if resolver.self_parameter else []
        given += [f"{parent}={source}" for parent in _source_parameters(resolver)]
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}={self.info(details)}")
        return f"{self._writer.name(name, resolver.wrapped_func)}({', '.join([*given, *arguments])})"

    def info(self, details: list[FieldDetails]) -> str:
        """The name of a field's Info object."""
        selected = selected_below([detail.node for detail in details], self._fragments, self._variables)
        field = self._writer.name("field", (details[0].node.name.value, self._types.schema, selected))
        return self._writer.hoist("info", f"Info(context, variables, {field})")

    def _arguments(
        self, definition: graphql.GraphQLField, field: StrawberryField, node: graphql.FieldNode
    ) -> list[str]:
        if not field.arguments:
            return []
        arguments = ArgumentCoercion(self._types, definition, field, node)
        if arguments.constant is not None:
            return [f"{name}={self._writer.name(name, value)}" for name, value in arguments.constant.items()]
        coerce = self._writer.name("coerce_arguments", arguments)
        return [f"**{self._writer.hoist('arguments', f'{coerce}(variables)')}"]


def _source_parameters(resolver: StrawberryResolver[Any]) -> set[str]:
    """The names of the resolver's parameters that take the source object."""
    return {parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter}


def _with_extensions(field: StrawberryField, resolver: StrawberryResolver[Any]) -> Callable[..., Any]:
    """The resolver wrapped in its field's extensions: a function of source, info and arguments."""
    function: Any = resolver.wrapped_func
    source_parameters = _source_parameters(resolver)

    def innermost(source: Any, info: Any, **arguments: Any) -> Any:
        given = [source] if resolver.self_parameter else []
        arguments |= dict.fromkeys(source_parameters, source)
        if resolver.info_parameter:
            arguments[resolver.info_parameter.name] = info
        return function(*given, **arguments)

    chain: list[Any] = build_field_extension_resolvers(field)
    return reduce(lambda inner, outer: partial(outer, inner), chain, innermost)
