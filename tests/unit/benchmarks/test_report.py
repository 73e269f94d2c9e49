"""The tables of benchmark results and the page that contains them."""

from pathlib import Path

import pytest

from benchmarks import against_peers
from benchmarks.comparison import Spread
from benchmarks.processes import BenchmarkError
from benchmarks.questions import NOTHING, NUMBER_BY_ID, PAGE
from benchmarks.report import rate, table, times, write


def test_figures_show_their_spread() -> None:
    found = Spread(median=1234.4, lowest=999.5, highest=20000.0)
    assert rate(found) == "1,234 (1,000-20,000)"
    assert rate(Spread(median=10.0, lowest=9.96, highest=10.4)) == "10 (10.0-10)"
    assert times(Spread(median=3.0, lowest=2.994, highest=3.126)) == "3.00 (2.99-3.13)"


def test_a_table_has_one_line_per_row() -> None:
    assert table(["", "a", "b"], [["x", "1", "2"]]) == "|  | a | b |\n| --- | ---: | ---: |\n| x | 1 | 2 |"


def test_a_ratio_says_whether_it_meets_its_goal() -> None:
    ours, theirs = against_peers.DIALTREE, against_peers.POSTGRAPHILE
    figures = {
        NOTHING: {ours: [100.0], theirs: [50.0]},
        NUMBER_BY_ID: {ours: [290.0, 310.0, 305.0], theirs: [100.0, 100.0, 100.0]},
    }
    rows = against_peers.tables(figures).splitlines()
    assert rows[2] == "| Q1 nothing: `{ __typename }` | 100 (100-100) | 50 (50-50) |"
    assert rows[-2] == "| Q1 | 2.00 (2.00-2.00) |"
    assert rows[-1] == "| Q2 | 3.05 (2.90-3.10), goal 3 met |"
    # Not every server answers every question.
    partly = against_peers.tables(figures | {PAGE: {ours: [10.0]}}).splitlines()
    assert (partly[4], partly[-1]) == (f"| Q3 {PAGE.title} | 10 (10-10) |  |", "| Q3 |  |")
    figures[NUMBER_BY_ID][ours] = [290.0, 310.0, 295.0]
    assert against_peers.tables(figures).endswith("| Q2 | 2.95 (2.90-3.10), goal 3 missed |")


def test_a_run_replaces_its_own_section_of_the_page_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    sections = "".join(f"<!-- {name}: written by the run -->\n<!-- end of {name} -->\n" for name in ("peers", "growth"))
    page.write_text(f"# Title\n{sections}The end.\n")
    for text in ("first", "second"):
        write(page, "peers", text)
        assert page.read_text() == (
            f"# Title\n<!-- peers: written by the run -->\n\n{text}\n\n<!-- end of peers -->\n"
            "<!-- growth: written by the run -->\n<!-- end of growth -->\nThe end.\n"
        )


def test_a_page_without_the_section_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Title\n")
    with pytest.raises(BenchmarkError, match="has no section 'peers'"):
        write(page, "peers", "text")
    assert page.read_text() == "# Title\n"


def test_the_benchmarks_page_has_all_sections(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text((Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text())
    for section in ("peers", "writes", "growth"):
        write(page, section, f"figures of {section}")
        assert f"figures of {section}" in page.read_text()
