"""Prepared operations: a validated document, its cost, and its compiled variants.

An operation is compiled when it runs for the second time (a subscription: for its second event), once for each
combination of `@skip` and `@include` variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import graphql

from execution.arguments import VariableCoercion
from execution.codegen import CompiledOperation, Unsupported
from execution.compiler import compile_operation
from execution.costs import Cost
from execution.declarations import declared
from execution.inputs import InputTypes
from execution.lookahead import SelectedFields
from execution.nodes import nodes_of
from execution.threads import in_thread

MAX_VARIANTS = 8
"""Maximum compiled variants of an operation, one per combination of its `@skip` and `@include` variables."""


class PreparedOperation:
    """The selected operation of a valid document, and its compiled variants."""

    def __init__(
        self,
        types: InputTypes,
        document: graphql.DocumentNode,
        node: graphql.OperationDefinitionNode,
        *,
        cost: Cost,
        length: int,
    ) -> None:
        self.schema = types.schema
        self.document = document
        self.name = node.name.value if node.name else None
        self.type = node.operation
        self.cost = cost
        self.length = length
        """The length of the document, in characters."""
        fields = nodes_of(graphql.FieldNode, document)
        self.is_introspection = any(field.name.value in {"__schema", "__type"} for field in fields)
        self.needs_caller = not any(_public_fields(types.schema, document, node))
        """Whether no root field may be used by an anonymous caller."""
        self._types = types
        self._node = node
        self._run_count = 0
        self._variable_coercion: VariableCoercion | None = None
        self._condition_variables: tuple[str, ...] = ()
        self._variants: dict[tuple[Any, ...], CompiledOperation | None] = {}

    def should_compile(self, after_runs: int | None) -> bool:
        """Count a run, or an event of a subscription; whether to compile it, as there were more than `after_runs`."""
        self._run_count += 1
        return after_runs is not None and self._run_count > after_runs and not self.is_introspection

    def coerce_variables(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the operation's variables, as compiled operations take them. Raises InvalidVariables."""
        if self._variable_coercion is None:
            self._variable_coercion = VariableCoercion(self._types, self._node)
            self._condition_variables = _condition_variables(self.document, self._node)
        return self._variable_coercion.coerce(raw)

    async def compiled_for(self, variables: Mapping[str, Any]) -> CompiledOperation | None:
        """The compiled variant for coerced variables, or None if graphql-core has to run the operation."""
        key = tuple([variables.get(name) for name in self._condition_variables]) if self._condition_variables else ()
        if key in self._variants:
            return self._variants[key]
        if len(self._variants) >= MAX_VARIANTS or not all(isinstance(condition, bool) for condition in key):
            return None
        self._variants[key] = None
        try:
            compiled = self._variants[key] = await in_thread(self._compile, variables)
        except BaseException:
            del self._variants[key]
            raise
        return compiled

    def _compile(self, variables: Mapping[str, Any]) -> CompiledOperation | None:
        try:
            return compile_operation(self._types, self.document, self._node, variables)
        except Unsupported:
            return None


def _public_fields(
    schema: graphql.GraphQLSchema, document: graphql.DocumentNode, node: graphql.OperationDefinitionNode
) -> Iterator[str]:
    """The names of the operation's root fields that anonymous callers may use."""
    root: Any = schema.get_root_type(node.operation)
    definitions = document.definitions
    fragments = {part.name.value: part for part in definitions if isinstance(part, graphql.FragmentDefinitionNode)}
    selected = SelectedFields([node.selection_set], fragments, None)
    for name in selected:
        definition = schema.get_field(root, name)
        if definition is None or name.startswith("__") or declared(definition).public:
            yield name


def _condition_variables(document: graphql.DocumentNode, node: graphql.OperationDefinitionNode) -> tuple[str, ...]:
    """The operation's variables that are arguments of directives."""
    in_directives = {
        argument.value.name.value
        for directive in nodes_of(graphql.DirectiveNode, document)
        for argument in directive.arguments or ()
        if isinstance(argument.value, graphql.VariableNode)
    }
    names = (definition.variable.name.value for definition in node.variable_definitions or ())
    return tuple(name for name in names if name in in_directives)
