"""Operations in the manner of what clients really send, with variables.

A folder for each kind of client. A file `NAME.graphql` holds operations and their fragments; `NAME.json` beside it
holds lists of variables by operation, and an operation that it does not name is sent without any. `"{child}"` stands
for the value of that name in the inventory that the operation is run on, in the document and in the variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Visitor,
    get_introspection_query,
    parse,
    print_ast,
    visit,
)

from app.graphiql.examples import examples, ids_query

FOLDER = Path(__file__).parent
PLACEHOLDER = re.compile(r'"\{(\w+)\}"')

_TYPE_NAMES = {"apollo", "urql"}
"""Clients that ask for `__typename` in every selection but the outermost."""

_WHOLE = {"graphiql"}
"""Clients that send the document as it stands, with the name of the operation that is meant."""

_NAMELESS = {"scripts"}
"""Clients whose operations have no name."""

_CONSOLE = {
    "childId": "{child}",
    "reservedNumberId": "{reserved}",
    "seriesId": "{series}",
    "childSeriesId": "{childSeries}",
}
"""What the console's own page fills into the variables of its examples."""


@dataclass(frozen=True)
class Operation:
    """What a client sends."""

    name: str
    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None

    @cached_property
    def is_mutation(self) -> bool:
        """Whether it changes anything."""
        meant = operation_of(parse(self.query), self.operation_name)
        return meant.operation is OperationType.MUTATION

    def filled(self, names: Mapping[str, Any]) -> Operation:
        """The operation with an inventory's values for the placeholders."""
        query = PLACEHOLDER.sub(lambda found: json.dumps(names[found[1]]), self.query)
        return replace(self, query=query, variables=_filled(self.variables, names))


@cache
def operations() -> Sequence[Operation]:
    """The whole corpus, in the order of the files' names."""
    found = [operation for path in sorted(FOLDER.rglob("*.graphql")) for operation in _read(path)]
    return (*found, *_introspection(), *_console())


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of a document that is meant."""
    return next(
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode) and (name is None or (node.name and node.name.value == name))
    )


def _read(path: Path) -> Iterator[Operation]:
    client = path.parent.name
    sets: dict[str, list[dict[str, Any] | None]] = {}
    if path.with_suffix(".json").exists():
        sets = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    document = parse(text)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and definition.name is not None:
            name = definition.name.value
            query = text if client in _WHOLE else print_ast(_sent(client, document, definition))
            for index, variables in enumerate(sets.pop(name, [None]), 1):
                sent_as = None if client in _NAMELESS else name
                yield Operation(f"{client}/{path.stem}/{name}#{index}", query, variables, sent_as)
    assert not sets, f"{path.with_suffix('.json')} has variables for operations that are not there: {list(sets)}"


def _sent(client: str, document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    """The document that the client sends for one operation: with the fragments that it uses, and no others."""
    used = _used(document, operation)
    if client in _NAMELESS:
        operation = OperationDefinitionNode(
            operation=operation.operation,
            variable_definitions=operation.variable_definitions,
            directives=operation.directives,
            selection_set=operation.selection_set,
        )
    definitions = tuple(
        node for node in document.definitions if isinstance(node, FragmentDefinitionNode) and node.name.value in used
    )
    sent = DocumentNode(definitions=(operation, *definitions))
    return visit(sent, _TypeNames()) if client in _TYPE_NAMES else sent


def _used(document: DocumentNode, operation: OperationDefinitionNode) -> set[str]:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    used: set[str] = set()

    class Spreads(Visitor):
        """Follows the fragments."""

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            name = node.name.value
            if name not in used:
                used.add(name)
                visit(fragments[name], Spreads())

    visit(operation, Spreads())
    return used


class _TypeNames(Visitor):
    """Asks for `__typename` at the end of every selection but the operation's own."""

    def leave_selection_set(
        self, node: SelectionSetNode, _key: object, parent: object, *_: object
    ) -> SelectionSetNode | None:
        if isinstance(parent, OperationDefinitionNode):
            return None
        asked = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(*node.selections, asked))


def _introspection() -> Iterator[Operation]:
    for name, options in (
        ("plain", {"descriptions": False}),
        (
            "full",
            {
                "specified_by_url": True,
                "directive_is_repeatable": True,
                "schema_description": True,
                "input_value_deprecation": True,
            },
        ),
    ):
        query = get_introspection_query(**options)
        yield Operation(f"graphiql/introspection/{name}", query, None, "IntrospectionQuery")


def _console() -> Iterator[Operation]:
    yield Operation("graphiql/console/ids", ids_query(), None, None)
    for example in examples():
        variables = json.loads(example.variables) if example.variables else None
        if variables is not None:
            variables |= {name: value for name, value in _CONSOLE.items() if name in variables}
        for definition in parse(example.query).definitions:
            if not isinstance(definition, OperationDefinitionNode) or definition.name is None:
                continue
            # A subscription has no single answer.
            if definition.operation is not OperationType.SUBSCRIPTION:
                name = definition.name.value
                yield Operation(f"graphiql/console/{name}", example.query, variables, name)


def _filled(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        found = PLACEHOLDER.fullmatch(f'"{value}"')
        return names[found[1]] if found else value
    if isinstance(value, Mapping):
        return {key: _filled(item, names) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_filled(item, names) for item in value]
    return value
