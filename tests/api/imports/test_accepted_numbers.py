"""Every text of `number_texts`, read by the command and by the API as the reader of numbers reads it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.command import main
from domain.numbers import INPUT_LENGTH
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.outbox import mails
from tests.support.server import opened
from tests.unit.domain.number_texts import READ, REFUSED

REGIONS = sorted({region or "US" for _, region, _ in (*READ, *REFUSED)})
QUERY = "mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { changedCount } }"
ADD = "preview { number } userErrors { code message path }"


def _is_international(text: str) -> bool:
    """Whether the text is the same in every region."""
    return "+" in text


READ_IN = [(text, region or "US", number) for text, region, number in READ]
REFUSED_IN = [
    (text, region or "US", reason) for text, region, reason in REFUSED if region is not None or _is_international(text)
]


@pytest.fixture(scope="module")
def roots(databases: Databases) -> Iterator[Inventory]:
    """A root in each region, with a series of the same name."""
    with opened(databases) as server:
        inventory = Inventory(server, "".join(f"{region},,\n" for region in REGIONS))
        for region in REGIONS:
            change = {"organizationId": inventory.organization(region), "region": region}
            assert inventory.mutate("updateOrganization", "userErrors { code }", change, at=region)["userErrors"] == []
            inventory.mutate("createSeries", "series { id }", {"name": region}, at=region)
        before = dump(server)
        yield inventory
        assert dump(server) == before
        assert mails(server) == []


@pytest.mark.parametrize("region", REGIONS)
def test_the_command_reads_each_text_of_a_file_or_says_why_not(roots: Inventory, tmp_path: Path, region: str) -> None:
    read = [(text, number) for text, of, number in READ_IN if of == region]
    refused = [(text, reason) for text, of, reason in REFUSED_IN if of == region]
    file, report = tmp_path / "numbers.csv", tmp_path / "report.csv"
    rows = io.StringIO()
    writer = csv.writer(rows, quoting=csv.QUOTE_ALL)
    writer.writerows([("number", "series", "path"), *((text, region, region) for text, _ in (*read, *refused))])
    file.write_text(rows.getvalue())
    options = ["--dry-run", "--on-error", "skip", "--report", str(report)]
    done = CliRunner().invoke(
        main, ["import", "numbers", str(file), *options], env={"DIALTREE_DATABASE_URL": roots.server.url}
    )
    numbers = [number for _, number in read]
    assert done.stdout.startswith(f"{len(set(numbers))} numbers would be loaded"), done.output
    found: dict[int, list[str]] = defaultdict(list)
    for row in csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines(keepends=True)):
        if row["code"] != "WARNING":
            found[int(row["line"])].append(row["message"])
    messages = list(found.values())
    # A number that stands in the file again is named, so it was read as itself.
    repeated = [number for index, number in enumerate(numbers) if number in numbers[:index]]
    expected = [f"{number} is in the file twice" for number in repeated] + [reason for _, reason in refused]
    assert [len(each) for each in messages] == [1] * len(expected)
    assert [part for part, (message,) in zip(expected, messages, strict=True) if part not in message] == []


def test_the_api_reads_each_text_or_says_why_not(roots: Inventory) -> None:
    series = {region: roots.series(region, root=region) for region in REGIONS}
    wrong = []
    for text, region, expected in (*READ_IN, *REFUSED_IN):
        wanted = {"seriesId": series[region], "numbers": [text], "dryRun": True}
        if len(text) > INPUT_LENGTH:
            answer = roots.server.execute(QUERY, {"input": wanted}, token=roots.token(region))
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
            continue
        done = roots.mutate("addNumbers", ADD, wanted, at=region)
        numbers = [change["number"] for change in done["preview"] or ()]
        refusals = [(error["code"], error["path"]) for error in done["userErrors"]]
        messages = [error["message"] for error in done["userErrors"]]
        is_read = (numbers, refusals) == ([expected], [])
        is_refused = numbers == [] and refusals == [("INVALID_INPUT", ["input", "numbers", "0"])]
        if not (is_read or (is_refused and expected in messages[0])):
            wrong.append((text, region, expected, numbers, refusals, messages))
    assert wrong == []
