"""Read a CSV file as records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from resolvers.core.csv_records import LINE_LENGTH, MalformedCSVError, Record, split_records

_ENCODINGS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""By byte-order mark. Spreadsheets save "Unicode text" in UTF-16."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_CHUNK = 1 << 20


@contextmanager
def csv_records(file: io.BufferedReader, path: Path) -> Iterator[tuple[Iterator[Record], int | None]]:
    """Yield the records of an open file, and how many lines it has, if that is known."""
    head = file.peek(4)[:4]
    encoding = next((name for mark, name in _ENCODINGS.items() if head.startswith(mark)), "utf-8")
    with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield split_records(_lines(text, path)), _line_count(path)


def _lines(text: TextIO, path: Path) -> Iterator[str]:
    try:
        # The limit bounds the memory; the reader refuses a longer line.
        yield from iter(partial(text.readline, LINE_LENGTH + 1), "")
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from None


def _line_count(path: Path) -> int | None:
    """Return the number of line ends, or None for a pipe, which can be read only once."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        counts = [(chunk.count(b"\n"), chunk.count(b"\r")) for chunk in iter(partial(file.read, _CHUNK), b"")]
    return max(sum(feeds for feeds, _ in counts), sum(returns for _, returns in counts))


def _undecodable(path: Path, error: UnicodeDecodeError) -> MalformedCSVError:
    """Return the refusal of a file that is not in its encoding, with the place of the first wrong byte."""
    advice = f"The file is not in {error.encoding.upper()}. Save it as CSV in UTF-8."
    if error.encoding != "utf-8" or not path.is_file():
        return MalformedCSVError(advice, line=1)
    line = 1
    with path.open("rb") as file:
        for raw in file:
            try:
                raw.decode()
            except UnicodeDecodeError as fault:
                before = _LINE_END.split(raw[: fault.start])
                character = len(before[-1].decode()) + 1
                return MalformedCSVError(
                    f"Character {character} is the byte 0x{raw[fault.start]:02X}. {advice}",
                    line=line + len(before) - 1,
                    value=before[-1].decode()[-40:],
                )
            line += len(_LINE_END.findall(raw))
    return MalformedCSVError(advice, line=line)
