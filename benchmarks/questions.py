"""The measured questions: six everyday operations of an administrator, written for each server's schema.

Aliases give all servers the same field names, so that their answers can be compared value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import cycle, islice
from typing import Any

import orjson

from schema.core import ids


class Kind(Enum):
    """The schema that a document is written for."""

    DIALTREE = "dialtree"
    POSTGRAPHILE = "postgraphile"
    MERCURIUS = "mercurius"
    CEILING = "ceiling"
    """Written by hand for the first questions, to see what is possible."""


Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """Row ids of the numbers that are read and changed."""

    numbers: tuple[int, ...] = ()
    reserved: tuple[int, ...] = ()


def _none(_kind: Kind, _sample: Sample, _tags: str) -> Iterator[Variables]:
    yield {}


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A measured operation: its title, and its document for each schema that has it."""

    name: str
    title: str
    documents: Mapping[Kind, str]
    variables: Callable[[Kind, Sample, str], Iterator[Variables]] = _none
    """Variables of successive requests; the text argument is the prefix of new tags."""

    custom_plans: bool = False
    """Whether the peers' prepared statement needs custom plans."""

    writes: bool = False

    def bodies(self, kind: Kind, sample: Sample, tags: str) -> Iterator[bytes]:
        """The request bodies."""
        for variables in self.variables(kind, sample, tags):
            yield orjson.dumps({"query": self.documents[kind], "variables": variables})


EDITS = 20_000
"""Number of prepared edits per load; no number gets the same tag twice in a row."""

STATUSES = ("AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE")
TEXT = "1418"


def number_id(kind: Kind, row: int) -> str | int:
    """The id of a row's number in a server's schema."""
    if kind is Kind.DIALTREE:
        return ids.encode("PhoneNumber", row)
    return row if kind is Kind.POSTGRAPHILE else str(row)


def _ids(kind: Kind, sample: Sample, _tags: str) -> Iterator[Variables]:
    yield from ({"id": number_id(kind, row)} for row in sample.numbers)


def _statuses(_kind: Kind, _sample: Sample, _tags: str) -> Iterator[Variables]:
    yield from ({"status": status} for status in STATUSES)


def _texts(_kind: Kind, _sample: Sample, _tags: str) -> Iterator[Variables]:
    yield {"text": TEXT}


def _edits(kind: Kind, sample: Sample, tags: str) -> Iterator[Variables]:
    for position, row in enumerate(islice(cycle(sample.reserved), EDITS)):
        yield {"id": number_id(kind, row), "tag": f"{tags} {position}"}


_FIELDS = "number status reservedTag series { name } organization { name }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
_NODES = f"nodes {{ id {_FIELDS} }} {_PAGE_INFO}"
_NODES_BY_ROW = f"nodes {{ id: rowId {_FIELDS} }} {_PAGE_INFO}"
_CONDITION = "condition: {status: $status}, first: 50, orderBy: [NUMBER_ASC]"


def _page(selection: str) -> dict[Kind, str]:
    documents = {
        Kind.DIALTREE: "query Page($status: NumberStatus!) {"
        f" phoneNumbers(filter: {{statuses: [$status]}}, first: 50) {{ {selection} {_NODES} }} }}",
        Kind.POSTGRAPHILE: "query Page($status: NumberStatus!) {"
        f" phoneNumbers: allPhoneNumbers({_CONDITION}) {{ {selection} {_NODES_BY_ROW} }} }}",
        Kind.MERCURIUS: "query Page($status: NumberStatus!) {"
        f" phoneNumbers(filter: {{status: $status}}, first: 50) {{ {selection} {_NODES} }} }}",
    }
    return documents if selection else documents | {Kind.CEILING: documents[Kind.MERCURIUS]}


NOTHING = Question("Q1", "nothing: `{ __typename }`", dict.fromkeys(Kind, "{ __typename }"))
NUMBER_BY_ID = Question(
    "Q2",
    "one number by id, with the names of its series and organization",
    {
        Kind.DIALTREE: f"query Number($id: ID!) {{ phoneNumber(id: $id) {{ {_FIELDS} }} }}",
        Kind.POSTGRAPHILE: f"query Number($id: Int!) {{ phoneNumber: phoneNumberByRowId(rowId: $id) {{ {_FIELDS} }} }}",
        Kind.MERCURIUS: f"query Number($id: ID!) {{ phoneNumber(id: $id) {{ {_FIELDS} }} }}",
        Kind.CEILING: f"query Number($id: ID!) {{ phoneNumber(id: $id) {{ {_FIELDS} }} }}",
    },
    _ids,
)
PAGE = Question("Q3", "a page of 50 by status, sorted by number, with both names", _page(""), _statuses)
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
    _texts,
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
    _edits,
    writes=True,
)
PAGE_AND_COUNT = Question("Q6", "Q3 and totalCount", _page("totalCount"), _statuses)

QUESTIONS = (NOTHING, NUMBER_BY_ID, PAGE, SEARCH, PAGE_AND_COUNT, EDIT_TAG)
"""In the order of measurement: questions that write come last."""
