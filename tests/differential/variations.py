"""Other ways to send an operation, and operations that are a little different: the fuzzing of the corpus.

Each variation takes a draft and the dice, and gives a new draft, or None where it does not apply. Most keep the
operation valid; what they make of its meaning does not matter, since both roads get the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    parse,
    parse_type,
    print_ast,
    type_from_ast,
    value_from_ast_untyped,
)

from tests.differential.corpus import Operation, operation_of
from tests.differential.sites import Sites, replaced, sites, tidied
from tests.differential.vocabulary import Words, literal

ALIASES = ("first", "other", "id", "name", "a", "b", "nodes", "__a", "data")
"""Some of them are names of fields, so that a few operations contradict themselves."""


@dataclass(frozen=True)
class Draft:
    """An operation that is being varied."""

    schema: GraphQLSchema
    words: Words
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


def varied(
    operation: Operation,
    schema: GraphQLSchema,
    words: Words,
    dice: Random,
    *,
    times: int,
    among: Sequence[Variation] | None = None,
) -> Operation:
    """The operation after so many variations."""
    draft = Draft(schema, words, parse(operation.query), operation.operation_name, operation.variables or {})
    for _ in range(times):
        draft = dice.choice(among or VARIATIONS)(draft, dice) or draft
        # Read again, for a variation may have put one node at two places, and the next one means only one of them.
        draft = replace(draft, document=parse(print_ast(draft.document)))
    document = draft.document if not dice.randrange(20) else tidied(draft.document)
    return Operation(operation.name, print_ast(document), dict(draft.variables), operation.operation_name)


def alias(draft: Draft, dice: Random) -> Draft | None:
    """Another alias for a field."""
    node, _, _ = dice.choice(draft.sites.fields)
    name = dice.choice(ALIASES) if not dice.randrange(8) else f"a{dice.randrange(1000)}"
    return draft.put(node, replace(node, alias=NameNode(value=name)))


def inline_fragment(draft: Draft, dice: Random) -> Draft | None:
    """Some neighbouring selections inside an inline fragment."""
    node, type_ = dice.choice(draft.sites.sets)
    before, some, after = _cut(node, dice)
    condition = dice.choice((*_conditions(draft, type_, some), None))
    wrapped = InlineFragmentNode(
        type_condition=None if condition is None else _named(condition),
        directives=(),
        selection_set=SelectionSetNode(selections=some),
    )
    return draft.put(node, SelectionSetNode(selections=(*before, wrapped, *after)))


def named_fragment(draft: Draft, dice: Random) -> Draft | None:
    """Some neighbouring selections inside a fragment of their own, spread once or twice."""
    node, type_ = dice.choice(draft.sites.sets)
    before, some, after = _cut(node, dice)
    name = f"F{len(draft.document.definitions)}"
    condition = dice.choice(_conditions(draft, type_, some))
    definition = FragmentDefinitionNode(
        name=NameNode(value=name),
        variable_definitions=(),
        type_condition=_named(condition),
        directives=(),
        selection_set=SelectionSetNode(selections=some),
    )
    spread = FragmentSpreadNode(name=NameNode(value=name), directives=(), arguments=())
    again = (spread,) if not dice.randrange(4) else ()
    changed = draft.put(node, SelectionSetNode(selections=(*again, *before, spread, *after)))
    document = replace(changed.document, definitions=(*changed.document.definitions, definition))
    return replace(changed, document=document)


def repeat(draft: Draft, dice: Random) -> Draft | None:
    """A selection twice, the second time perhaps with less inside: the two are merged."""
    node, _ = dice.choice(draft.sites.sets)
    selection = dice.choice(node.selections)
    if isinstance(selection, FieldNode) and selection.selection_set and dice.randrange(2):
        kept = _some(selection.selection_set.selections, dice)
        selection = replace(selection, selection_set=SelectionSetNode(selections=kept))
    place = dice.randrange(len(node.selections) + 1)
    selections = (*node.selections[:place], selection, *node.selections[place:])
    return draft.put(node, SelectionSetNode(selections=selections))


def condition(draft: Draft, dice: Random) -> Draft | None:
    """A `@skip` or an `@include`, with a literal or a variable that is given, left to its default, or wrong."""
    node, _ = dice.choice(draft.sites.sets)
    selection: Any = dice.choice(node.selections)
    chosen: ValueNode = BooleanValueNode(value=bool(dice.randrange(2)))
    if dice.randrange(4):
        type_, default = dice.choice((("Boolean!", None), ("Boolean!", chosen), ("Boolean", chosen)))
        value = dice.choice((True, False, True, False, True, False, None))
        absent = default is not None and not dice.randrange(3)
        declared, chosen = draft.declare(type_, value, default=default, absent=absent)
    else:
        declared = draft
    argument = ArgumentNode(name=NameNode(value="if"), value=chosen)
    name = NameNode(value=dice.choice(("include", "skip")))
    directive = DirectiveNode(name=name, arguments=(argument,))
    return declared.put(selection, replace(selection, directives=(*(selection.directives or ()), directive)))


def to_variable(draft: Draft, dice: Random) -> Draft | None:
    """A literal as a variable: given, left to a default, or left out."""
    literals = [value for value in draft.sites.values if not value.is_variable and not _has_variables(value.node)]
    if not literals:
        return None
    site = dice.choice(literals)
    nullable = site.type.of_type if isinstance(site.type, GraphQLNonNull) else site.type
    default = None if dice.randrange(3) or isinstance(site.node, NullValueNode) else deepcopy(site.node)
    type_ = str(site.type if dice.randrange(2) else nullable) if default is None else str(nullable)
    if default is None and site.has_default:
        type_ = str(nullable)
    absent = default is not None and bool(dice.randrange(2))
    value = value_from_ast_untyped(site.node)
    declared, variable = draft.declare(type_, value, default=default, absent=absent)
    return declared.put(site.node, variable)


def other_variable(draft: Draft, dice: Random) -> Draft | None:
    """Another value for a variable, or none."""
    definitions = draft.operation.variable_definitions
    if not definitions:
        return None
    definition = dice.choice(definitions)
    name = definition.variable.name.value
    type_: Any = type_from_ast(draft.schema, definition.type)
    if type_ is None:
        return None
    variables = dict(draft.variables)
    if not dice.randrange(5):
        variables.pop(name, None)
    else:
        variables[name] = draft.words.value(dice, name, type_, place=_used_at(draft, name))
    return replace(draft, variables=variables)


def default(draft: Draft, dice: Random) -> Draft | None:
    """A default for a variable that is then left out, or no default any more."""
    definitions = draft.operation.variable_definitions
    if not definitions:
        return None
    definition = dice.choice(definitions)
    name = definition.variable.name.value
    type_: Any = type_from_ast(draft.schema, definition.type)
    if type_ is None:
        return None
    variables = dict(draft.variables)
    if definition.default_value is not None:
        return draft.put(definition, replace(definition, default_value=None))
    value = variables.pop(name, None)
    if value is None:
        value = draft.words.value(dice, name, type_, place=_used_at(draft, name))
    changed = draft.put(definition, replace(definition, default_value=literal(value, type_)))
    return replace(changed, variables=variables)


def other_literal(draft: Draft, dice: Random) -> Draft | None:
    """Another literal where one stands."""
    literals = [value for value in draft.sites.values if not value.is_variable]
    if not literals:
        return None
    site = dice.choice(literals)
    value = draft.words.value(dice, site.name, site.type, place=site.place)
    return draft.put(site.node, literal(value, site.type))


def one_more_argument(draft: Draft, dice: Random) -> Draft | None:
    """An argument that was left out."""
    open_fields = [
        (node, parent, definition)
        for node, parent, definition in draft.sites.fields
        if set(definition.args) - {argument.name.value for argument in node.arguments or ()}
    ]
    if not open_fields:
        return None
    node, parent, definition = dice.choice(open_fields)
    given = {argument.name.value for argument in node.arguments or ()}
    name = dice.choice([name for name in definition.args if name not in given])
    argument = _argument(draft, dice, parent, node.name.value, name, definition.args[name].type)
    return draft.put(node, replace(node, arguments=(*(node.arguments or ()), argument)))


def one_argument_less(draft: Draft, dice: Random) -> Draft | None:
    """An argument that is not needed left out."""
    given = [
        (node, argument)
        for node, _, definition in draft.sites.fields
        for argument in node.arguments or ()
        if (known := definition.args.get(argument.name.value)) is None or not is_required_argument(known)
    ]
    if not given:
        return None
    node, argument = dice.choice(given)
    return draft.put(node, replace(node, arguments=tuple(a for a in node.arguments or () if a is not argument)))


def reorder(draft: Draft, dice: Random) -> Draft | None:
    """The selections in another order."""
    node, _ = dice.choice(draft.sites.sets)
    selections = list(node.selections)
    dice.shuffle(selections)
    return draft.put(node, SelectionSetNode(selections=tuple(selections)))


def drop(draft: Draft, dice: Random) -> Draft | None:
    """A selection less."""
    wide = [node for node, _ in draft.sites.sets if len(node.selections) > 1]
    if not wide:
        return None
    node = dice.choice(wide)
    dropped = dice.randrange(len(node.selections))
    return draft.put(node, SelectionSetNode(selections=node.selections[:dropped] + node.selections[dropped + 1 :]))


def type_name(draft: Draft, dice: Random) -> Draft | None:
    """`__typename` somewhere, under its own name or another one."""
    node, _ = dice.choice(draft.sites.sets)
    named = NameNode(value=f"__is{dice.randrange(9)}") if not dice.randrange(3) else None
    asked = FieldNode(name=NameNode(value="__typename"), alias=named, arguments=(), directives=())
    place = dice.randrange(len(node.selections) + 1)
    return draft.put(node, SelectionSetNode(selections=(*node.selections[:place], asked, *node.selections[place:])))


def one_more_field(draft: Draft, dice: Random) -> Draft | None:
    """A field that was not asked for, with something inside it."""
    node, type_ = dice.choice(draft.sites.sets)
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return None
    name = dice.choice(list(type_.fields))
    added = _field(draft, dice, type_, name, depth=dice.choice((1, 2, 3)))
    return draft.put(node, SelectionSetNode(selections=(*node.selections, added)))


VARIATIONS: tuple[Variation, ...] = (
    alias,
    inline_fragment,
    named_fragment,
    repeat,
    condition,
    to_variable,
    to_variable,
    other_variable,
    default,
    other_literal,
    one_more_argument,
    one_argument_less,
    reorder,
    drop,
    type_name,
    one_more_field,
    one_more_field,
)

GROWING: tuple[Variation, ...] = (*[one_more_field] * len(VARIATIONS), *VARIATIONS)
"""For an operation that asks for nothing yet."""


def _cut(node: SelectionSetNode, dice: Random) -> tuple[tuple[SelectionNode, ...], ...]:
    first = dice.randrange(len(node.selections))
    last = dice.randrange(first, len(node.selections)) + 1
    return node.selections[:first], node.selections[first:last], node.selections[last:]


def _some(selections: tuple[SelectionNode, ...], dice: Random) -> tuple[SelectionNode, ...]:
    return tuple(dice.sample(selections, dice.randrange(len(selections)) + 1))


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


def _argument(draft: Draft, dice: Random, parent: str, field: str, name: str, type_: Any) -> ArgumentNode:
    value = draft.words.value(dice, name, type_, place=f"{parent}.{field}({name})")
    return ArgumentNode(name=NameNode(value=name), value=literal(value, type_))


def _field(draft: Draft, dice: Random, parent: Any, name: str, *, depth: int) -> FieldNode:
    definition = parent.fields[name]
    arguments = tuple(
        _argument(draft, dice, parent.name, name, argument, known.type)
        for argument, known in definition.args.items()
        if is_required_argument(known) or not dice.randrange(3)
    )
    target = get_named_type(definition.type)
    inside = None
    if is_composite_type(target):
        inside = SelectionSetNode(selections=_selections(draft, dice, target, depth=depth - 1))
    alias_ = NameNode(value=f"a{dice.randrange(1000)}") if definition.args and dice.randrange(12) else None
    return FieldNode(name=NameNode(value=name), alias=alias_, arguments=arguments, directives=(), selection_set=inside)


def _selections(draft: Draft, dice: Random, type_: Any, *, depth: int) -> tuple[SelectionNode, ...]:
    asked = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return (asked,)
    leaves = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
    others = [name for name in type_.fields if name not in leaves] if depth > 0 else []
    names = dice.sample(leaves, min(len(leaves), dice.randrange(3)))
    names += dice.sample(others, min(len(others), dice.choice((1, 1, 2))))
    return tuple(_field(draft, dice, type_, name, depth=depth) for name in names) or (asked,)


def _has_variables(node: ValueNode) -> bool:
    return "$" in print_ast(node)


def _used_at(draft: Draft, name: str) -> str:
    """Where a variable is used as the whole value of an argument."""
    for site in draft.sites.values:
        if isinstance(site.node, VariableNode) and site.node.name.value == name:
            return site.place
    return ""
