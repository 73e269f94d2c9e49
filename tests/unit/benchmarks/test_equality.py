"""Comparing answers finds any different value."""

import copy
from typing import Any

import pytest

from benchmarks.equality import canonical, differences
from schema.core import ids

ROW: dict[str, Any] = {
    "id": 7,
    "number": "+12015550100",
    "status": "AVAILABLE",
    "reservedTag": None,
    "series": {"name": "+1 201"},
}
ANSWER: dict[str, Any] = {
    "phoneNumbers": {
        "totalCount": 1,
        "nodes": [ROW],
        "pageInfo": {"hasNextPage": False, "endCursor": "abc"},
    }
}


def test_ids_and_cursors_may_differ() -> None:
    theirs, ours = copy.deepcopy(ANSWER), copy.deepcopy(ANSWER)
    theirs["phoneNumbers"]["nodes"][0]["id"] = "7"
    ours["phoneNumbers"]["nodes"][0]["id"] = ids.encode("PhoneNumber", 7)
    ours["phoneNumbers"]["pageInfo"]["endCursor"] = "xyz"
    assert canonical(theirs) == canonical(ours) == canonical(ANSWER)


def test_equal_answers_have_no_difference() -> None:
    assert list(differences(ANSWER, copy.deepcopy(ANSWER))) == []


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("nodes", 0, "number"), "+12015550101", "nodes[0].number is '+12015550100' and '+12015550101'"),
        (("nodes", 0, "reservedTag"), "", "nodes[0].reservedTag is None and ''"),
        (("nodes", 0, "series", "name"), "+1 202", "nodes[0].series.name is '+1 201' and '+1 202'"),
        (("nodes",), [ROW, ROW], "nodes has 1 and 2 rows"),
        (("totalCount",), 2, "totalCount is 1 and 2"),
        (("totalCount",), True, "totalCount is 1 and True"),
        (("pageInfo",), {"hasNextPage": False}, "pageInfo.endCursor is in one answer only"),
        (("nodes", 0, "id"), 8, "nodes[0].id is 7 and 8"),
    ],
)
def test_one_different_value_is_a_difference(path: tuple[Any, ...], value: object, says: str) -> None:
    other = copy.deepcopy(ANSWER)
    inner: Any = other["phoneNumbers"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert list(differences(canonical(ANSWER), canonical(other))) == [f"data.phoneNumbers.{says}"]


def test_a_missing_cursor_is_a_difference() -> None:
    other = copy.deepcopy(ANSWER)
    other["phoneNumbers"]["pageInfo"]["endCursor"] = None
    assert list(differences(canonical(ANSWER), canonical(other))) == [
        "data.phoneNumbers.pageInfo.endCursor is True and False"
    ]


def test_a_refusal_is_an_error() -> None:
    with pytest.raises(AssertionError):
        canonical({"editReservedTag": {"phoneNumber": None, "userErrors": [{"message": "No."}]}})
