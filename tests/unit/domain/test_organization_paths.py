"""Written paths of organizations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.organizations import join_path, split_path, split_root_id

NAMES = st.lists(st.text(st.sampled_from("ab/\\ é"), min_size=1, max_size=5), min_size=1, max_size=4)


@given(NAMES)
def test_a_path_splits_into_its_names(names: list[str]) -> None:
    assert split_path(join_path(names)) == names


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Bank", ["Bank"]),
        ("Bank/Sales/Trading", ["Bank", "Sales", "Trading"]),
        ("Bank/R\\/D", ["Bank", "R/D"]),
        ("Bank/C:\\temp", ["Bank", "C:\\temp"]),
        ("Bank//Sales", ["Bank", "", "Sales"]),
        ("Bank\\", ["Bank\\"]),
    ],
)
def test_a_slash_inside_a_name_is_escaped_with_a_backslash(written: str, names: list[str]) -> None:
    assert split_path(written) == names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/7", (7, [])),
        (" /7 ", (7, [])),
        ("/7/Sales/R\\/D", (7, ["Sales", "R/D"])),
        ("Bank/7", (None, ["Bank", "7"])),
        ("/Bank", (None, ["", "Bank"])),
        ("/", (None, ["", ""])),
        ("", (None, [""])),
        ("/\u0667", (None, ["", "\u0667"])),
        ("/-7", (None, ["", "-7"])),
        ("/" + "9" * 18, (10**18 - 1, [])),
        ("/" + "9" * 5_000, (None, ["", "9" * 5_000])),
    ],
)
def test_a_path_may_name_its_root_by_id(written: str, expected: tuple[int | None, list[str]]) -> None:
    assert split_root_id(split_path(written)) == expected
