"""The compiler: a validated operation becomes one Python function.

Every selection set becomes one dict display, every list a comprehension; attributes are read straight off the objects,
resolvers are called directly, and what is the same in every request is folded in. What is not covered raises
Unsupported while compiling, and graphql-core runs the operation. Generated code never words an error: whatever goes
wrong raises, and graphql-core is asked for the exact answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

import graphql
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from execution.calls import Calls
from execution.codegen import CodeWriter, Program, Unsupported, indented
from execution.inputs import Inputs
from execution.leaves import Leaves
from execution.records import RecordOf

MAX_FIELDS = 2_000
"""How many fields an operation has at most, each counted once for every type that it may be resolved on."""


def compile_operation(
    inputs: Inputs,
    document: graphql.DocumentNode,
    operation: graphql.OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Program:
    """The program of an operation, for all variables that make the same choices in `@skip` and `@include`.

    Raises Unsupported.
    """
    try:
        return _Compiler(inputs, document, operation, variables).program()
    except Exception as error:
        # Whatever is wrong with the operation, graphql-core words it.
        raise Unsupported from error


class _Compiler:
    """One operation on its way to Python."""

    def __init__(
        self,
        inputs: Inputs,
        document: graphql.DocumentNode,
        operation: graphql.OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = inputs.schema
        self._default_resolver = inputs.config.default_resolver
        self._operation = operation
        self._variables = VariableValues({}, dict(variables))
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, graphql.FragmentDefinitionNode)
        }
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._draft = CodeWriter()
        self._info_of_none = f"Info(context, variables, {self._draft.name('facts', ('', self._schema, {}))})"
        self._calls = Calls(self._draft, inputs, fragments, self._variables)
        self._leaves = Leaves(self._draft)
        self._possible: dict[tuple[str, tuple[int, ...]], str] = {}
        self._fields = 0

    def program(self) -> Program:
        """The operation's program."""
        root = self._schema.get_root_type(self._operation.operation)
        if root is None or self._operation.directives or self._default_resolver is not getattr:
            raise Unsupported
        fields = collect_fields(self._schema, self._fragments, self._variables, root, self._operation).grouped_field_set
        if self._operation.operation is graphql.OperationType.MUTATION:
            return self._draft.program("context, variables, progress", self._steps(root, fields))
        data = self._alone(root, fields) or self._object(root, fields, "None")
        return self._draft.program("context, variables", [*_settled("data", data), "return data"])

    def _alone(self, root: graphql.GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> str | None:
        """The expression of a root that has one field, which has an async resolver: it is awaited where it stands."""
        if len(fields) != 1:
            return None
        [(key, details)] = fields.items()
        definition = root.fields.get(details[0].node.name.value)
        if definition is None or not (field := _strawberry_field(definition)).is_async:
            return None
        call = self._calls.expression(definition, field, details, "None")
        return f"{{{key!r}: {self._completion(definition, details)}(await {call}, pending)}}"

    def _steps(self, root: graphql.GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> list[str]:
        """A mutation: one field after the other, each completed before the next begins."""
        lines = ["data = {}"]
        for key, details in fields.items():
            definition = self._definition(root, details)
            if definition is None:
                lines.append(f"data[{key!r}] = progress.settled[{key!r}] = {root.name!r}")
                continue
            call = self._calls.expression(definition, _strawberry_field(definition), details, "None")
            lines += [
                f"value = await progress.resolve({key!r}, lambda: {call})",
                *_settled(f"data[{key!r}]", f"{self._completion(definition, details)}(value, pending)"),
                f"progress.settled[{key!r}] = data[{key!r}]",
            ]
        return [*lines, "return data"]

    def _definition(
        self, parent: graphql.GraphQLObjectType, details: list[FieldDetails]
    ) -> graphql.GraphQLField | None:
        """The field's definition, or None for `__typename`."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Unsupported
        name = details[0].node.name.value
        return None if name == "__typename" else parent.fields[name]

    def _object(self, type_: graphql.GraphQLObjectType, fields: dict[str, list[FieldDetails]], source: str) -> str:
        """The expression of an object: a dict display."""
        items, waits = [], False
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
                waits = waits or field.is_async or not _is_leaf(definition.type)
            items.append(f"{key!r}: {value}")
        display = "{\n" + "".join(f"    {indented(item)},\n" for item in items) + "}"
        return f"own(pending, len(pending), {display})" if waits else display

    def _resolve(
        self,
        key: str,
        definition: graphql.GraphQLField,
        field: StrawberryField,
        details: list[FieldDetails],
        source: str,
    ) -> str:
        """The expression of a field that has a resolver: called at once, completed at once or later."""
        call = self._calls.expression(definition, field, details, source)
        if field.is_async:
            return f"wait(pending, {key!r}, {call}, {self._completion(definition, details)})"
        if _is_leaf(definition.type):
            return self._complete(definition.type, details, call)
        held, complete = self._draft.name("v"), self._completion(definition, details)
        there = f"{complete}({held}, pending) if ({held} := {call}).__class__ in known"
        return f"({there} else late(pending, {key!r}, {held}, {complete}))"

    def _completion(self, definition: graphql.GraphQLField, details: list[FieldDetails]) -> str:
        """The function that completes the values of a field."""
        name = self._draft.name("complete")
        return self._draft.define(name, self._complete(definition.type, details, "value"))

    def _complete(self, type_: Any, details: list[FieldDetails], value: str) -> str:
        """The expression of a completed value."""
        nullable = graphql.is_nullable_type(type_)
        type_ = graphql.get_nullable_type(type_)
        if graphql.is_leaf_type(type_):
            return self._leaves.expression(type_, value, nullable=nullable)
        held = self._draft.name("v")
        if graphql.is_list_type(type_):
            item = self._draft.name("item")
            made = f"[{self._complete(type_.of_type, details, item)} for {item} in rows({held})]"
        elif graphql.is_abstract_type(type_):
            made = self._choice(type_, details, held)
        else:
            made = self._checked(type_, details, held)
        return f"({'None' if nullable else 'null()'} if ({held} := {value}) is None else {made})"

    def _checked(self, type_: graphql.GraphQLObjectType, details: list[FieldDetails], value: str) -> str:
        """The expression of an object, after it was found to be one of its type."""
        fields = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, type_, details
        ).grouped_field_set
        made, check = self._object(type_, fields, value), type_.is_type_of
        if check is None:
            return f"{made} if immediate({value}) else wrong({value})"
        if iscoroutinefunction(check):
            raise Unsupported
        test = f"{self._draft.name('is_type_of', check)}({value}, {self._info_of_none}) is True"
        if isinstance(check, RecordOf):
            test = f"{value}.__class__ in {self._draft.name('records', frozenset(check.records))} or {test}"
        return f"{made} if {test} else wrong({value})"

    def _choice(self, type_: graphql.GraphQLAbstractType, details: list[FieldDetails], value: str) -> str:
        """The expression of a value whose type is found out when it is there."""
        completions = ", ".join(
            f"{possible.name!r}: {self._completion_as(possible, details)}"
            for possible in self._schema.get_possible_types(type_)
        )
        table = self._draft.once("completions", f"{{{completions}}}")
        resolve = self._draft.name("resolve_type", type_.resolve_type or graphql.default_type_resolver)
        call = f"{resolve}({value}, {self._calls.info(details)}, {self._draft.name('type', type_)})"
        return f"chosen({call}, {table}, {value}, pending)"

    def _completion_as(self, type_: graphql.GraphQLObjectType, details: list[FieldDetails]) -> str:
        """The function that completes a value as one of the types that it may have."""
        key = (type_.name, tuple(id(detail.node) for detail in details))
        if key not in self._possible:
            name = self._possible[key] = self._draft.name("complete")
            self._draft.define(name, self._checked(type_, details, "value"))
        return self._possible[key]


def _settled(target: str, expression: str) -> list[str]:
    """The lines that work out a value and await all that is pending in it."""
    return [
        "pending = []",
        "try:",
        f"    {target} = {indented(expression)}",
        "except BaseException:",
        "    drop(pending)",
        "    raise",
        "if pending:",
        "    await settle(pending)",
    ]


def _is_leaf(type_: Any) -> bool:
    return graphql.is_leaf_type(graphql.get_nullable_type(type_))


def _strawberry_field(definition: graphql.GraphQLField) -> StrawberryField:
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField):
        raise Unsupported
    return field
