"""Scope by materialized path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.scope import ancestor_ids, child_path, covers, depth, outermost, strictly_below, upper_bound

IDS = st.lists(st.integers(1, 25), min_size=1, max_size=4)


def path(ids: list[int]) -> str:
    return "".join(f"{id_}/" for id_ in ids)


@given(IDS, IDS)
def test_a_scope_covers_exactly_itself_and_its_descendants(scope: list[int], other: list[int]) -> None:
    below = other[: len(scope)] == scope
    assert covers(path(scope), path(other)) is below
    assert strictly_below(path(other), path(scope)) is (below and other != scope)


@given(IDS, IDS)
def test_the_index_range_of_a_scope_matches_what_it_covers(scope: list[int], other: list[int]) -> None:
    inside = path(scope) <= path(other) < upper_bound(path(scope))
    assert inside is covers(path(scope), path(other))


@given(IDS)
def test_ancestors_and_depth_follow_from_the_path(ids: list[int]) -> None:
    assert ancestor_ids(path(ids)) == ids[:-1]
    assert depth(path(ids)) == len(ids) - 1
    assert child_path(path(ids[:-1]), ids[-1]) == path(ids)


def test_a_scope_does_not_cover_an_id_with_the_same_prefix() -> None:
    assert not covers("1/7/", "1/70/")
    assert not covers("1/7/", "1/")
    assert ancestor_ids("1/") == []


@given(st.lists(IDS, max_size=8))
def test_the_outermost_scopes_cover_everything_and_do_not_overlap(scopes: list[list[int]]) -> None:
    paths = [path(ids) for ids in scopes]
    kept = outermost(paths)
    assert set(kept) <= set(paths)
    assert all(sum(covers(scope, one) for scope in kept) == 1 for one in paths)


def test_outermost_scopes_keep_ids_with_the_same_prefix() -> None:
    assert outermost(["1/10/", "1/1/", "1/1/5/", "1/1/", "1/11/"]) == ["1/1/", "1/10/", "1/11/"]
