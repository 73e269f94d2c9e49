"""Decode Strawberry inputs to the commands of `resolvers`.

An input class names its command as `Input[Command]`, and `decode` copies each field of the input to the field of the
same name. `required` and `optional` declare, as field metadata, where a field differs from its counterpart: the type
that a global id must have, another name, a part of the command that several fields make up, a choice that becomes a
flag. Lists always become tuples, nested inputs are decoded, and a field that is null or left out gets the command's
default.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import strawberry
from strawberry import UNSET
from strawberry.types.base import StrawberryList, StrawberryOptional, get_object_definition
from strawberry.types.field import StrawberryField

from schema.core.ids import row_id

C = TypeVar("C")
T = TypeVar("T")

LONG_LIST = 1_000
"""Longer lists are decoded on a thread. Decoding an id takes a few microseconds."""

_METADATA = "dialtree.decoding"


class Input(Generic[C]):
    """The base of every input class; `C` is the command it is decoded to."""


@dataclass(frozen=True, slots=True)
class _Decoding:
    """How a field is decoded."""

    id_of: str | None = None
    target: str | None = None
    part: str | None = None
    true_if: Enum | None = None
    empty_is_null: bool = False


def required(description: str, **decoding: Any) -> Any:
    """Declare a field without a default. Takes the keywords of `optional`, except `default` and `name`."""
    return strawberry.field(description=description, metadata={_METADATA: _Decoding(**decoding)})


def optional(description: str, *, default: Any = UNSET, name: str | None = None, **decoding: Any) -> Any:
    """Declare a field that may be left out.

    `name` is its GraphQL name if that is not a Python name. `id_of` is the type that its global ids must have; they
    become row ids. `target` is the command's field, if it has another name, and `part` the command's field whose value
    is made of this one and others. `true_if` is the enum value that becomes true; others become false. `empty_is_null`
    treats an empty list as null.
    """
    metadata = {_METADATA: _Decoding(**decoding)}
    return strawberry.field(default=default, name=name, description=description, metadata=metadata)


def dry_run_field() -> Any:
    """Declare the `dryRun` of an input."""
    return optional("Return what the mutation would do, without changing anything.", default=False)


def as_job_field() -> Any:
    """Declare the `asJob` of an input."""
    return optional(
        "Run the mutation in the background, which has no time limit and may change more numbers. The payload then has "
        "only the `job`, or `userErrors` if it is refused at once.",
        default=False,
    )


def upload_field(content: str) -> Any:
    """Declare the `uploadId` of an input, which reads this content from the file."""
    return optional(
        f"The id of a file that you have sent to `POST /upload`: {content} Needs `asJob: true`.", id_of="Upload"
    )


def key_field() -> Any:
    """Declare the `idempotencyKey` of an input."""
    return optional(
        "A text of your choice, up to 255 characters. If you send the same key and the same input again within 24 "
        "hours, you get the first answer and nothing is changed; the same key with a different input is refused."
    )


def given(value: T | None) -> T | None:
    """Return an optional argument's value, or None if it was left out."""
    return None if value is UNSET else value


def decode(input: Input[C]) -> C:
    """Return the command of an input."""
    input_class: Any = type(input)
    command: C = _decoder(input_class)(input)
    return command


async def decode_large(input: Input[C]) -> C:
    """As `decode`, but on a thread if the input has long lists, which would hold the event loop."""
    return await asyncio.to_thread(decode, input) if _has_long_list(input) else decode(input)


def _has_long_list(input: Input[Any]) -> bool:
    """Whether an input, or an input inside it, has a list of over `LONG_LIST` items."""
    for value in vars(input).values():
        if isinstance(value, list):
            if len(value) > LONG_LIST:
                return True
        elif isinstance(value, Input) and _has_long_list(value):
            return True
    return False


def command_of(input_class: type) -> Any:
    """Return the command class that an input class names. Raises TypeError if it names none."""
    for base in input_class.__dict__.get("__orig_bases__", ()):
        if getattr(base, "__origin__", None) is Input:
            return get_args(base)[0]
    raise TypeError(f"{input_class.__name__} does not say which command it is decoded to: derive it from Input[...]")


@cache
def _decoder(input_class: type) -> Callable[[Any], Any]:
    definition = get_object_definition(input_class, strict=True)
    return _reader(input_class.__name__, command_of(input_class), definition.fields, part=None)


def _reader(name: str, command: Any, declared: Iterable[StrawberryField], *, part: str | None) -> Callable[[Any], Any]:
    """Build the function that makes a command, or one part of it, of an input's fields."""
    defaults = _defaults(command)
    sources: list[str] = []
    steps: list[tuple[str, Callable[[Any], Any] | None, Any]] = []
    parts: dict[str, list[StrawberryField]] = {}
    for field in declared:
        decoding = field.metadata.get(_METADATA, _Decoding())
        if decoding.part != part:
            parts.setdefault(decoding.part, []).append(field)
            continue
        target = decoding.target or field.python_name
        sources.append(field.python_name)
        steps.append((target, _conversion(f"{name}.{field.python_name}", field, decoding), defaults.get(target)))
    named = {target for target, _, _ in steps} | parts.keys()
    if named != defaults.keys() or len(named) != len(steps) + len(parts):
        odd = sorted(named ^ defaults.keys())
        raise TypeError(f"{name} and {command.__name__} do not have the same fields: {odd or 'one is named twice'}")
    hints = get_type_hints(command) if parts else {}
    readers = [(target, _reader(name, hints[target], own, part=target)) for target, own in parts.items()]
    values_of = _values_of(sources)

    def read(input: Any) -> Any:
        values = {
            target: absent if value is None or value is UNSET else convert(value) if convert else value
            for (target, convert, absent), value in zip(steps, values_of(input), strict=True)
        }
        for target, read_part in readers:
            values[target] = read_part(input)
        return command(**values)

    return read


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda source: tuple(getattr(source, name) for name in names)


def _defaults(command: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple with their defaults; None stands for no default."""
    if is_dataclass(command):
        return {field.name: None if field.default is MISSING else field.default for field in fields(command)}
    return {name: command._field_defaults.get(name) for name in command._fields}


def _conversion(name: str, field: StrawberryField, decoding: _Decoding) -> Callable[[Any], Any] | None:
    type_: Any = field.type.of_type if isinstance(field.type, StrawberryOptional) else field.type
    if isinstance(type_, StrawberryList):
        item = _item_conversion(name, type_.of_type, decoding)
        return partial(_tuple_or_none if decoding.empty_is_null else _tuple, item)
    return _item_conversion(name, type_, decoding)


def _item_conversion(name: str, type_: Any, decoding: _Decoding) -> Callable[[Any], Any] | None:
    if (type_ is strawberry.ID) != (decoding.id_of is not None):
        raise TypeError(f"{name} must be an ID with `id_of`, or neither")
    if decoding.id_of is not None:
        return partial(row_id, type_name=decoding.id_of)
    if decoding.true_if is not None:
        return partial(_is, decoding.true_if)
    return _decoder(type_) if get_object_definition(type_) else None


def _tuple(item: Callable[[Any], Any] | None, values: list[Any]) -> tuple[Any, ...]:
    return tuple(map(item, values)) if item else tuple(values)


def _tuple_or_none(item: Callable[[Any], Any] | None, values: list[Any]) -> tuple[Any, ...] | None:
    return _tuple(item, values) or None


def _is(wanted: Enum, value: Enum) -> bool:
    return value is wanted
