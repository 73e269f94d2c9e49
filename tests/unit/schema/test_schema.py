"""The public schema: committed, described, and compatible with the contract."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    print_ast,
)
from graphql.utilities import ast_from_value

from schema.root.schema import sdl

ROOT = Path(__file__).parents[3]
CONTRACT = build_schema((Path(__file__).parent / "contract.graphql").read_text(encoding="utf-8"))
OURS = build_schema(sdl())
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


def own_types(schema: GraphQLSchema) -> dict[str, Any]:
    return {
        name: type_ for name, type_ in schema.type_map.items() if not name.startswith("__") and name not in BUILT_IN
    }


def test_the_committed_schema_matches_the_code() -> None:
    committed = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    changes = list(difflib.unified_diff(committed.splitlines(), sdl().splitlines(), lineterm="", n=1))
    assert changes == [], "run `make schema` and look at the difference"


def test_every_type_field_argument_and_value_has_a_description() -> None:
    silent = []
    for name, type_ in own_types(OURS).items():
        if not type_.description:
            silent.append(name)
        members = getattr(type_, "fields", None) or getattr(type_, "values", {})
        for member, definition in members.items():
            if not definition.description:
                silent.append(f"{name}.{member}")
            silent += [
                f"{name}.{member}({argument})"
                for argument, given in getattr(definition, "args", {}).items()
                if not given.description
            ]
    assert silent == []


def _arguments(arguments: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {name: (str(argument.type), _default(argument)) for name, argument in arguments.items()}


def _default(definition: Any) -> str | None:
    if definition.default is None:
        return None
    literal: Any = definition.default.literal
    written: Any = literal or ast_from_value(definition.default.value, definition.type)
    return print_ast(written)


BACKWARDS = {"last": ("Int", None), "before": ("String", None)}


def paged_both_ways(shape: Any) -> Any:
    """A field of the contract as it is built: the lists that it pages forwards are also paged backwards.

    The default of `first` is then in the code: in the schema it would refuse each `last` without a `first`.
    """
    if isinstance(shape, tuple) and isinstance(shape[1], dict) and {"first", "after"} <= shape[1].keys():
        assert shape[1]["first"] in {("Int", "50"), ("Int", None)}
        return shape[0], shape[1] | BACKWARDS | {"first": ("Int", None)}
    return shape


def shapes(type_: Any) -> dict[str, Any]:
    """The parts of each member that must match the contract."""
    if isinstance(type_, GraphQLEnumType):
        return dict.fromkeys(type_.values)
    if isinstance(type_, GraphQLInputObjectType):
        return _arguments(type_.fields)
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return {name: (str(field.type), _arguments(field.args)) for name, field in type_.fields.items()}
    return {}


@pytest.mark.parametrize("name", sorted(own_types(CONTRACT).keys() & own_types(OURS).keys()))
def test_implemented_fields_match_the_contract(name: str) -> None:
    promised, built = own_types(CONTRACT)[name], own_types(OURS)[name]
    assert type(promised) is type(built)
    wanted = shapes(promised)
    assert {member: shape for member, shape in shapes(built).items() if member in wanted} == {
        member: paged_both_ways(shape) for member, shape in wanted.items() if member in shapes(built)
    }
    interfaces = {interface.name for interface in getattr(promised, "interfaces", ())}
    assert interfaces <= {interface.name for interface in getattr(built, "interfaces", ())}


def test_only_later_parts_of_the_contract_are_missing(capsys: pytest.CaptureFixture[str]) -> None:
    missing = [name for name in own_types(CONTRACT) if name not in own_types(OURS)]
    for name, type_ in own_types(OURS).items():
        promised = own_types(CONTRACT).get(name)
        missing += [f"{name}.{member}" for member in shapes(promised) if member not in shapes(type_)]
    with capsys.disabled():
        print(f"\nNot built yet, of the contract: {', '.join(sorted(missing)) or 'nothing'}")  # noqa: T201 - telling is the point
    # The inventory, its actions and access are complete: only later parts may be missing.
    later = (
        "job", "Job", "Invit", "invit", "User", "user", "Mail", "mail", "Report", "report", "Dashboard", "dashboard",
        "Usage", "usage", "Cycle", "Administrator", "administrator", "ApiKey", "apiKey", "Password", "Forwarding",
        "Supplier", "supplier", "MoreNumbers", "Offered", "Subscription", "PhoneNumbersChange", "Download",
        "Disposition", "Direction", "OnError", "Date", "Long", "region",
    )  # fmt: skip
    assert [name for name in missing if not any(word in name for word in later)] == []
