"""Values given in another way, and other values: literals, variables, defaults, and arguments that are left out."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from graphql import (
    GraphQLNonNull,
    NullValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_required_argument,
    print_ast,
    type_from_ast,
    value_from_ast_untyped,
)

from tests.properties.execution.values import literal
from tests.properties.execution.varied_operation import Draft, Variation, drawn_argument


def to_variable(draft: Draft, rng: Random) -> Draft | None:
    """A literal as a variable: given, left to a default, or left out."""
    literals = [value for value in draft.sites.values if not value.is_variable and not _has_variables(value.node)]
    if not literals:
        return None
    site = rng.choice(literals)
    nullable = site.type.of_type if isinstance(site.type, GraphQLNonNull) else site.type
    default = None if rng.randrange(3) or isinstance(site.node, NullValueNode) else deepcopy(site.node)
    type_ = str(site.type if rng.randrange(2) else nullable) if default is None else str(nullable)
    if default is None and site.has_default:
        type_ = str(nullable)
    absent = default is not None and bool(rng.randrange(2))
    value = value_from_ast_untyped(site.node)
    declared, variable = draft.declare(type_, value, default=default, absent=absent)
    return declared.put(site.node, variable)


def _declared(draft: Draft, rng: Random) -> tuple[VariableDefinitionNode, str, Any] | None:
    """One of the operation's variables, with its name and type; None where it has none that the schema knows."""
    definitions = draft.operation.variable_definitions
    if not definitions:
        return None
    definition = rng.choice(definitions)
    type_ = type_from_ast(draft.schema, definition.type)
    return None if type_ is None else (definition, definition.variable.name.value, type_)


def other_variable(draft: Draft, rng: Random) -> Draft | None:
    """Another value for a variable, or none."""
    declared = _declared(draft, rng)
    if declared is None:
        return None
    _, name, type_ = declared
    variables = dict(draft.variables)
    if not rng.randrange(5):
        variables.pop(name, None)
    else:
        variables[name] = draft.generator.value(rng, name, type_, place=_used_at(draft, name))
    return replace(draft, variables=variables)


def default(draft: Draft, rng: Random) -> Draft | None:
    """A default for a variable that is then left out, or no default any more."""
    declared = _declared(draft, rng)
    if declared is None:
        return None
    definition, name, type_ = declared
    variables = dict(draft.variables)
    if definition.default_value is not None:
        return draft.put(definition, replace(definition, default_value=None))
    value = variables.pop(name, None)
    if value is None:
        value = draft.generator.value(rng, name, type_, place=_used_at(draft, name))
    changed = draft.put(definition, replace(definition, default_value=literal(value, type_)))
    return replace(changed, variables=variables)


def other_literal(draft: Draft, rng: Random) -> Draft | None:
    """Another literal where one stands."""
    literals = [value for value in draft.sites.values if not value.is_variable]
    if not literals:
        return None
    site = rng.choice(literals)
    value = draft.generator.value(rng, site.name, site.type, place=site.place)
    return draft.put(site.node, literal(value, site.type))


def one_more_argument(draft: Draft, rng: Random) -> Draft | None:
    """An argument that was left out."""
    open_fields = [
        (node, parent, definition)
        for node, parent, definition in draft.sites.fields
        if set(definition.args) - {argument.name.value for argument in node.arguments or ()}
    ]
    if not open_fields:
        return None
    node, parent, definition = rng.choice(open_fields)
    given = {argument.name.value for argument in node.arguments or ()}
    name = rng.choice([name for name in definition.args if name not in given])
    argument = drawn_argument(draft, rng, parent, node.name.value, name, definition.args[name].type)
    return draft.put(node, replace(node, arguments=(*(node.arguments or ()), argument)))


def one_argument_less(draft: Draft, rng: Random) -> Draft | None:
    """An argument that is not needed left out."""
    given = [
        (node, argument)
        for node, _, definition in draft.sites.fields
        for argument in node.arguments or ()
        if (known := definition.args.get(argument.name.value)) is None or not is_required_argument(known)
    ]
    if not given:
        return None
    node, argument = rng.choice(given)
    return draft.put(node, replace(node, arguments=tuple(a for a in node.arguments or () if a is not argument)))


VALUE_VARIATIONS: tuple[Variation, ...] = (
    to_variable,
    to_variable,
    other_variable,
    default,
    other_literal,
    one_more_argument,
    one_argument_less,
)


def _has_variables(node: ValueNode) -> bool:
    return "$" in print_ast(node)


def _used_at(draft: Draft, name: str) -> str:
    """Where a variable is used as the whole value of an argument."""
    for site in draft.sites.values:
        if isinstance(site.node, VariableNode) and site.node.name.value == name:
            return site.place
    return ""
