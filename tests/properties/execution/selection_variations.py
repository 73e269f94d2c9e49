"""Selections written in another way, and selections that are a little different."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from tests.properties.execution.varied_operation import Draft, Variation, drawn_field

ALIASES = ("first", "other", "id", "name", "a", "b", "nodes", "__a", "data")
"""Some of them are names of fields, so that a few operations contradict themselves."""


def alias(draft: Draft, rng: Random) -> Draft | None:
    """Another alias for a field, where there is one."""
    if not draft.sites.fields:
        return None
    node, _, _ = rng.choice(draft.sites.fields)
    name = rng.choice(ALIASES) if not rng.randrange(8) else f"a{rng.randrange(1000)}"
    return draft.put(node, replace(node, alias=NameNode(value=name)))


def inline_fragment(draft: Draft, rng: Random) -> Draft | None:
    """Some neighbouring selections inside an inline fragment."""
    node, type_ = rng.choice(draft.sites.sets)
    before, some, after = _cut(node, rng)
    condition = rng.choice((*_conditions(draft, type_, some), None))
    wrapped = InlineFragmentNode(
        type_condition=None if condition is None else _named(condition),
        directives=(),
        selection_set=SelectionSetNode(selections=some),
    )
    return draft.put(node, SelectionSetNode(selections=(*before, wrapped, *after)))


def named_fragment(draft: Draft, rng: Random) -> Draft | None:
    """Some neighbouring selections inside a fragment of their own, spread once or twice."""
    node, type_ = rng.choice(draft.sites.sets)
    before, some, after = _cut(node, rng)
    name = f"F{len(draft.document.definitions)}"
    condition = rng.choice(_conditions(draft, type_, some))
    definition = FragmentDefinitionNode(
        name=NameNode(value=name),
        variable_definitions=(),
        type_condition=_named(condition),
        directives=(),
        selection_set=SelectionSetNode(selections=some),
    )
    spread = FragmentSpreadNode(name=NameNode(value=name), directives=(), arguments=())
    again = (spread,) if not rng.randrange(4) else ()
    changed = draft.put(node, SelectionSetNode(selections=(*again, *before, spread, *after)))
    document = replace(changed.document, definitions=(*changed.document.definitions, definition))
    return replace(changed, document=document)


def repeat(draft: Draft, rng: Random) -> Draft | None:
    """A selection twice, the second time perhaps with less inside: the two are merged."""
    node, _ = rng.choice(draft.sites.sets)
    selection = rng.choice(node.selections)
    if isinstance(selection, FieldNode) and selection.selection_set and rng.randrange(2):
        kept = _some(selection.selection_set.selections, rng)
        selection = replace(selection, selection_set=SelectionSetNode(selections=kept))
    place = rng.randrange(len(node.selections) + 1)
    selections = (*node.selections[:place], selection, *node.selections[place:])
    return draft.put(node, SelectionSetNode(selections=selections))


def condition(draft: Draft, rng: Random) -> Draft | None:
    """A `@skip` or an `@include`, with a literal or a variable that is given, left to its default, or wrong."""
    node, _ = rng.choice(draft.sites.sets)
    selection: Any = rng.choice(node.selections)
    chosen: ValueNode = BooleanValueNode(value=bool(rng.randrange(2)))
    if rng.randrange(4):
        type_, default = rng.choice((("Boolean!", None), ("Boolean!", chosen), ("Boolean", chosen)))
        value = rng.choice((True, False, True, False, True, False, None))
        absent = default is not None and not rng.randrange(3)
        declared, chosen = draft.declare(type_, value, default=default, absent=absent)
    else:
        declared = draft
    argument = ArgumentNode(name=NameNode(value="if"), value=chosen)
    name = NameNode(value=rng.choice(("include", "skip")))
    directive = DirectiveNode(name=name, arguments=(argument,))
    return declared.put(selection, replace(selection, directives=(*(selection.directives or ()), directive)))


def reorder(draft: Draft, rng: Random) -> Draft | None:
    """The selections in another order."""
    node, _ = rng.choice(draft.sites.sets)
    selections = list(node.selections)
    rng.shuffle(selections)
    return draft.put(node, SelectionSetNode(selections=tuple(selections)))


def drop(draft: Draft, rng: Random) -> Draft | None:
    """A selection less."""
    wide = [node for node, _ in draft.sites.sets if len(node.selections) > 1]
    if not wide:
        return None
    node = rng.choice(wide)
    dropped = rng.randrange(len(node.selections))
    return draft.put(node, SelectionSetNode(selections=node.selections[:dropped] + node.selections[dropped + 1 :]))


def type_name(draft: Draft, rng: Random) -> Draft | None:
    """`__typename` somewhere, under its own name or another one."""
    node, _ = rng.choice(draft.sites.sets)
    named = NameNode(value=f"__is{rng.randrange(9)}") if not rng.randrange(3) else None
    asked = FieldNode(name=NameNode(value="__typename"), alias=named, arguments=(), directives=())
    place = rng.randrange(len(node.selections) + 1)
    return draft.put(node, SelectionSetNode(selections=(*node.selections[:place], asked, *node.selections[place:])))


def one_more_field(draft: Draft, rng: Random) -> Draft | None:
    """A field that was not asked for, with something inside it."""
    node, type_ = rng.choice(draft.sites.sets)
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return None
    name = rng.choice(list(type_.fields))
    added = drawn_field(draft, rng, type_, name, depth=rng.choice((1, 2, 3)))
    return draft.put(node, SelectionSetNode(selections=(*node.selections, added)))


SELECTION_VARIATIONS: tuple[Variation, ...] = (
    alias,
    inline_fragment,
    named_fragment,
    repeat,
    condition,
    reorder,
    drop,
    type_name,
    one_more_field,
    one_more_field,
)


def _cut(node: SelectionSetNode, rng: Random) -> tuple[tuple[SelectionNode, ...], ...]:
    first = rng.randrange(len(node.selections))
    last = rng.randrange(first, len(node.selections)) + 1
    return node.selections[:first], node.selections[first:last], node.selections[last:]


def _some(selections: tuple[SelectionNode, ...], rng: Random) -> tuple[SelectionNode, ...]:
    return tuple(rng.sample(selections, rng.randrange(len(selections)) + 1))


def _conditions(draft: Draft, type_: Any, some: tuple[SelectionNode, ...]) -> list[str]:
    """The types that a fragment with these selections may be on."""
    names = [type_.name]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        fields = {node.name.value for node in some if isinstance(node, FieldNode)}
        if all(isinstance(node, FieldNode) for node in some):
            names += [above.name for above in type_.interfaces if fields <= {*above.fields, "__typename"}]
    if isinstance(type_, GraphQLInterfaceType):
        names += [below.name for below in draft.schema.get_possible_types(type_)]
    return names


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))
