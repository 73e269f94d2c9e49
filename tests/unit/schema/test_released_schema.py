"""The schema breaks no client of the last release, unless a reason is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.released_schema import complaints, last_release, main

RELEASED = """
type Query { user(id: ID, first: Int = 50): User node(id: ID!): User }
type User { name: String! status: Status! }
enum Status { INVITED ACTIVATED }
"""


def test_the_schema_breaks_no_client_of_the_last_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (" name: String!", "", "Field User.name was removed."),
        ("name: String!", "name: String", "Field User.name changed type from String! to String."),
        ("INVITED ", "", "Enum value Status.INVITED was removed."),
        ("id: ID,", "", "Argument Query.user(id:) was removed."),
        ("id: ID,", "id: ID!,", "Argument Query.user(id:) has changed type from ID to ID!."),
        ("id: ID,", "id: ID, by: ID!", "A required argument Query.user(by:) was added."),
    ],
)
def test_a_planted_breaking_change_is_found(old: str, new: str, change: str) -> None:
    current = RELEASED.replace(old, new)
    assert complaints(RELEASED, current, {}) == [f"Breaking: {change}"]
    assert complaints(RELEASED, current, {change: " "}) == [f"Breaking: {change}"]
    assert complaints(RELEASED, current, {change: "It was wrong."}) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name:", "email: String name:"),
        ("id: ID,", "id: ID, last: Int"),
        ("first: Int = 50", "first: Int"),
        ("INVITED", "NEW INVITED"),
        ("status: Status!", 'status: Status! @deprecated(reason: "Use `state`.")'),
    ],
)
def test_additions_and_deprecations_break_nothing(old: str, new: str) -> None:
    assert complaints(RELEASED, RELEASED.replace(old, new), {}) == []


def test_a_reason_without_its_change_is_refused() -> None:
    change = "Field User.name was removed."
    assert complaints(RELEASED, RELEASED, {change: "Nobody read it."}) == [f"Not a change: {change}"]


def test_the_newest_release_is_the_one_with_the_highest_version(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / f"schema-{version}.graphql").touch()
    assert last_release(tmp_path).name == "schema-0.10.0.graphql"
