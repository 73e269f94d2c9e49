"""Written paths of organizations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.organizations import join_path, split_path

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
