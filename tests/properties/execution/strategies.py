"""Operations generated from the schema by hypothesis-graphql, with arguments that find something."""

from __future__ import annotations

from random import Random
from typing import Any

import hypothesis.strategies as st
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    is_required_argument,
    print_ast,
    visit,
)
from hypothesis_graphql import mutations, nodes, queries

from tests.properties.execution.corpus import Operation
from tests.properties.execution.inventory_values import InventoryValueGenerator
from tests.properties.execution.values import literal

_TEXTS = st.text(max_size=5).map(nodes.String)
_SCALARS = {
    "String": _TEXTS,
    "ID": _TEXTS,
    "E164": st.from_regex(r"\+?[0-9 ]{1,16}", fullmatch=True).map(nodes.String),
    "DateTime": st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")),
    "Date": st.dates().map(nodes.String),
    "Int": st.integers(-2, 12).map(nodes.Int),
    "Long": st.integers(-2, 2**53).map(nodes.Int),
}
"""What stands for a value until the vocabulary has another one, which it has mostly."""


def _same(document: DocumentNode) -> DocumentNode:
    return document


def documents(schema: GraphQLSchema, kind: str) -> st.SearchStrategy[DocumentNode]:
    """Queries or mutations with any fields of the schema, with all of their arguments."""
    made = queries if kind == "query" else mutations
    return made(schema, custom_scalars=_SCALARS, print_ast=_same)


def worded(document: DocumentNode, schema: GraphQLSchema, generator: InventoryValueGenerator, rng: Random) -> Operation:
    """The operation with most arguments from the vocabulary, and some of those that may be left out left out."""
    info = TypeInfo(schema)

    class Arguments(Visitor):
        """Looks at every argument."""

        def enter_argument(self, node: ArgumentNode, _key: object, _parent: object, _path: object, above: Any) -> Any:
            argument, parent = info.get_argument(), info.get_parent_type()
            if argument is None or parent is None:
                return None
            if not is_required_argument(argument) and rng.randrange(2):
                return REMOVE
            if not rng.randrange(8):
                return None
            name = node.name.value
            field = next(node for node in reversed(above) if isinstance(node, FieldNode))
            place = f"{parent.name}.{field.name.value}({name})"
            value = generator.value(rng, name, argument.type, place=place)
            return ArgumentNode(name=node.name, value=literal(value, argument.type))

    changed = visit(document, TypeInfoVisitor(info, Arguments()))
    return Operation("generated", print_ast(changed), {}, None)
