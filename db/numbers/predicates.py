"""A filter over numbers as SQL. Its shape (which parts it has) decides the statement, its values are parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, and_, bindparam, false, func, or_, select
from sqlalchemy.ext.compiler import compiles

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, columns, table
from db.core.types import LIKE_ESCAPES, Instant, Ordered, Pattern, Values
from domain.search import NumberFilter
from domain.statuses import NumberStatus

_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
_WORD = re.compile("[0-9a-z]{3}")
"""What pg_trgm makes a trigram of wherever it stands; it makes none across other characters."""

_TRIGRAM = 3
"""Texts shorter than this have no trigram; they are looked for in the rows of the sort order, or in the tags."""

_LONG = re.compile(r"\+?[0-9]{7,}")
_END = 5
"""How much of a whole number, or most of one, is looked for in the index.

Its first digits are those of thousands of others: the index would go through long lists for what its last ones tell.
"""


class contains(ColumnElement[bool]):  # noqa: N801 - reads as an operator
    """`search_text` holds the text, looked for in one of the ways of `Shape.text`."""

    inherit_cache = False

    def __init__(self, name: str, lookup: str) -> None:
        self.plain = bindparam(name, type_=Ordered)
        self.query = bindparam(f"{name}_query", type_=Pattern())
        self.lookup = lookup


@compiles(contains, "postgresql")
def _contains_postgresql(element: contains, compiler: Any, **options: Any) -> str:
    found = f"phone_numbers.search_text LIKE {compiler.process(element.query, **options)}"
    if element.lookup != "e":
        return found
    return f"({found} AND strpos(phone_numbers.search_text, {compiler.process(element.plain, **options)}) > 0)"


@compiles(contains, "sqlite")
def _contains_sqlite(element: contains, compiler: Any, **options: Any) -> str:
    holds = f"instr(phone_numbers.search_text, {compiler.process(element.plain, **options)}) > 0"
    if element.lookup in "st":
        return holds
    query = compiler.process(element.query, **options)
    found = f"phone_numbers.id IN (SELECT rowid FROM phone_number_search WHERE phone_number_search MATCH {query})"  # noqa: S608 - compiled parts
    return f"({found} AND {holds})" if element.lookup == "e" else found


class Shape(NamedTuple):
    """Which parts a filter has; hashable, so that a statement is built once for each."""

    scopes: int | None
    organizations: str
    series: str
    """"" (any), "one" or "many": the numbers of one are read off an index in their order."""
    statuses: str
    text: str
    """"" (none), or how each part of the text is looked for: i(ndexed), by its e(nd), s(canned), t(ags only)."""
    tag: bool
    tag_contains: bool
    numbers: bool
    ids: str
    tagged: bool | None
    starts_with: bool
    ends_with: bool
    lowest: bool
    highest: bool
    updated_since: bool
    nothing: bool


def in_order(filter_: NumberFilter) -> bool:
    """Whether an index gives the rows in the order of their numbers, for all filters of this shape."""
    return _in_order(shape(filter_))


@lru_cache(maxsize=256)
def _in_order(shape_: Shape) -> bool:
    amounts = {shape_.organizations, shape_.series, shape_.statuses} <= {"", "one"}
    return amounts and shape_._replace(organizations="", series="", statuses="") == _EVERYTHING


def by_trigrams(filter_: NumberFilter) -> bool:
    """Whether the index for texts finds all that there is to find, whatever the text is: every part has a trigram."""
    texts_alone = filter_.text is not None and shape(filter_)._replace(text="") == _EVERYTHING
    return texts_alone and all(_WORD.search(part) for part in _parts(filter_))


def shape(filter_: NumberFilter) -> Shape:
    """The shape of a filter."""
    return Shape(
        scopes=None if filter_.scopes is None or filter_.whole else len(filter_.scopes),
        organizations=_amount(filter_.organization_ids),
        series=_amount(filter_.series_ids),
        statuses=_amount(filter_.statuses),
        text="".join(_lookup(part) for part in _parts(filter_)),
        tag=filter_.tag is not None,
        tag_contains=filter_.tag_contains is not None,
        numbers=filter_.numbers is not None,
        ids=_amount(filter_.ids),
        tagged=filter_.tagged,
        starts_with=filter_.starts_with is not None,
        ends_with=filter_.ends_with is not None,
        lowest=filter_.lowest is not None,
        highest=filter_.highest is not None,
        updated_since=filter_.updated_since is not None,
        nothing=filter_.nothing,
    )


def _amount(wanted: Sequence[int] | None) -> str:
    return "" if wanted is None else "one" if len(wanted) == 1 else "many"


def _parts(filter_: NumberFilter) -> list[str]:
    if filter_.text is None:
        return []
    return [filter_.text.folded] + ([filter_.text.digits] if filter_.text.digits else [])


def _lookup(part: str) -> str:
    if len(part) >= _TRIGRAM:
        return "e" if _LONG.fullmatch(part) else "i"
    # A number holds nothing but a plus and digits, so any other short text can only be in a tag.
    return "s" if all(character in "+0123456789" for character in part) else "t"


_EVERYTHING = shape(NumberFilter())


def predicate(shape_: Shape) -> ColumnElement[bool]:  # noqa: C901, PLR0912 - one flat branch for each part
    """What the rows of `phone_numbers` must fulfil; retired numbers never do."""
    parts: list[ColumnElement[bool]] = [_N.retired_at.is_(None)]
    if shape_.nothing or shape_.scopes == 0:
        parts.append(false())
    if shape_.scopes:
        within = or_(*(scope.inside(_O.path, f"scope_{n}") for n in range(shape_.scopes)))
        parts.append(_N.organization_id.in_(select(_O.id).where(within)))
    for amount, column, name, type_ in (
        (shape_.organizations, _N.organization_id, "organization_ids", BigInteger()),
        (shape_.series, _N.series_id, "series_ids", BigInteger()),
        (shape_.statuses, _N.status, "statuses", SmallInteger()),
        (shape_.ids, _N.id, "ids", BigInteger()),
    ):
        if amount == "one":
            parts.append(column == bindparam(f"{name}_one", type_=type_))
        elif amount:
            parts.append(among(column, bindparam(name, type_=Values(type_))))
    if shape_.text:
        parts.append(or_(*(_text(n, lookup) for n, lookup in enumerate(shape_.text))))
    if shape_.tag:
        parts.append(_N.tag_folded == bindparam("whole_tag", type_=Ordered))
    if shape_.tag_contains:
        parts.append(_N.tag_folded.like(bindparam("tag_contains", type_=Ordered), escape="\\"))
    if shape_.numbers:
        parts.append(among(_N.number, texts("numbers")))
    if shape_.tagged is not None:
        parts.append(_N.tag_folded.is_not(None) if shape_.tagged else _N.tag_folded.is_(None))
    if shape_.starts_with:
        parts.append(_N.number >= bindparam("starts_with", type_=Ordered))
        parts.append(_N.number < bindparam("starts_with_end", type_=Ordered))
    if shape_.ends_with:
        parts.append(_N.number.like(bindparam("ends_with", type_=Ordered)))
    if shape_.lowest:
        parts.append(_N.number >= bindparam("lowest", type_=Ordered))
    if shape_.highest:
        parts.append(_N.number <= bindparam("highest", type_=Ordered))
    if shape_.updated_since:
        parts.append(_N.updated_at >= bindparam("updated_since", type_=Instant()))
    return and_(*parts)


def _text(index: int, lookup: str) -> ColumnElement[bool]:
    found = contains(f"text_{index}", lookup)
    if index:
        # The digits of a formatted number are looked for in the number alone; the index knows the tag, too.
        return and_(found, _N.number.like(bindparam("digits", type_=Ordered)))
    if lookup == "t":
        return and_(_N.tag_folded.is_not(None), found)
    return found


def parameters(filter_: NumberFilter) -> dict[str, Any]:
    """The values for the parameters of the filter's shape; no name of theirs is one that a change gives its own."""
    values: dict[str, Any] = {}
    for n, path in enumerate(filter_.scopes or ()):
        values |= scope.bounds(f"scope_{n}", path)
    for n, part in enumerate(_parts(filter_)):
        values[f"text_{n}"] = part
        values[f"text_{n}_query"] = part[-_END:] if _lookup(part) == "e" else part
    simple = (
        "organization_ids",
        "series_ids",
        "statuses",
        "numbers",
        "ids",
        "lowest",
        "highest",
        "updated_since",
    )
    values |= {name: value for name in simple if (value := getattr(filter_, name)) is not None}
    for name in ("organization_ids", "series_ids", "statuses", "ids"):
        if len(values.get(name, ())) == 1:
            values[f"{name}_one"] = values[name][0]
    if filter_.text is not None and filter_.text.digits:
        values["digits"] = f"%{filter_.text.digits}%"
    if filter_.tag is not None:
        values["whole_tag"] = filter_.tag
    if filter_.tag_contains is not None:
        values["tag_contains"] = f"%{filter_.tag_contains.translate(LIKE_ESCAPES)}%"
    if filter_.starts_with is not None:
        values["starts_with"] = f"+{filter_.starts_with}"
        values["starts_with_end"] = f"+{filter_.starts_with}:"  # the character after 9
    if filter_.ends_with is not None:
        values["ends_with"] = f"%{filter_.ends_with}"
    return values


@lru_cache(maxsize=256)
def _count(shape_: Shape) -> Statement:
    return Statement(select(func.count()).select_from(table(PhoneNumberRow)).where(predicate(shape_)))


@lru_cache(maxsize=256)
def _facets(shape_: Shape) -> Statement:
    groups = (_N.series_id, _N.status)
    return Statement(select(*groups, func.count()).where(predicate(shape_)).group_by(*groups))


async def count(connection: DatabaseConnection, filter_: NumberFilter) -> int:
    """How many numbers fulfil the filter, counted."""
    total: int = await connection.value(_count(shape(filter_)), **parameters(filter_))
    return total


async def facets(connection: DatabaseConnection, filter_: NumberFilter) -> list[tuple[int, NumberStatus, int]]:
    """How many numbers fulfil the filter, counted by series and status."""
    rows = await connection.fetch(_facets(shape(filter_)), **parameters(filter_))
    return [(series_id, NumberStatus(status), number) for series_id, status, number in rows]
