"""Compile a validated operation to one Python function.

Each selection set becomes a dict display and each list a comprehension; attributes are read directly, resolvers are
called directly, and everything that does not depend on the request is computed at compile time. Unsupported constructs
raise Unsupported, and graphql-core runs the operation. Generated code never formats errors: it raises, and graphql-core
produces the exact response.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

import graphql
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from execution.codegen import CodeWriter, CompiledOperation, Unsupported, indented
from execution.inputs import InputTypes
from execution.leaf_values import LeafValues
from execution.records import RecordOf
from execution.resolver_calls import ResolverCalls

MAX_FIELDS = 2_000
"""Maximum fields of a compiled operation, counted once per object type that they are compiled for."""

FieldGroup = list[FieldDetails]
"""The field nodes that share a response key."""


def compile_operation(
    types: InputTypes,
    document: graphql.DocumentNode,
    operation: graphql.OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> CompiledOperation:
    """Compile an operation for all variables with the same values in `@skip` and `@include`. Raises Unsupported."""
    try:
        return _Compiler(types, document, operation, variables).compile()
    except Exception as error:
        # Whatever is wrong with the operation, graphql-core reports it.
        raise Unsupported from error


class _Compiler:
    """Compiles one operation."""

    def __init__(
        self,
        types: InputTypes,
        document: graphql.DocumentNode,
        operation: graphql.OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = types.schema
        self._default_resolver = types.config.default_resolver
        self._operation = operation
        self._variables = VariableValues({}, dict(variables))
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, graphql.FragmentDefinitionNode)
        }
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._writer = CodeWriter()
        self._type_check_info = f"Info(context, variables, {self._writer.name('field', ('', self._schema, {}))})"
        self._calls = ResolverCalls(self._writer, types, fragments, self._variables)
        self._leaves = LeafValues(self._writer)
        self._object_completers: dict[tuple[str, tuple[int, ...]], str] = {}
        self._field_count = 0

    def compile(self) -> CompiledOperation:
        """Compile the operation."""
        root = self._schema.get_root_type(self._operation.operation)
        if root is None or self._operation.directives or self._default_resolver is not getattr:
            raise Unsupported
        fields = collect_fields(self._schema, self._fragments, self._variables, root, self._operation).grouped_field_set
        if self._operation.operation is graphql.OperationType.MUTATION:
            return self._writer.build("context, variables, state", self._serial_fields(root, fields))
        if self._operation.operation is graphql.OperationType.SUBSCRIPTION:
            [(key, details)] = fields.items()
            data = f"{{{key!r}: {self._completer(root.fields[details[0].node.name.value], details)}(event, pending)}}"
            return self._writer.build("context, variables, event", [*_assign_resolved("data", data), "return data"])
        data = self._single_async_field(root, fields) or self._object(root, fields, "None")
        return self._writer.build("context, variables", [*_assign_resolved("data", data), "return data"])

    def _single_async_field(self, root: graphql.GraphQLObjectType, fields: dict[str, FieldGroup]) -> str | None:
        """The expression of a root object whose only field is async: it is awaited in place."""
        if len(fields) != 1:
            return None
        [(key, details)] = fields.items()
        definition = root.fields.get(details[0].node.name.value)
        if definition is None or not (field := _strawberry_field(definition)).is_async:
            return None
        call = self._calls.call(definition, field, details, "None")
        return f"{{{key!r}: {self._completer(definition, details)}(await {call}, pending)}}"

    def _serial_fields(self, root: graphql.GraphQLObjectType, fields: dict[str, FieldGroup]) -> list[str]:
        """The statements of a mutation: each root field is completed before the next one runs."""
        lines = ["data = {}"]
        for key, details in fields.items():
            definition = self._definition(root, details)
            if definition is None:
                lines.append(f"data[{key!r}] = state.completed[{key!r}] = {root.name!r}")
                continue
            call = self._calls.call(definition, _strawberry_field(definition), details, "None")
            lines += [
                f"value = await state.resolve({key!r}, lambda: {call})",
                *_assign_resolved(f"data[{key!r}]", f"{self._completer(definition, details)}(value, pending)"),
                f"state.completed[{key!r}] = data[{key!r}]",
            ]
        return [*lines, "return data"]

    def _definition(self, parent: graphql.GraphQLObjectType, details: FieldGroup) -> graphql.GraphQLField | None:
        """The definition of a field, or None for `__typename`."""
        self._field_count += 1
        if self._field_count > MAX_FIELDS:
            raise Unsupported
        name = details[0].node.name.value
        return None if name == "__typename" else parent.fields[name]

    def _object(self, type_: graphql.GraphQLObjectType, fields: dict[str, FieldGroup], source: str) -> str:
        """The expression of an object: a dict display."""
        items, may_defer = [], False
        for key, details in fields.items():
            definition = self._definition(type_, details)
            if definition is None:
                items.append(f"{key!r}: {type_.name!r}")
                continue
            field = _strawberry_field(definition)
            if field.is_basic_field:
                value = self._complete(definition.type, details, f"{source}.{field.python_name}")
            else:
                value = self._resolve(key, definition, field, details, source)
                may_defer = may_defer or field.is_async or not _is_leaf(definition.type)
            items.append(f"{key!r}: {value}")
        display = "{\n" + "".join(f"    {indented(item)},\n" for item in items) + "}"
        return f"attach(pending, len(pending), {display})" if may_defer else display

    def _resolve(
        self, key: str, definition: graphql.GraphQLField, field: StrawberryField, details: FieldGroup, source: str
    ) -> str:
        """The expression of a field with a resolver: its completed value, or None if it is deferred."""
        call = self._calls.call(definition, field, details, source)
        if field.is_async:
            return f"defer(pending, {key!r}, {call}, {self._completer(definition, details)})"
        if _is_leaf(definition.type):
            return self._complete(definition.type, details, call)
        value, completer = self._writer.name("v"), self._completer(definition, details)
        completed = f"{completer}({value}, pending) if ({value} := {call}).__class__ in synchronous_classes"
        return f"({completed} else complete_maybe_async(pending, {key!r}, {value}, {completer}))"

    def _completer(self, definition: graphql.GraphQLField, details: FieldGroup) -> str:
        """The name of the function that completes the values of a field."""
        name = self._writer.name("complete")
        return self._writer.define_completer(name, self._complete(definition.type, details, "value"))

    def _complete(self, type_: Any, details: FieldGroup, value: str) -> str:
        """The expression of a completed value."""
        nullable = graphql.is_nullable_type(type_)
        type_ = graphql.get_nullable_type(type_)
        if graphql.is_leaf_type(type_):
            return self._leaves.complete(type_, value, nullable=nullable)
        variable = self._writer.name("v")
        if graphql.is_list_type(type_):
            item = self._writer.name("item")
            completed = f"[{self._complete(type_.of_type, details, item)} for {item} in list_items({variable})]"
        elif graphql.is_abstract_type(type_):
            completed = self._complete_abstract(type_, details, variable)
        else:
            completed = self._complete_object(type_, details, variable)
        return f"({'None' if nullable else 'fail()'} if ({variable} := {value}) is None else {completed})"

    def _complete_object(self, type_: graphql.GraphQLObjectType, details: FieldGroup, value: str) -> str:
        """The expression of an object after the check of its type."""
        fields = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, type_, details
        ).grouped_field_set
        completed, is_type_of = self._object(type_, fields, value), type_.is_type_of
        if is_type_of is None:
            return f"{completed} if is_synchronous({value}) else fail({value})"
        if iscoroutinefunction(is_type_of):
            raise Unsupported
        check = f"{self._writer.name('is_type_of', is_type_of)}({value}, {self._type_check_info}) is True"
        if isinstance(is_type_of, RecordOf):
            classes = self._writer.name("classes", frozenset(is_type_of.records))
            check = f"{value}.__class__ in {classes} or {check}"
        return f"{completed} if {check} else fail({value})"

    def _complete_abstract(self, type_: graphql.GraphQLAbstractType, details: FieldGroup, value: str) -> str:
        """The expression of a value of an interface or a union."""
        completers = ", ".join(
            f"{possible.name!r}: {self._object_completer(possible, details)}"
            for possible in self._schema.get_possible_types(type_)
        )
        table = self._writer.hoist("completers", f"{{{completers}}}")
        resolve_type = self._writer.name("resolve_type", type_.resolve_type or graphql.default_type_resolver)
        type_name = f"{resolve_type}({value}, {self._calls.info(details)}, {self._writer.name('type', type_)})"
        return f"complete_abstract({type_name}, {table}, {value}, pending)"

    def _object_completer(self, type_: graphql.GraphQLObjectType, details: FieldGroup) -> str:
        """The name of the function that completes a value as one possible type of an abstract type."""
        key = (type_.name, tuple(id(detail.node) for detail in details))
        if key not in self._object_completers:
            name = self._object_completers[key] = self._writer.name("complete")
            self._writer.define_completer(name, self._complete_object(type_, details, "value"))
        return self._object_completers[key]


def _assign_resolved(target: str, expression: str) -> list[str]:
    """The statements that assign a value and resolve its deferred fields."""
    return [
        "pending = []",
        "try:",
        f"    {target} = {indented(expression)}",
        "except BaseException:",
        "    discard(pending)",
        "    raise",
        "if pending:",
        "    await resolve_pending(pending)",
    ]


def _is_leaf(type_: Any) -> bool:
    return graphql.is_leaf_type(graphql.get_nullable_type(type_))


def _strawberry_field(definition: graphql.GraphQLField) -> StrawberryField:
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField):
        raise Unsupported
    return field
