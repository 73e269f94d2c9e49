"""The programs of one operation: compiled when it is seen again, one for every way that its directives choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
)

from execution.arguments import Variables
from execution.compiler import Program, Unsupported, compile_operation
from execution.inputs import Inputs
from execution.nodes import nodes_of

VARIANTS = 8
"""For how many choices of `@skip` and `@include` an operation is compiled."""


class Programs:
    """What is compiled of one operation; until it is run again, nothing."""

    def __init__(
        self, schema: GraphQLSchema, inputs: Inputs, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._inputs = inputs
        self._document = document
        self._operation = operation
        self._runs = 0
        self._variables: Variables | None = None
        self._choices: tuple[str, ...] = ()
        self._programs: dict[tuple[Any, ...], Program | None] = {}

    def due(self, after: int) -> bool:
        """Whether the operation was run so many times before; asked once each time that it is run."""
        self._runs += 1
        return self._runs > after

    def coerce(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the operation's variables. Raises InvalidVariables."""
        if self._variables is None:
            self._variables = Variables(self._schema, self._operation, self._inputs)
            self._choices = _choices(self._document, self._operation)
        return self._variables.coerce(raw)

    def program(self, variables: Mapping[str, Any]) -> Program | None:
        """The program for the choices that the variables make, or None where graphql-core has to run them."""
        chosen = tuple([variables.get(name) for name in self._choices]) if self._choices else ()
        if chosen in self._programs:
            return self._programs[chosen]
        if len(self._programs) >= VARIANTS or not all(isinstance(choice, bool) for choice in chosen):
            return None
        try:
            program = compile_operation(self._schema, self._inputs, self._document, self._operation, variables)
        except Unsupported:
            program = None
        self._programs[chosen] = program
        return program


def _choices(document: DocumentNode, operation: OperationDefinitionNode) -> tuple[str, ...]:
    """The operation's variables that decide in `@skip` and `@include` what is selected."""
    found = {
        argument.value.name.value
        for directive in nodes_of(DirectiveNode, document)
        for argument in directive.arguments or ()
        if isinstance(argument.value, VariableNode)
    }
    names = (definition.variable.name.value for definition in operation.variable_definitions or ())
    return tuple(name for name in names if name in found)
