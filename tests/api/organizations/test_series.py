"""Series: created and renamed at the root, unique under it, with a region."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import REFUSALS, Inventory

SERIES = f"series {{ name region }} userErrors {{ {REFUSALS} }}"


def test_a_series_is_created_with_its_region(bank: Inventory) -> None:
    done = bank.mutate("createSeries", SERIES, {"name": " +44 20 ", "region": "London"})
    assert done == {"series": {"name": "+44 20", "region": "London"}, "userErrors": []}
    # A series without numbers is only visible from the root.
    query = '{ series(search: "44") { totalCount } }'
    assert bank.ask(query) == {"series": {"totalCount": 1}}
    assert bank.ask(query, at="Bank/Sales") == {"series": {"totalCount": 0}}


def test_a_series_is_renamed_and_its_region_changed_and_removed(bank: Inventory) -> None:
    series = {"seriesId": bank.series("+1 900")}
    done = bank.mutate("updateSeries", SERIES, series | {"name": "Premium", "region": "US"})
    assert done["series"] == {"name": "Premium", "region": "US"}
    assert bank.mutate("updateSeries", SERIES, series | {"region": ""})["series"] == {"name": "Premium", "region": None}
    assert bank.show("+19005550121", "series { name }") == {"series": {"name": "Premium"}}
    found = bank.ask("{ organization { inventory { series { name } total } } }")["organization"]["inventory"]
    assert found == [{"series": {"name": "+1 418"}, "total": 4}, {"series": {"name": "Premium"}, "total": 2}]
    assert bank.server.differences() == []


def test_updating_a_series_with_the_same_values_writes_nothing(bank: Inventory) -> None:
    same = {"seriesId": bank.series("+1 900"), "name": "+1 900"}
    before = dump(bank.server)
    assert bank.mutate("updateSeries", SERIES, same)["userErrors"] == []
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    ("input_", "code", "field"),
    [
        ({"name": " "}, "INVALID_INPUT", "name"),
        ({"name": "x" * 101}, "INVALID_INPUT", "name"),
        ({"name": "+1 418"}, "ALREADY_EXISTS", "name"),
        ({"name": "Fine", "region": "a\nb"}, "INVALID_INPUT", "region"),
    ],
)
def test_an_invalid_series_is_refused(shared_bank: Inventory, input_: dict[str, Any], code: str, field: str) -> None:
    for name, more in (("createSeries", {}), ("updateSeries", {"seriesId": shared_bank.series("+1 900")})):
        error = shared_bank.refused(name, SERIES, input_ | more)
        assert (error["code"], error["path"]) == (code, ["input", field])


def test_another_root_may_have_a_series_of_the_same_name(bank: Inventory) -> None:
    assert bank.server.import_organizations("path\nRival\n").lines == []
    done = bank.mutate("createSeries", SERIES, {"name": "+1 418"}, at="Rival")
    assert (done["series"], done["userErrors"]) == ({"name": "+1 418", "region": None}, [])
