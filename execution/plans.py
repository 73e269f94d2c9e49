"""Plans: what is known of an operation that was parsed and found valid, and the programs that it was compiled to.

It is compiled when it is run again, once for every way that its directives choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphql

from execution.arguments import Variables
from execution.codegen import Program, Unsupported
from execution.compiler import compile_operation
from execution.inputs import Inputs
from execution.limits import Cost
from execution.nodes import nodes_of

VARIANTS = 8
"""For how many choices of `@skip` and `@include` an operation is compiled."""


class Plan:
    """A valid document, the operation of it that is meant, and what was compiled of it."""

    def __init__(
        self, inputs: Inputs, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode, cost: Cost
    ) -> None:
        self.schema = inputs.schema
        self.document = document
        self.name = operation.name.value if operation.name else None
        self.kind = operation.operation
        self.cost = cost
        fields = nodes_of(graphql.FieldNode, document)
        self.introspects = any(field.name.value in {"__schema", "__type"} for field in fields)
        self._inputs = inputs
        self._operation = operation
        self._runs = 0
        self._variables: Variables | None = None
        self._choices: tuple[str, ...] = ()
        self._programs: dict[tuple[Any, ...], Program | None] = {}

    def due(self, after: int | None) -> bool:
        """Whether the operation was run so many times before; asked once each time that it is run."""
        self._runs += 1
        compiles = self.kind is not graphql.OperationType.SUBSCRIPTION and not self.introspects
        return after is not None and self._runs > after and compiles

    def read(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the operation's variables, as its programs take them. Raises InvalidVariables."""
        if self._variables is None:
            self._variables = Variables(self._inputs, self._operation)
            self._choices = _choices(self.document, self._operation)
        return self._variables.read(raw)

    def program(self, variables: Mapping[str, Any]) -> Program | None:
        """The program for the choices that the variables make, or None where graphql-core has to run them."""
        chosen = tuple([variables.get(name) for name in self._choices]) if self._choices else ()
        if chosen in self._programs:
            return self._programs[chosen]
        if len(self._programs) >= VARIANTS or not all(isinstance(choice, bool) for choice in chosen):
            return None
        try:
            program = compile_operation(self._inputs, self.document, self._operation, variables)
        except Unsupported:
            program = None
        self._programs[chosen] = program
        return program


def _choices(document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode) -> tuple[str, ...]:
    """The operation's variables that decide in `@skip` and `@include` what is selected."""
    found = {
        argument.value.name.value
        for directive in nodes_of(graphql.DirectiveNode, document)
        for argument in directive.arguments or ()
        if isinstance(argument.value, graphql.VariableNode)
    }
    names = (definition.variable.name.value for definition in operation.variable_definitions or ())
    return tuple(name for name in names if name in found)
