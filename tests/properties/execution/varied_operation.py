"""An operation that is being varied, and what is drawn to be added to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    parse_type,
)

from tests.properties.execution.corpus import operation_of
from tests.properties.execution.document_positions import Sites, replaced, sites
from tests.properties.execution.values import ValueGenerator, literal


@dataclass(frozen=True)
class Draft:
    """An operation that is being varied."""

    schema: GraphQLSchema
    generator: ValueGenerator
    document: DocumentNode
    operation_name: str | None
    variables: Mapping[str, Any]

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation that is meant."""
        return operation_of(self.document, self.operation_name)

    @property
    def sites(self) -> Sites:
        """Where it can be changed: not in fragments that other operations may share."""
        shared = sum(isinstance(node, OperationDefinitionNode) for node in self.document.definitions) > 1
        return sites(self.schema, self.operation if shared else self.document)

    def put(self, old: Any, new: Any) -> Draft:
        """The draft with another node in the place of one."""
        return replace(self, document=replaced(self.document, old, new))

    def declare(
        self, type_: str, value: Any, *, default: Any = None, absent: bool = False
    ) -> tuple[Draft, VariableNode]:
        """The draft with one more variable, and the variable."""
        known = {definition.variable.name.value for definition in self.operation.variable_definitions or ()}
        name = next(name for n in range(1, 1000) if (name := f"v{n}") not in known)
        variable = VariableNode(name=NameNode(value=name))
        definition = VariableDefinitionNode(
            variable=variable, type=parse_type(type_), default_value=default, directives=()
        )
        operation = replace(
            self.operation, variable_definitions=(*(self.operation.variable_definitions or ()), definition)
        )
        variables = self.variables if absent else {**self.variables, name: value}
        return replace(self.put(self.operation, operation), variables=variables), variable


Variation = Callable[[Draft, Random], Draft | None]
"""Another way to send an operation, or an operation that is a little different; None where it does not apply."""


def drawn_argument(draft: Draft, rng: Random, parent: str, field: str, name: str, type_: Any) -> ArgumentNode:
    value = draft.generator.value(rng, name, type_, place=f"{parent}.{field}({name})")
    return ArgumentNode(name=NameNode(value=name), value=literal(value, type_))


def drawn_field(draft: Draft, rng: Random, parent: Any, name: str, *, depth: int) -> FieldNode:
    definition = parent.fields[name]
    arguments = tuple(
        drawn_argument(draft, rng, parent.name, name, argument, known.type)
        for argument, known in definition.args.items()
        if is_required_argument(known) or not rng.randrange(3)
    )
    target = get_named_type(definition.type)
    inside = None
    if is_composite_type(target):
        inside = SelectionSetNode(selections=_drawn_selections(draft, rng, target, depth=depth - 1))
    alias_ = NameNode(value=f"a{rng.randrange(1000)}") if definition.args and rng.randrange(12) else None
    return FieldNode(name=NameNode(value=name), alias=alias_, arguments=arguments, directives=(), selection_set=inside)


def _drawn_selections(draft: Draft, rng: Random, type_: Any, *, depth: int) -> tuple[SelectionNode, ...]:
    asked = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return (asked,)
    leaves = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
    others = [name for name in type_.fields if name not in leaves] if depth > 0 else []
    names = rng.sample(leaves, min(len(leaves), rng.randrange(3)))
    names += rng.sample(others, min(len(others), rng.choice((1, 1, 2))))
    return tuple(drawn_field(draft, rng, type_, name, depth=depth) for name in names) or (asked,)
