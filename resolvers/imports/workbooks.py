"""Read a sheet of an Excel workbook (.xlsx) in a process of its own, bounded in size, memory and time.

A workbook is a ZIP archive of XML, so a small file can hold a sheet of any size.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from domain.errors import InvalidInput
from resolvers.core.csv_records import Record
from resolvers.imports import workbook_process

PACKED_BYTES = 64 << 20
UNPACKED_BYTES = 512 << 20
ENTRIES = 10_000
MEMORY_BYTES = 2 << 30
SECONDS = 120

_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The format of .xls, and of .xlsx files that a password protects."""

_ADVICE = "Save the sheet as CSV in UTF-8 and import that."


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a workbook, of a supported kind or not."""
    return head.startswith((_ZIP, _COMPOUND_FILE))


@contextmanager
def open_workbook(path: Path, *, sheet: str | None) -> Iterator[tuple[Iterator[Record], int]]:
    """Yield the records of a sheet, by default the first visible one, and their number. Raises InvalidInput."""
    _check(path)
    with TemporaryFile() as output:
        _convert(path, sheet, output)
        output.seek(0)
        count = sum(1 for _ in output)
        output.seek(0)
        yield _records(output), count


def _check(path: Path) -> None:
    """Raise InvalidInput unless the file is an .xlsx workbook within the limits, by the directory of the archive."""
    if path.stat().st_size > PACKED_BYTES:
        raise InvalidInput(f"{path.name} has more than {PACKED_BYTES >> 20} MiB. {_ADVICE}")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise InvalidInput(f"{path.name} is an .xls file, protected by a password, or damaged. {_ADVICE}") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        kind = "an .ods file" if "content.xml" in names else "no .xlsx file"
        raise InvalidInput(f"{path.name} is {kind}. {_ADVICE}")
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise InvalidInput(f"{path.name} has more than {UNPACKED_BYTES >> 20} MiB when it is unpacked. {_ADVICE}")


def _convert(path: Path, sheet: str | None, output: IO[bytes]) -> None:
    """Write the rows of a sheet to a file, by another process."""
    command = [sys.executable, "-I", workbook_process.__file__, str(MEMORY_BYTES), str(SECONDS), str(path.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - the command is our own
            command if sheet is None else [*command, sheet],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidInput(f"{path.name} takes more than {SECONDS} seconds to read. {_ADVICE}") from None
    if done.returncode == workbook_process.REFUSED:
        raise InvalidInput(f"{path.name}: {done.stderr.decode().strip()}")
    if done.returncode:
        raise InvalidInput(
            f"{path.name} is damaged, or takes more than {MEMORY_BYTES >> 30} GiB of memory to read. {_ADVICE}"
        )


def _records(rows: IO[bytes]) -> Iterator[Record]:
    for row in rows:
        line, cells, unreadable = json.loads(row)
        reasons: dict[str, Any] = unreadable
        yield Record(line, cells, unreadable={int(index): reason for index, reason in reasons.items()})
