"""A report in a real spreadsheet: LibreOffice reads the same cells as Python does, and runs none of them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.reports.conftest import Reports

# Commas, quotes, UTF-8; from the first line on; what stands in quotes is text.
READ = "CSV:44,34,76,1,,0,true,false,false"
WRITE = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"


@pytest.fixture
def office() -> str:
    """Give the command of LibreOffice."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        message = "LibreOffice is not installed: apt-get install libreoffice-calc"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return command


def convert(office: str, file: Path, kind: str, *options: str) -> Path:
    """The file in another format, in a folder of its own."""
    folder = file.parent / kind.partition(":")[0]
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    command = [office, profile, "--headless", *options, "--convert-to", kind, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (made,) = folder.iterdir()
    return made


@pytest.mark.parametrize(
    "field",
    [
        "phoneNumbersReport",
        pytest.param("numberUtilizationReport", marks=pytest.mark.long),
        pytest.param('consumptionReport(from: "2026-11-01", to: "2026-11-30")', marks=pytest.mark.long),
    ],
)
def test_a_report_survives_a_round_trip_through_a_spreadsheet(
    bank: Reports, office: str, tmp_path: Path, field: str
) -> None:
    used = {"recordId": "1", "number": "+14185550107", "kind": "DATA", "quantity": 10**12, "at": "2026-11-21T08:00:00Z"}
    bank.mutate("recordUsage", "recordedCount", {"records": [used]})
    file = tmp_path / "report.csv"
    file.write_bytes(bank.get(bank.link(field)["url"]).content)
    with file.open(encoding="utf-8-sig", newline="") as written:
        cells = list(csv.reader(written))
    workbook = convert(office, file, "xlsx", f"--infilter={READ}")
    back = convert(office, workbook, WRITE)
    with back.open(encoding="utf-8-sig", newline="") as read:
        assert [[cell.removesuffix(".0") for cell in row] for row in csv.reader(read)] == [
            [cell.removesuffix(".0") for cell in row] for row in cells
        ]
    assert len(cells) > 1
