"""What everybody is asked: six operations of an administrator's day, each in every contender's words.

Aliases give all contenders the same names, so that their answers can be compared value by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import cycle, islice
from typing import Any

import orjson

from schema import ids


class Kind(Enum):
    """Whose words a question is put in."""

    DIALTREE = "dialtree"
    POSTGRAPHILE = "postgraphile"
    MERCURIUS = "mercurius"


@dataclass(frozen=True, slots=True)
class Sample:
    """The numbers that are asked for and changed, by the ids of their rows."""

    numbers: tuple[int, ...]
    reserved: tuple[int, ...]

    def __post_init__(self) -> None:
        assert self.numbers, "there is a number to ask for"
        assert self.reserved, "there is a reserved number to change"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """An operation. `title` tells what it asks for, `documents` how each contender is asked."""

    name: str
    title: str
    documents: dict[Kind, str]
    custom_plans: bool = False
    """Whether the peers' prepared statement needs a plan of its own for each value."""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self is EDIT_TAG

    def variables(self, kind: Kind, sample: Sample, *, tags: str) -> Iterator[dict[str, Any]]:
        """Variables without end, another value each time where the operation takes one; `tags` begin new tags."""
        if self is NUMBER_BY_ID:
            yield from ({"id": number_id(kind, row)} for row in cycle(sample.numbers))
        elif self in {PAGE, PAGE_AND_COUNT}:
            yield from ({"status": status} for status in cycle(STATUSES))
        elif self is SEARCH:
            yield from cycle([{"text": TEXT}])
        elif self is EDIT_TAG:
            for position, row in enumerate(cycle(sample.reserved)):
                yield {"id": number_id(kind, row), "tag": f"{tags} {position}"}
        else:
            yield from cycle([{}])

    def bodies(self, kind: Kind, sample: Sample, *, tags: str, count: int) -> Iterator[bytes]:
        """So many request bodies."""
        for variables in islice(self.variables(kind, sample, tags=tags), count):
            yield orjson.dumps({"query": self.documents[kind], "variables": variables})


def number_id(kind: Kind, row: int) -> str | int:
    """How a contender names the number of a row."""
    if kind is Kind.DIALTREE:
        return ids.encode("PhoneNumber", row)
    return row if kind is Kind.POSTGRAPHILE else str(row)


STATUSES = ("AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE")
TEXT = "1418"

_FIELDS = "number status reservedTag series { name } organization { name }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
_NODES = f"nodes {{ id {_FIELDS} }} {_PAGE_INFO}"
_NODES_BY_ROW = f"nodes {{ id: rowId {_FIELDS} }} {_PAGE_INFO}"
_CONDITION = "condition: {status: $status}, first: 50, orderBy: [NUMBER_ASC]"


def _page(selection: str) -> dict[Kind, str]:
    return {
        Kind.DIALTREE: "query Page($status: NumberStatus!) {"
        f" phoneNumbers(filter: {{statuses: [$status]}}, first: 50) {{ {selection} {_NODES} }} }}",
        Kind.POSTGRAPHILE: "query Page($status: NumberStatus!) {"
        f" phoneNumbers: allPhoneNumbers({_CONDITION}) {{ {selection} {_NODES_BY_ROW} }} }}",
        Kind.MERCURIUS: "query Page($status: NumberStatus!) {"
        f" phoneNumbers(filter: {{status: $status}}, first: 50) {{ {selection} {_NODES} }} }}",
    }


NOTHING = Question("Q1", "nothing: `{ __typename }`", dict.fromkeys(Kind, "{ __typename }"))
NUMBER_BY_ID = Question(
    "Q2",
    "one number by id, with the names of its series and organization",
    {
        Kind.DIALTREE: f"query Number($id: ID!) {{ phoneNumber(id: $id) {{ {_FIELDS} }} }}",
        Kind.POSTGRAPHILE: f"query Number($id: Int!) {{ phoneNumber: phoneNumberByRowId(rowId: $id) {{ {_FIELDS} }} }}",
        Kind.MERCURIUS: f"query Number($id: ID!) {{ phoneNumber(id: $id) {{ {_FIELDS} }} }}",
    },
)
PAGE = Question("Q3", "a page of 50 by status, sorted by number, with both names", _page(""))
SEARCH = Question(
    "Q4",
    f"partial text `{TEXT}`: 50 rows and totalCount",
    {
        Kind.DIALTREE: "query Search($text: String!) {"
        f" phoneNumbers(filter: {{text: $text}}, first: 50) {{ totalCount {_NODES} }} }}",
        Kind.POSTGRAPHILE: "query Search($text: String!) {"
        " phoneNumbers: allPhoneNumbers(filter: {searchText: {includes: $text}}, first: 50, orderBy: [NUMBER_ASC])"
        f" {{ totalCount {_NODES_BY_ROW} }} }}",
        Kind.MERCURIUS: "query Search($text: String!) {"
        f" phoneNumbers(filter: {{text: $text}}, first: 50) {{ totalCount {_NODES} }} }}",
    },
    custom_plans=True,
)
EDIT_TAG = Question(
    "Q5",
    "edit of a reserved tag",
    {
        Kind.DIALTREE: "mutation Edit($id: ID!, $tag: String!) { editReservedTag(input: {numberId: $id, tag: $tag})"
        " { phoneNumber { id number reservedTag } userErrors { message } } }",
        Kind.POSTGRAPHILE: "mutation Edit($id: Int!, $tag: String!) { editReservedTag: updatePhoneNumberByRowId("
        "input: {rowId: $id, phoneNumberPatch: {reservedTag: $tag}})"
        " { phoneNumber { id: rowId number reservedTag } } }",
        Kind.MERCURIUS: "mutation Edit($id: ID!, $tag: String!) { editReservedTag(id: $id, tag: $tag)"
        " { phoneNumber { id number reservedTag } } }",
    },
)
PAGE_AND_COUNT = Question("Q6", "Q3 and totalCount", _page("totalCount"))

QUESTIONS = (NOTHING, NUMBER_BY_ID, PAGE, SEARCH, PAGE_AND_COUNT, EDIT_TAG)
"""In the order that they are asked: what changes something comes last."""
