"""The server's own schema with faults in it, at chosen fields and rows.

A fault strikes the rows whose identity its hash chooses, so it strikes the same ones on both execution paths
and in any order. Fields with a resolver are struck where it is called. Fields that are read off a record are struck in
the record: resolvers return records of a class that has the fault.
"""

from __future__ import annotations

import copy
import dataclasses
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.types.field import StrawberryField

from db.users.invitations import OfferedNumber
from domain.errors import LineReport, OffendingNumber
from domain.utilization import CategoryCount
from execution.records import RecordOf
from resolvers.mail.supplier import Supplier
from resolvers.users.acceptance import InvitationOffer
from tests.properties.execution.faults import Fault

_RECORDS: dict[str, type] = {
    "UtilizationSlice": CategoryCount,
    "NumberRefusal": OffendingNumber,
    "LineReport": LineReport,
    "InvitationOffer": InvitationOffer,
    "OfferedNumber": OfferedNumber,
    "SupplierContact": Supplier,
}
"""What the types are read off that do not say so themselves, and are not of their own class."""

_IDENTITY = ("id", "phone_number_id", "organization_id", "series_id", "version", "status", "category", "line", "field")


class Faults:
    """What is wrong with a schema, and how often its resolvers were called."""

    def __init__(self) -> None:
        self._chosen: Mapping[str, Fault] = {}
        self._types: dict[str, Any] = {}
        self._attributes: dict[tuple[type, str], list[str]] = {}
        self._calls: Counter[str] = Counter()

    def choose(self, faults: Sequence[Fault]) -> None:
        """Let these faults strike, and no others."""
        self._chosen = {fault.field: fault for fault in faults}

    def counted(self, type_name: str) -> dict[str, int]:
        """How often the resolvers of a type were called since this was last asked."""
        calls, self._calls = self._calls, Counter()
        return {name: count for name, count in calls.items() if name.startswith(f"{type_name}.")}

    def install(self, type_: GraphQLObjectType, name: str, field: StrawberryField) -> Callable[[], None]:
        """Make a field one that can be struck; what undoes it."""
        place = f"{type_.name}.{name}"
        self._types[place] = type_.fields[name].type
        resolver = field.base_resolver
        if resolver is None:
            check = type_.is_type_of
            owners = check.records if isinstance(check, RecordOf) else (_RECORDS.get(type_.name, field.origin),)
            for owner in owners:
                if isinstance(owner, type):
                    self._attributes.setdefault((owner, field.python_name), []).append(place)
            return lambda: None
        parents = [p.name for p in (resolver.parent_parameter, resolver.root_parameter) if p is not None]
        # What it was found to take is kept by the copy, which is then not looked at again.
        assert resolver.name
        assert isinstance(resolver.arguments, list)
        changed = copy.copy(resolver)
        wrap = self._async_call if resolver.is_async else self._call
        changed.wrapped_func = wrap(place, parents[0] if parents else "", resolver.wrapped_func)
        field.base_resolver = changed
        return lambda: setattr(field, "base_resolver", resolver)

    def _call(self, place: str, parent: str, function: Any) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            fault = self._struck(place, named.get(parent, arguments[0] if arguments else None))
            if fault is None:
                return self._handed_out(function(*arguments, **named))
            value = function(*arguments, **named) if fault.needs_value else None
            return self._strike_later(fault, value) if isawaitable(value) else self._strike(fault, value)

        return call

    def _async_call(self, place: str, parent: str, function: Any) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            fault = self._struck(place, named.get(parent, arguments[0] if arguments else None))
            if fault is None:
                return self._handed_out(await function(*arguments, **named))
            value = self._strike(fault, await function(*arguments, **named) if fault.needs_value else None)
            return await value if isawaitable(value) else value

        return call

    def _struck(self, place: str, parent: Any) -> Fault | None:
        self._calls[place] += 1
        return self._fault(place, parent)

    def _fault(self, place: str, parent: Any) -> Fault | None:
        fault = self._chosen.get(place)
        if fault is None:
            return None
        return fault if zlib.crc32(repr((place, _identity(parent))).encode()) % fault.every == 0 else None

    def _strike(self, fault: Fault, value: Any) -> Any:
        return fault.strike(self._types[fault.field], value)

    async def _strike_later(self, fault: Fault, value: Any) -> Any:
        struck = self._strike(fault, await value)
        return await struck if isawaitable(struck) else struck

    def _handed_out(self, value: Any) -> Any:
        """A value with the records in it broken where a fault strikes them."""
        if not self._chosen:
            return value
        if isawaitable(value):
            return self._handed_out_later(value)
        if isinstance(value, list):
            return [self._record(item) for item in value]
        return self._record(value)

    async def _handed_out_later(self, value: Any) -> Any:
        return self._handed_out(await value)

    def _record(self, value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type) and hasattr(value, "node"):
            value = dataclasses.replace(value, node=self._record(value.node))
        faults = {
            attribute: fault
            for (owner, attribute), places in self._attributes.items()
            if isinstance(value, owner)
            for place in places
            if (fault := self._fault(place, value)) is not None
        }
        if not faults:
            return value
        class_ = type(value)
        attributes = {name: self._property(name, fault, class_) for name, fault in faults.items()}
        broken = type(class_.__name__, (class_,), {"__slots__": (), **attributes})
        if isinstance(value, tuple):
            return tuple.__new__(broken, value)
        changed = copy.copy(value)
        object.__setattr__(changed, "__class__", broken)
        return changed

    def _property(self, name: str, fault: Fault, class_: type) -> property:
        def read(record: Any) -> Any:
            kept: Any = getattr(class_, name, None)
            value = kept.__get__(record) if hasattr(kept, "__get__") else vars(record).get(name)
            return self._strike(fault, value)

        return property(read)


def _identity(parent: Any) -> list[str]:
    """What tells a row from others, whichever object stands for it."""
    if hasattr(parent, "node"):
        return _identity(parent.node)
    class_ = type(parent)
    names = [name for name in _IDENTITY if not isinstance(getattr(class_, name, None), property)]
    return [str(getattr(parent, name)) for name in names if hasattr(parent, name)]


@contextmanager
def breakable(schema: GraphQLSchema) -> Iterator[Faults]:
    """Make a schema one whose fields can fail; engines are built over it meanwhile."""
    faults = Faults()
    undo = [
        faults.install(type_, name, field)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, definition in type_.fields.items()
        if isinstance(field := definition.extensions.get("strawberry-definition"), StrawberryField)
    ]
    try:
        yield faults
    finally:
        # Types that inherit a field share it, so it may have been installed several times, one over the other.
        for back in reversed(undo):
            back()
