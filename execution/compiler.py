"""The compiler: a validated operation becomes one Python function.

Every selection set becomes one dict display, every list a comprehension; attributes are read straight off the objects,
resolvers are called directly, and what is the same in every request is folded in. What is not covered raises
Unsupported while compiling, and graphql-core runs the operation. Generated code never words an error: whatever goes
wrong raises, and graphql-core is asked for the exact answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    default_type_resolver,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from execution import runtime
from execution.arguments import Arguments
from execution.inputs import Inputs
from execution.lookahead import below
from execution.records import RecordOf

MAX_FIELDS = 2_000
"""How many fields an operation has at most, each counted once for every type that it may be resolved on."""

_EXTENSION = "strawberry-definition"
_CLASSES: dict[GraphQLLeafType, str] = {
    GraphQLString: "str",
    GraphQLID: "str",
    GraphQLBoolean: "bool",
    GraphQLInt: "int",
    GraphQLFloat: "float",
}
"""Scalars whose values of one Python class are written as they are, in the class's range."""

_RANGES = {"int": " and -2147483648 <= {0} <= 2147483647", "float": " and {0} - {0} == 0"}


class Unsupported(Exception):
    """The operation has something that is not compiled."""


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled operation: a function of the context, the variables and, for a mutation, its progress."""

    run: Callable[..., Awaitable[dict[str, Any]]]
    source: str


def compile_operation(
    schema: GraphQLSchema,
    inputs: Inputs,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Program:
    """The program of an operation, for all variables that make the same choices in `@skip` and `@include`.

    Raises Unsupported.
    """
    if operation.directives:
        raise Unsupported
    try:
        return _Compiler(schema, inputs, document, operation, variables).program()
    except Unsupported:
        raise
    except Exception as error:
        # Whatever is wrong with the operation, graphql-core words it.
        raise Unsupported from error


class _Compiler:
    """One operation on its way to Python."""

    def __init__(
        self,
        schema: GraphQLSchema,
        inputs: Inputs,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._inputs = inputs
        if inputs.config.default_resolver is not getattr:
            raise Unsupported
        self._operation = operation
        self._variables = VariableValues({}, dict(variables))
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._details = {name: FragmentDetails(node) for name, node in self._fragments.items()}
        self._names: dict[str, Any] = dict(runtime.HELPERS)
        self._info_of_none = f"Info(context, variables, {self._name('facts', ('', schema, {}))})"
        self._prologue: list[str] = []
        self._functions: list[str] = []
        self._completions: dict[tuple[str, tuple[int, ...]], str] = {}
        self._leaves: dict[tuple[str, bool], str] = {}
        self._fields = 0

    def program(self) -> Program:
        """The operation's program."""
        operation = self._operation
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            raise Unsupported
        collected = collect_fields(self._schema, self._details, self._variables, root, operation)
        serial = operation.operation is OperationType.MUTATION
        body = (
            self._steps(root, collected.grouped_field_set) if serial else self._level(root, collected.grouped_field_set)
        )
        parameters = "context, variables, progress" if serial else "context, variables"
        lines = [
            f"async def run({parameters}):",
            *(f"    {_indented(part)}" for part in (*self._prologue, *self._functions, *body)),
        ]
        source = "\n".join(lines) + "\n"
        exec(compile(source, "<operation>", "exec"), self._names)  # noqa: S102 - generated from a validated document
        return Program(self._names["run"], source)

    def _level(self, root: GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> list[str]:
        """A query: all fields at once; one that is alone is awaited where it stands."""
        data = self._alone(root, fields) or self._object(root, fields, "None")
        return [
            "pending = []",
            "try:",
            f"    data = {_indented(data)}",
            "except BaseException:",
            "    drop(pending)",
            "    raise",
            "if pending:",
            "    await settle(pending)",
            "return data",
        ]

    def _alone(self, root: GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> str | None:
        """The expression of a root that has one field, which has an async resolver."""
        if len(fields) != 1:
            return None
        [(key, details)] = fields.items()
        definition = root.fields.get(details[0].node.name.value)
        if definition is None or not (field := _strawberry_field(definition)).is_async:
            return None
        call = self._call(definition, field, details, "None")
        return f"{{{key!r}: {self._completion(definition, details)}(await {call}, pending)}}"

    def _steps(self, root: GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> list[str]:
        """A mutation: one field after the other, each completed before the next begins."""
        lines = ["data = {}"]
        for key, details in fields.items():
            definition = self._definition(root, details)
            if definition is None:
                lines.append(f"data[{key!r}] = progress.settled[{key!r}] = {root.name!r}")
                continue
            call = self._call(definition, _strawberry_field(definition), details, "None")
            complete = self._completion(definition, details)
            lines += [
                "pending = []",
                f"value = await progress.resolve({key!r}, lambda: {call})",
                "try:",
                f"    data[{key!r}] = {complete}(value, pending)",
                "except BaseException:",
                "    drop(pending)",
                "    raise",
                "if pending:",
                "    await settle(pending)",
                f"progress.settled[{key!r}] = data[{key!r}]",
            ]
        return [*lines, "return data"]

    def _name(self, prefix: str, value: Any = None) -> str:
        name = f"{prefix}_{len(self._names)}"
        self._names[name] = value
        return name

    def _definition(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> GraphQLField | None:
        """The field's definition, or None for `__typename`."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Unsupported
        name = details[0].node.name.value
        return None if name == "__typename" else parent.fields[name]

    def _object(self, type_: GraphQLObjectType, fields: dict[str, list[FieldDetails]], source: str) -> str:
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
                waits = waits or field.is_async or not is_leaf_type(_nullable(definition.type))
            items.append(f"{key!r}: {value}")
        display = "{\n" + "".join(f"    {_indented(item)},\n" for item in items) + "}"
        return f"own(pending, len(pending), {display})" if waits else display

    def _resolve(
        self, key: str, definition: GraphQLField, field: StrawberryField, details: list[FieldDetails], source: str
    ) -> str:
        """The expression of a field that has a resolver: called at once, completed at once or later."""
        call = self._call(definition, field, details, source)
        if field.is_async:
            return f"wait(pending, {key!r}, {call}, {self._completion(definition, details)})"
        if is_leaf_type(_nullable(definition.type)):
            return self._complete(definition.type, details, call)
        held, complete = self._name("v"), self._completion(definition, details)
        there = f"{complete}({held}, pending) if ({held} := {call}).__class__ in known"
        return f"({there} else late(pending, {key!r}, {held}, {complete}))"

    def _call(self, definition: GraphQLField, field: StrawberryField, details: list[FieldDetails], source: str) -> str:
        resolver = field.base_resolver
        if resolver is None:
            raise Unsupported
        name = resolver.name if resolver.name.isidentifier() else "resolver"
        arguments = self._arguments(definition, field, details)
        if field.extensions:
            extended = self._name(name, _extended(field, resolver))
            return f"{extended}({', '.join([source, self._info(details), *arguments])})"
        given = [source] if resolver.self_parameter else []
        parents = {parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter}
        given += [f"{name}={source}" for name in parents]
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}={self._info(details)}")
        return f"{self._name(name, resolver.wrapped_func)}({', '.join([*given, *arguments])})"

    def _arguments(self, definition: GraphQLField, field: StrawberryField, details: list[FieldDetails]) -> list[str]:
        """The expressions of a field's arguments."""
        if not field.arguments:
            return []
        arguments = Arguments(self._inputs, definition, field, details[0].node)
        if arguments.fixed is not None:
            return [f"{name}={self._name(name, value)}" for name, value in arguments.fixed.items()]
        work, values = self._name("arguments", arguments), self._name("values")
        self._prologue.append(f"{values} = {work}(variables)")
        return [f"**{values}"]

    def _info(self, details: list[FieldDetails]) -> str:
        """The variable that holds what the resolvers of a field are told."""
        name = details[0].node.name.value
        tree = below([detail.node for detail in details], self._fragments, self._variables)
        facts, info = self._name("facts", (name, self._schema, tree)), self._name("info")
        self._prologue.append(f"{info} = Info(context, variables, {facts})")
        return info

    def _completion(self, definition: GraphQLField, details: list[FieldDetails]) -> str:
        """The function that completes the values of a field."""
        name = self._name("complete")
        body = self._complete(definition.type, details, "value")
        self._functions.append(_function(name, body))
        return name

    def _complete(self, type_: Any, details: list[FieldDetails], value: str) -> str:
        """The expression of a completed value."""
        nullable = not isinstance(type_, GraphQLNonNull)
        type_ = _nullable(type_)
        if is_leaf_type(type_):
            return self._leaf(type_, value, nullable=nullable)
        held = self._name("v")
        if isinstance(type_, GraphQLList):
            item = self._name("item")
            items = self._complete(type_.of_type, details, item)
            made = f"[{items} for {item} in rows({held})]"
        elif is_abstract_type(type_):
            made = self._choice(type_, details, held)
        else:
            made = self._checked(type_, details, held)
        return f"({'None' if nullable else 'null()'} if ({held} := {value}) is None else {made})"

    def _checked(self, type_: GraphQLObjectType, details: list[FieldDetails], value: str) -> str:
        """The expression of an object, after it was found to be one of its type."""
        made = self._object(type_, self._collect(type_, details), value)
        check = type_.is_type_of
        if check is None:
            return f"{made} if immediate({value}) else wrong({value})"
        if iscoroutinefunction(check):
            raise Unsupported
        test = f"{self._name('is_type_of', check)}({value}, {self._info_of_none}) is True"
        if isinstance(check, RecordOf):
            test = f"{value}.__class__ in {self._name('records', frozenset(check.records))} or {test}"
        return f"{made} if {test} else wrong({value})"

    def _choice(self, type_: GraphQLAbstractType, details: list[FieldDetails], value: str) -> str:
        """The expression of a value whose type is found out when it is there."""
        completions = ", ".join(
            f"{possible.name!r}: {self._possible(possible, details)}"
            for possible in self._schema.get_possible_types(type_)
        )
        table = self._name("completions")
        self._functions.append(f"{table} = {{{completions}}}")
        resolve = self._name("resolve_type", type_.resolve_type or default_type_resolver)
        call = f"{resolve}({value}, {self._info(details)}, {self._name('type', type_)})"
        return f"chosen({call}, {table}, {value}, pending)"

    def _possible(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """The function that completes a value as one of the types that it may have."""
        key = (type_.name, tuple(id(detail.node) for detail in details))
        if key not in self._completions:
            name = self._completions[key] = self._name("complete")
            body = self._checked(type_, details, "value")
            self._functions.append(_function(name, body))
        return self._completions[key]

    def _collect(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> dict[str, list[FieldDetails]]:
        collected = collect_subfields(self._schema, self._details, self._variables, self._operation, type_, details)
        return collected.grouped_field_set

    def _leaf(self, type_: GraphQLLeafType, value: str, *, nullable: bool) -> str:
        """The expression of a scalar or an enum: as it is where its class tells that it may be."""
        key = (type_.name, nullable)
        if key not in self._leaves:
            self._leaves[key] = self._name(f"leaf_{type_.name}", runtime.leaf(type_, nullable=nullable))
        complete = self._leaves[key]
        held = self._name("v")
        if isinstance(type_, GraphQLEnumType):
            names = self._name("names", _enum_names(type_))
            return f"({names}[{held}] if ({held} := {value}) in {names} else {complete}({held}))"
        class_ = "str" if type_.coerce_output_value is str else _CLASSES.get(type_)
        if class_ is None:
            return f"{complete}({value})"
        test = f"({held} := {value}).__class__ is {class_}{_RANGES.get(class_, '').format(held)}"
        return f"({held} if {test}{f' or {held} is None' if nullable else ''} else {complete}({held}))"


def _indented(source: str) -> str:
    return source.replace("\n", "\n    ")


def _function(name: str, body: str) -> str:
    return f"def {name}(value, pending):\n    return {_indented(body)}"


def _nullable(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _strawberry_field(definition: GraphQLField) -> StrawberryField:
    field = definition.extensions.get(_EXTENSION)
    if not isinstance(field, StrawberryField):
        raise Unsupported
    return field


def _extended(field: StrawberryField, resolver: StrawberryResolver[Any]) -> Callable[..., Any]:
    """A resolver inside its field's extensions: a function of the source, what it may ask, and its arguments."""
    function: Any = resolver.wrapped_func

    def innermost(source: Any, info: Any, **arguments: Any) -> Any:
        given = [source] if resolver.self_parameter else []
        for parameter in (resolver.parent_parameter, resolver.root_parameter):
            if parameter:
                arguments[parameter.name] = source
        if resolver.info_parameter:
            arguments[resolver.info_parameter.name] = info
        return function(*given, **arguments)

    chain: list[Any] = build_field_extension_resolvers(field)
    return reduce(lambda inner, outer: partial(outer, inner), chain, innermost)


def _enum_names(type_: GraphQLEnumType) -> dict[Any, str]:
    """What each member of a Python enum is written as."""
    members = getattr(type_, "wrapped_cls", ())
    return {member: type_.coerce_output_value(member) for member in members}
