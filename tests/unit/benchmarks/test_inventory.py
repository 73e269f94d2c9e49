"""The benchmark inventory has the documented shape."""

import csv
from collections import Counter
from pathlib import Path

from benchmarks.inventory import ROOT, Size, organization_paths, write_numbers, write_organizations


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_two_thousand_organizations_have_five_levels() -> None:
    paths = organization_paths(2_000)
    levels = Counter(path.count("/") + 1 for path in paths)
    assert levels == {1: 1, 2: 7, 3: 49, 4: 343, 5: 1_600}
    assert len(set(paths)) == 2_000
    seen: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        assert path == ROOT or parent in seen
        seen.add(path)


def test_numbers_have_forty_series_and_a_seventh_is_tagged(tmp_path: Path) -> None:
    size = Size(20_050, organizations=50)
    write_numbers(tmp_path / "numbers.csv", size)
    numbers = rows(tmp_path / "numbers.csv")
    assert len(numbers) == len({row["number"] for row in numbers}) == 20_050
    assert len({row["series"] for row in numbers}) == 40
    assert all(row["number"].startswith(row["series"].replace(" ", "")) for row in numbers)
    assert {row["organization"] for row in numbers} <= set(organization_paths(50))
    tagged = [row for row in numbers if row["reserved_tag"]]
    assert 0.14 < len(tagged) / len(numbers) < 0.16
    assert {row["status"] for row in tagged} == {"RESERVED"}
    assert {row["status"] for row in numbers if row["email"]} == {"ASSIGNED", "IN_USE"}


def test_the_inventory_is_deterministic(tmp_path: Path) -> None:
    size = Size(5_000, organizations=20)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_organizations(tmp_path / name / "organizations.csv", size)
        write_numbers(tmp_path / name / "numbers.csv", size)
    for file in ("organizations.csv", "numbers.csv"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
