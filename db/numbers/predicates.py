"""A filter over numbers as SQL: its shape (which conditions it has) decides the SQL, its values are parameters."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, and_, bindparam, false, or_, select
from sqlalchemy.ext.compiler import compiles

from db.core import scope
from db.core.statements import among, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, columns
from db.core.types import LIKE_ESCAPES, Identifier, Instant, Ordered, Pattern, Values
from domain.search import NumberFilter

_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
_TRIGRAM = re.compile("[0-9a-z]{3}")
"""Three characters that pg_trgm indexes wherever they occur; it makes no trigram across other characters."""

_SHORTEST_INDEXED = 3
"""Shorter texts have no trigram, so the index cannot find them."""

_LONG_NUMBER = re.compile(r"\+?[0-9]{7,}")
_SUFFIX_LENGTH = 5
"""How many of a long number's last digits are looked up in the index.

Thousands of numbers share its first digits, so their posting lists are long and narrow nothing down.
"""


class TextLookup(Enum):
    """How a search text is looked up in `search_text`."""

    INDEX = "in the trigram index"
    SUFFIX_INDEX = "by its last digits in the trigram index, then compared"
    SCAN = "compared with every row"
    TAG_SCAN = "compared with every row that has a tag"


class contains(ColumnElement[bool]):  # noqa: N801 - reads as an operator
    """`search_text` contains the text that the parameter `name` holds."""

    inherit_cache = False

    def __init__(self, name: str, lookup: TextLookup) -> None:
        self.plain = bindparam(name, type_=Ordered)
        self.query = bindparam(f"{name}_query", type_=Pattern())
        self.lookup = lookup


@compiles(contains, "postgresql")
def _contains_postgresql(element: contains, compiler: Any, **options: Any) -> str:
    found = f"phone_numbers.search_text LIKE {compiler.process(element.query, **options)}"
    if element.lookup is not TextLookup.SUFFIX_INDEX:
        return found
    return f"({found} AND strpos(phone_numbers.search_text, {compiler.process(element.plain, **options)}) > 0)"


@compiles(contains, "sqlite")
def _contains_sqlite(element: contains, compiler: Any, **options: Any) -> str:
    compared = f"instr(phone_numbers.search_text, {compiler.process(element.plain, **options)}) > 0"
    if element.lookup in {TextLookup.SCAN, TextLookup.TAG_SCAN}:
        return compared
    query = compiler.process(element.query, **options)
    found = f"phone_numbers.id IN (SELECT rowid FROM phone_number_search WHERE phone_number_search MATCH {query})"  # noqa: S608 - compiled parts
    return f"({found} AND {compared})" if element.lookup is TextLookup.SUFFIX_INDEX else found


class RootCondition(Enum):
    """How the root of a number is compared."""

    NONE = "not at all: the organizations imply it"
    INDEX = "by an index that begins with the root"
    CHECK = "in the rows that another condition selects"


class of_root(ColumnElement[bool]):  # noqa: N801 - reads as an operator
    """The number belongs to the root that the parameter `root_id` holds."""

    inherit_cache = False

    def __init__(self, condition: RootCondition) -> None:
        self.root = bindparam("root_id", type_=Identifier)
        self.condition = condition


@compiles(of_root)
def _of_root(element: of_root, compiler: Any, **options: Any) -> str:
    return f"phone_numbers.root_id = {compiler.process(element.root, **options)}"


@compiles(of_root, "sqlite")
def _of_root_sqlite(element: of_root, compiler: Any, **options: Any) -> str:
    # SQLite knows nothing about the values of a column, and takes a root to have ten numbers. The plus excludes the
    # condition from the choice of an index.
    plus = "+" if element.condition is RootCondition.CHECK else ""
    return f"{plus}phone_numbers.root_id = {compiler.process(element.root, **options)}"


class Shape(NamedTuple):
    """Which conditions a filter has, without their values: one statement is built and cached for each shape."""

    root: RootCondition
    scopes: int | None
    """How many scopes there are, as `scope.counted` returns."""

    organizations: str
    series: str
    """"" (any), "one" or "many": an index holds the numbers of one series in their order."""
    statuses: str
    text: tuple[TextLookup, ...]
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


def shape(filter_: NumberFilter) -> Shape:
    """Return the shape of a filter."""
    return Shape(
        root=_root_condition(filter_),
        scopes=None if filter_.scopes is None or filter_.is_whole_root else scope.counted(filter_.scopes),
        organizations=_cardinality(filter_.organization_ids),
        series=_cardinality(filter_.series_ids),
        statuses=_cardinality(filter_.statuses),
        text=tuple(map(_lookup, _texts(filter_))),
        tag=filter_.tag is not None,
        tag_contains=filter_.tag_contains is not None,
        numbers=filter_.numbers is not None,
        ids=_cardinality(filter_.ids),
        tagged=filter_.tagged,
        starts_with=filter_.starts_with is not None,
        ends_with=filter_.ends_with is not None,
        lowest=filter_.lowest is not None,
        highest=filter_.highest is not None,
        updated_since=filter_.updated_since is not None,
        nothing=filter_.nothing,
    )


def _root_condition(filter_: NumberFilter) -> RootCondition:
    if filter_.root_id is None:
        return RootCondition.NONE
    if filter_.numbers is not None:
        return RootCondition.INDEX
    if filter_.organization_ids is not None:
        return RootCondition.NONE
    is_selective = (
        not filter_.is_whole_root
        or filter_.series_ids is not None
        or filter_.ids is not None
        or any(_lookup(text) in {TextLookup.INDEX, TextLookup.SUFFIX_INDEX} for text in _texts(filter_))
    )
    return RootCondition.CHECK if is_selective else RootCondition.INDEX


def _cardinality(wanted: Collection[int] | None) -> str:
    return "" if wanted is None else "one" if len(wanted) == 1 else "many"


def _texts(filter_: NumberFilter) -> list[str]:
    if filter_.text is None:
        return []
    return [filter_.text.folded] + ([filter_.text.digits] if filter_.text.digits else [])


def _lookup(text: str) -> TextLookup:
    if len(text) >= _SHORTEST_INDEXED:
        return TextLookup.SUFFIX_INDEX if _LONG_NUMBER.fullmatch(text) else TextLookup.INDEX
    # A number contains only a plus and digits, so any other short text can only occur in a tag.
    return TextLookup.SCAN if all(character in "+0123456789" for character in text) else TextLookup.TAG_SCAN


UNRESTRICTED = shape(NumberFilter())
"""The shape of a filter that every live number passes."""


def trigram_index_suffices(filter_: NumberFilter) -> bool:
    """Whether the filter has a search text and nothing else, and the trigram index finds its matches for any text."""
    if filter_.text is None or shape(filter_)._replace(root=RootCondition.NONE, text=()) != UNRESTRICTED:
        return False
    return all(_TRIGRAM.search(text) for text in _texts(filter_))


def predicate(shape_: Shape) -> ColumnElement[bool]:  # noqa: C901, PLR0912 - one flat branch for each condition
    """Return the condition on rows of `phone_numbers`; retired numbers never match."""
    conditions: list[ColumnElement[bool]] = [_N.retired_at.is_(None)]
    if shape_.nothing or shape_.scopes == 0:
        conditions.append(false())
    if shape_.root is not RootCondition.NONE:
        conditions.append(of_root(shape_.root))
    if shape_.scopes:
        conditions.append(_N.organization_id.in_(select(_O.id).where(scope.inside_any(_O.path, shape_.scopes))))
    for cardinality, column, name, type_ in (
        (shape_.organizations, _N.organization_id, "organization_ids", BigInteger()),
        (shape_.series, _N.series_id, "series_ids", BigInteger()),
        (shape_.statuses, _N.status, "statuses", SmallInteger()),
        (shape_.ids, _N.id, "ids", BigInteger()),
    ):
        if cardinality == "one":
            conditions.append(column == bindparam(f"{name}_one", type_=type_))
        elif cardinality:
            conditions.append(among(column, bindparam(name, type_=Values(type_))))
    if shape_.text:
        conditions.append(or_(*(_text(n, lookup) for n, lookup in enumerate(shape_.text))))
    if shape_.tag:
        conditions.append(_N.tag_folded == bindparam("whole_tag", type_=Ordered))
    if shape_.tag_contains:
        conditions.append(_N.tag_folded.like(bindparam("tag_contains", type_=Ordered), escape="\\"))
    if shape_.numbers:
        conditions.append(among(_N.number, texts("numbers")))
    if shape_.tagged is not None:
        conditions.append(_N.tag_folded.is_not(None) if shape_.tagged else _N.tag_folded.is_(None))
    if shape_.starts_with:
        conditions.append(_N.number >= bindparam("starts_with", type_=Ordered))
        conditions.append(_N.number < bindparam("starts_with_end", type_=Ordered))
    if shape_.ends_with:
        conditions.append(_N.number.like(bindparam("ends_with", type_=Ordered)))
    if shape_.lowest:
        conditions.append(_N.number >= bindparam("lowest", type_=Ordered))
    if shape_.highest:
        conditions.append(_N.number <= bindparam("highest", type_=Ordered))
    if shape_.updated_since:
        conditions.append(_N.updated_at >= bindparam("updated_since", type_=Instant()))
    return and_(*conditions)


def _text(index: int, lookup: TextLookup) -> ColumnElement[bool]:
    found = contains(f"text_{index}", lookup)
    if index:
        # The digits of a formatted number must occur in the number itself; the index also covers the tag.
        return and_(found, _N.number.like(bindparam("digits", type_=Ordered)))
    if lookup is TextLookup.TAG_SCAN:
        return and_(_N.tag_folded.is_not(None), found)
    return found


def parameters(filter_: NumberFilter) -> dict[str, Any]:
    """Return the parameter values of the filter's SQL. No name clashes with a parameter of the change statements."""
    values = scope.bounds_of_any(filter_.scopes or ())
    for n, text in enumerate(_texts(filter_)):
        values[f"text_{n}"] = text
        values[f"text_{n}_query"] = text[-_SUFFIX_LENGTH:] if _lookup(text) is TextLookup.SUFFIX_INDEX else text
    simple = (
        "root_id",
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
        values["starts_with_end"] = f"+{filter_.starts_with}:"  # ":" follows "9" in ASCII
    if filter_.ends_with is not None:
        values["ends_with"] = f"%{filter_.ends_with}"
    return values
