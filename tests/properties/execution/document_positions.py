"""Where a document can be changed: its selections and its values, each with its type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    REMOVE,
    SKIP,
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInputType,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableNode,
    Visitor,
    visit,
)


@dataclass(frozen=True)
class Value:
    """The value of an argument or of an input object's field; `place` is `Type.field(argument)` for an argument."""

    node: ValueNode
    type: GraphQLInputType
    name: str
    place: str
    has_default: bool

    @property
    def is_variable(self) -> bool:
        return isinstance(self.node, VariableNode)


@dataclass
class Sites:
    """What a document holds of each kind; what the schema does not know is left out."""

    sets: list[tuple[SelectionSetNode, GraphQLCompositeType]] = field(default_factory=list)
    fields: list[tuple[FieldNode, str, GraphQLField]] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


def sites(schema: GraphQLSchema, node: Node, *, root: GraphQLCompositeType | None = None) -> Sites:
    """The sites of a document, or of a selection on the type `root`."""
    info, found = TypeInfo(schema, root), Sites()
    visit(node, TypeInfoVisitor(info, _Finder(info, found)))
    return found


class _Finder(Visitor):
    def __init__(self, info: TypeInfo, found: Sites) -> None:
        super().__init__()
        self._info = info
        self._found = found

    def enter_variable_definition(self, *_: object) -> Any:
        return SKIP

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        if parent is not None and not parent.name.startswith("__"):
            self._found.sets.append((node, parent))

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, definition = self._info.get_parent_type(), self._info.get_field_def()
        if parent is not None and definition is not None and not parent.name.startswith("__"):
            self._found.fields.append((node, parent.name, definition))

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        argument, parent, field_name = self._info.get_argument(), self._info.get_parent_type(), self._field_name()
        if argument is not None and parent is not None and self._info.get_directive() is None:
            place = f"{parent.name}.{field_name}({node.name.value})"
            has_default = argument.default_value is not None
            self._found.values.append(Value(node.value, argument.type, node.name.value, place, has_default))

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        type_ = self._info.get_input_type()
        if type_ is not None:
            self._found.values.append(Value(node.value, type_, node.name.value, "", has_default=False))

    def _field_name(self) -> str:
        parent: Any = self._info.get_parent_type()
        definition = self._info.get_field_def()
        return next((name for name, known in getattr(parent, "fields", {}).items() if known is definition), "")


def replaced(document: DocumentNode, old: Node, new: Node | None) -> DocumentNode:
    """The document with another node in the place of one, or without it."""

    class Replacement(Visitor):
        """Finds the node by its identity."""

        def enter(self, node: Node, *_: object) -> Any:
            return None if node is not old else REMOVE if new is None else new

    changed: DocumentNode = visit(document, Replacement())
    return changed


def tidied(document: DocumentNode) -> DocumentNode:
    """The document without the variables and the fragments that nothing uses: left in, it would not be valid."""
    while True:
        spread, used = _used(document)
        kept: list[DefinitionNode] = []
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                definitions = tuple(d for d in node.variable_definitions or () if d.variable.name.value in used)
                kept.append(replace(node, variable_definitions=definitions))
            elif not isinstance(node, FragmentDefinitionNode) or node.name.value in spread:
                kept.append(node)
        if len(kept) == len(document.definitions):
            return replace(document, definitions=tuple(kept))
        document = replace(document, definitions=tuple(kept))


def _used(document: DocumentNode) -> tuple[set[str], set[str]]:
    fragments: set[str] = set()
    variables: set[str] = set()

    class Uses(Visitor):
        """Collects what is referred to."""

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            fragments.add(node.name.value)

        def enter_variable_definition(self, *_: object) -> Any:
            return SKIP

        def enter_variable(self, node: VariableNode, *_: object) -> None:
            variables.add(node.name.value)

    visit(document, Uses())
    return fragments, variables
