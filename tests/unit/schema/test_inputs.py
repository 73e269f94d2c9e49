"""Every input of the schema is decoded to its command."""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)

from domain.search import Order, OrderDirection, PhoneNumberOrderField
from resolvers.numbers.addition_lines import AddNumbers, NumberRange
from resolvers.numbers.commands import MoveNumbers, Selection
from resolvers.numbers.filters import FilterInput
from schema.core.enums import OnDuplicate
from schema.core.ids import encode, row_id
from schema.core.inputs import LONG_LIST, Input, _decoder, command_of, decode, decode_large, optional, required
from schema.core.scalars import E164
from schema.numbers import inputs
from schema.root.schema import build_schema

SCALARS = {
    "Boolean": True,
    "DateTime": datetime(2026, 11, 9, tzinfo=UTC),
    "E164": "+14188984760",
    "ID": encode("Anything", 7),
    "Int": 3,
    "Long": 3,
    "String": "text",
}
TYPES = build_schema()._schema.type_map
INPUTS = {
    name: type_.extensions["strawberry-definition"].origin
    for name, type_ in TYPES.items()
    if isinstance(type_, GraphQLInputObjectType)
}
DECODED = [name for name, class_ in INPUTS.items() if issubclass(class_, Input)]


def sample(type_: Any) -> Any:
    """A value of an input type, as Strawberry passes it to a resolver."""
    if isinstance(type_, GraphQLNonNull):
        return sample(type_.of_type)
    if isinstance(type_, GraphQLList):
        return [sample(type_.of_type)] * 2
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values.values())).value
    if isinstance(type_, GraphQLInputObjectType):
        values = {
            field.extensions["strawberry-definition"].python_name: sample(field.type) for field in type_.fields.values()
        }
        return INPUTS[type_.name](**values)
    return SCALARS[type_.name]


def names(command: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(command)) if is_dataclass(command) else command._fields


def test_only_inputs_with_required_texts_have_no_command() -> None:
    undecoded = INPUTS.keys() - set(DECODED)
    assert undecoded == {"SignInInput", "ChangePasswordInput", "RequestPasswordResetInput", "SetPasswordInput"}
    assert {str(field.type) for name in undecoded for field in TYPES[name].fields.values()} == {"String!"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", DECODED)
def test_an_input_is_decoded_to_its_command(name: str) -> None:
    command = decode(sample(TYPES[name]))
    assert type(command) is command_of(INPUTS[name])
    assert None not in [getattr(command, field) for field in names(command)]


@pytest.mark.parametrize("name", DECODED)
def test_commands_contain_no_strawberry_values(name: str) -> None:
    type_ = TYPES[name]
    needed = {
        field.extensions["strawberry-definition"].python_name: sample(field.type)
        for field in type_.fields.values()  # type: ignore[attr-defined]
        if isinstance(field.type, GraphQLNonNull) and field.default is None
    }
    command = decode(INPUTS[name](**needed))
    assert strawberry.UNSET not in [getattr(command, field) for field in names(command)]


def test_a_filter_gets_row_ids_and_treats_empty_lists_as_null() -> None:
    filter_ = inputs.PhoneNumberFilter(
        text="desk",
        numbers=[],
        series_ids=[encode("Series", 3), encode("Organization", 3)],
        organization_ids=[],
        from_=E164("+14188984760"),
        tagged=None,
    )
    assert decode(filter_) == FilterInput(text="desk", series_ids=(3, 0), lowest="+14188984760")


def test_selection_fields_are_grouped_in_a_nested_command() -> None:
    move = inputs.MoveNumbersInput(number_ids=[], organization_id=encode("Organization", 5), dry_run=True)
    assert decode(move) == MoveNumbers(selection=Selection(number_ids=()), organization_id=5, dry_run=True)


def test_nested_inputs_one_of_inputs_and_defaults_are_decoded() -> None:
    add = inputs.AddNumbersInput(
        series_id=encode("Series", 4),
        ranges=[inputs.NumberRange(first=E164("+14188984760"), last=E164("+14188984769"))],
        on_duplicate=OnDuplicate.SKIP,
    )
    assert decode(add) == AddNumbers(
        series_id=4, ranges=(NumberRange("+14188984760", "+14188984769"),), skip_duplicates=True
    )


def test_an_omitted_order_is_the_default() -> None:
    assert decode(inputs.PhoneNumberOrder()) == Order(PhoneNumberOrderField.NUMBER, OrderDirection.ASC)


@dataclass(frozen=True, kw_only=True)
class Command:
    user_id: int
    tag: str | None = None


def declared(**members: Any) -> Any:
    annotations = {name: annotation for name, (annotation, _) in members.items()}
    values = {name: value for name, (_, value) in members.items()}
    class_ = type("Sample", (), values | {"__annotations__": annotations, "__orig_bases__": (Input[Command],)})
    return strawberry.input(class_)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"user_id": (strawberry.ID, required("An id.", id_of="User"))}, id="a field is missing"),
        pytest.param(
            {
                "user_id": (strawberry.ID, required("An id.", id_of="User")),
                "tag": (str | None, optional("A tag.")),
                "label": (str | None, optional("Another tag.")),
            },
            id="a field is too many",
        ),
        pytest.param(
            {
                "user_id": (strawberry.ID, required("An id.", id_of="User")),
                "tag": (str | None, optional("A tag.")),
                "label": (str | None, optional("Another tag.", target="tag")),
            },
            id="two fields have one target",
        ),
        pytest.param(
            {"user_id": (strawberry.ID, required("An id.")), "tag": (str | None, optional("A tag."))},
            id="the type of an id is missing",
        ),
        pytest.param(
            {
                "user_id": (strawberry.ID, required("An id.", id_of="User")),
                "tag": (str | None, optional("A tag.", id_of="User")),
            },
            id="a text has the type of an id",
        ),
    ],
)
def test_an_input_that_does_not_fit_its_command_is_an_error(members: dict[str, Any]) -> None:
    class_ = declared(**members)
    with pytest.raises(TypeError, match="Sample"):
        decode(class_(**dict.fromkeys(members, "text")))


def test_an_input_without_a_command_is_an_error() -> None:
    with pytest.raises(TypeError, match="does not say which command"):
        decode(inputs.NumberSelection())  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "on_thread"), [(LONG_LIST, False), (LONG_LIST + 1, True)])
async def test_long_lists_are_decoded_on_a_thread(
    count: int, *, on_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def record(text: str, type_name: str) -> int:
        threads.append(threading.current_thread())
        return row_id(text, type_name)

    monkeypatch.setattr("schema.core.inputs.row_id", record)
    _decoder.cache_clear()
    wanted = inputs.PhoneNumberFilter(series_ids=[strawberry.ID(encode("Series", 7))] * count)
    for input_ in list[Any]([wanted, inputs.RetireNumbersInput(filter=wanted)]):
        threads.clear()
        command = await decode_large(input_)
        assert command == decode(input_)
        assert (threads[0] is not threading.current_thread()) is on_thread
    monkeypatch.undo()
    _decoder.cache_clear()
