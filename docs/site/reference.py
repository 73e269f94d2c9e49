"""The reference of the schema as Markdown pages, from `schema.graphql`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import graphql
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
)

KINDS: dict[type[GraphQLNamedType], str] = {
    GraphQLObjectType: "objects",
    GraphQLInputObjectType: "inputs",
    GraphQLEnumType: "enums",
    GraphQLInterfaceType: "interfaces",
    GraphQLUnionType: "unions",
    GraphQLScalarType: "scalars",
}
"""The page of each kind of type."""


def reference_pages(sdl: str) -> dict[str, str]:
    """Return the pages of the reference by name: the three roots, and one for each kind of type."""
    schema = graphql.build_schema(sdl)
    roots = {"queries": schema.query_type, "mutations": schema.mutation_type, "subscriptions": schema.subscription_type}
    pages = {
        name: _page(name, map(_operation, root.fields, root.fields.values())) for name, root in roots.items() if root
    }
    for kind, name in KINDS.items():
        types = [type_ for type_ in _types(schema) if isinstance(type_, kind) and type_ not in roots.values()]
        if types:
            pages[name] = _page(name, map(_type, types))
    return pages


def _types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    named = sorted(schema.type_map.values(), key=lambda type_: type_.name.lower())
    return [type_ for type_ in named if not type_.name.startswith("__")]


def _page(name: str, entries: Iterator[str]) -> str:
    return f"# {name.capitalize()}\n\n" + "\n\n".join(entries) + "\n"


def _operation(name: str, field: GraphQLField) -> str:
    parts = [f"## {name}", _text(field), f"Returns {_link(field.type)}."]
    if field.args:
        parts.append(_table("argument", field.args))
    return "\n\n".join(parts)


def _type(type_: GraphQLNamedType) -> str:
    parts = [f"## {type_.name}", type_.description or ""]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        if type_.interfaces:
            parts.append(f"Implements {', '.join(map(_link, type_.interfaces))}.")
        parts.append(_table("field", type_.fields))
    elif isinstance(type_, GraphQLInputObjectType):
        parts.append(_table("field", type_.fields))
    elif isinstance(type_, GraphQLEnumType):
        rows = [f"| `{name}` | {_cell(value.description)} |" for name, value in type_.values.items()]
        parts.append("\n".join(["| value | meaning |", "|---|---|", *rows]))
    elif isinstance(type_, GraphQLUnionType):
        parts.append(f"One of {', '.join(map(_link, type_.types))}.")
    return "\n\n".join(part for part in parts if part)


def _table(title: str, members: Mapping[str, GraphQLField | GraphQLInputField | GraphQLArgument]) -> str:
    rows = [
        f"| `{name}`{_arguments(member)} | {_link(member.type)}{_default(member)} | {_text(member)} |"
        for name, member in members.items()
    ]
    return "\n".join([f"| {title} | type | meaning |", "|---|---|---|", *rows])


def _arguments(member: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    """The names of a field's arguments; those of a connection are the same everywhere."""
    arguments = member.args if isinstance(member, GraphQLField) else {}
    return f" ({', '.join(f'`{name}`' for name in arguments)})" if arguments else ""


def _default(member: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    if isinstance(member, GraphQLField) or member.ast_node is None or member.ast_node.default_value is None:
        return ""
    return f" = `{graphql.print_ast(member.ast_node.default_value)}`"


def _link(type_: GraphQLType) -> str:
    """A type as a link to its entry: `[E164!]!`."""
    named = graphql.get_named_type(type_)
    if named.name in graphql.specified_scalar_types and named.name != "ID":
        return f"`{type_}`"
    page = next(page for kind, page in KINDS.items() if isinstance(named, kind))
    return f"[`{type_}`]({page}.md#{named.name.lower()})"


def _text(member: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    reason = getattr(member, "deprecation_reason", None)
    return _cell(f"**Deprecated.** {reason} {member.description or ''}" if reason else member.description)


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
