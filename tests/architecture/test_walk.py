"""docs/walk.md names existing tests, at least one for each statement."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<says>.+?) \| (?P<requirement>[A-Z]\d+(?:, [A-Z]\d+)*) \| (?P<shown>.+) \|$")
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LATER = "*not built yet*"
LINES = (ROOT / "docs/walk.md").read_text(encoding="utf-8").splitlines()
ROWS = [ROW.match(line) for line in LINES if line.startswith("| ") and not line.startswith("| the page says")]
NAMED = sorted({named for row in ROWS if row for named in TEST.findall(row["shown"])})


def test_every_row_has_a_statement_a_requirement_and_tests() -> None:
    assert len(ROWS) > 50
    for row in ROWS:
        assert row is not None
        left_over = TEST.sub("", row["shown"]).replace("<br>", "")
        assert left_over == (LATER if not TEST.search(row["shown"]) else ""), row["says"]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_named_test_exists(file: str, test: str) -> None:
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:async )?def {test}\(", text, re.MULTILINE)


def test_only_dashboard_requirements_may_lack_tests() -> None:
    later = [row["requirement"] for row in ROWS if row and row["shown"] == LATER]
    assert {requirement[0] for requirement in later} <= {"D"}
