"""Whatever text or body arrives, each reader of input returns what it reads or refuses it in its own words."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from app.requests import BadRequest, Headers, read_request
from app.websocket_messages import Closed, operation_in, read_message
from db.core import keyset
from db.core.keyset import SortKey
from db.subscriptions.positions import Position, Progress
from domain.emails import clean_email, mailbox_key
from domain.errors import DialtreeError
from domain.moments import parse_date, parse_moment
from domain.number_search import search_text
from domain.numbers import parse, parse_span, try_parse
from domain.texts import clean_name, clean_tag, fold, fold_for_lookup
from resolvers.core import change_cursors
from resolvers.core.csv_reader import read_rows
from resolvers.core.csv_records import records_of_text
from resolvers.imports import number_lines, organizations, usage
from schema.core import ids
from tests.attacks.generated_values import TEXTS
from tests.unit.domain.number_texts import READ

WANTED = int(os.environ.get("DIALTREE_TEST_INPUTS", "5000"))
"""Inputs for each reader."""

SEED = int(os.environ.get("DIALTREE_TEST_SEED", "0"))
REGIONS = (None, "US", "GB", "IT", "AR", "BR", "JP", "CI", "SM")
PIECES = [
    *(text for text in TEXTS if "\ud800" not in text and len(text) < 100),
    *"\"',;\t\r\n\\/+-()[]{}:.=&%#@\x00\x1f\x7f\x85\xa0\u200b\u200f\u2028\u202e\ufeff\uff11\u0661\u0967\u1d7d9\U0001f4de",
    '""',
    "\r\n",
    "00",
    "9" * 40,
    "1e999",
    "-0",
    "null",
    "\\ud800",
    "\\u0000",
    "x" * 70,
]
NUMBERS = [text for text, _, _ in READ]
CELLS = [
    "number,series,organization,status",
    "+14185550100,Quebec,Acme,AVAILABLE",
    'path\n"Acme, Ltd"',
    "sep=;\nnumber;at",
]
MAILBOXES = [
    "ada@example.com",
    '"a b"@example.com',
    "\u0130@b\u00fccher.example",
    "a.b+c@xn--bcher-kva.example",
    "Ada <a@b.co>",
]
MOMENTS = ["2026-11-21T09:00:00Z", "2026-02-29", "2026-11-21T09:00:00.123456789+05:30", "0001-01-01T00:00:00-23:59"]
JSONS = [
    '{"query":"{ __typename }","variables":{"a":[1,2.5e3,null,true]},"operationName":"x"}',
    '{"documentId":"abc","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
    '{"type":"subscribe","id":"1","payload":{"query":"subscription { jobProgress(id: \\"a\\") { state } }"}}',
    '{"type":"connection_init","payload":{"authorization":"Bearer x"}}',
]
POSITION = Position("7", "10:20:11,12", 5, datetime(2026, 11, 21, 9, tzinfo=UTC))
CURSORS = [
    keyset.encode("order", SortKey("a", 1)),
    keyset.encode("order", SortKey(None, 2**62)),
    keyset.pack(["order", {"at": "2026-11-21T09:00:00+00:00"}, 7]),
    change_cursors.encode(Progress(POSITION), root_id=1),
    change_cursors.encode(Progress(POSITION, POSITION, 9), root_id=1),
    ids.encode("PhoneNumber", 1),
    ids.encode("Event", 1, 2**62),
]


def mutated(random: Random, seeds: Sequence[str]) -> str:
    """One of the seeds after a few changes: parts of it are taken away, repeated, exchanged, or put beside odd ones."""
    text = random.choice(seeds)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 1, 1, 2, 5, 20)))
        part = random.choice(
            ("", random.choice(PIECES), random.choice(PIECES), text[start:end] * 2, random.choice(seeds))
        )
        text = text[:start] + part + text[end:]
    return text


def _mutated_inside(random: Random) -> str:
    """A cursor or an id whose content is changed before it is encoded again."""
    if random.random() < 0.2:
        return mutated(random, CURSORS)
    decoded = [urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode() for text in CURSORS]
    return urlsafe_b64encode(mutated(random, decoded).encode()).decode().rstrip("=")


def _read_number(text: str, random: Random) -> None:
    region = random.choice(REGIONS)
    found = try_parse(text, region=region)
    if found is None:
        with pytest.raises(DialtreeError):
            parse(text, region=region)
    parse_span(found or text, text, region=region, path=("ranges", "0"))


def _read_search(text: str, random: Random) -> None:
    search_text(text, random.choice(REGIONS))


def _read_text(text: str, _: Random) -> None:
    fold(text)
    fold_for_lookup(text)
    clean_tag(text, path=("tag",))
    clean_name(text, noun="name", path=("name",))


def _read_mailbox(text: str, _: Random) -> None:
    mailbox_key(text)
    clean_email(text, path=("email",))


def _read_moment(text: str, random: Random) -> None:
    # Scalars word a ValueError.
    with suppress(ValueError):
        random.choice((parse_moment, parse_date))(text)


def _read_csv(text: str, random: Random) -> None:
    columns = random.choice((number_lines.COLUMNS, organizations.COLUMNS, usage.COLUMNS))
    for row in read_rows(records_of_text(text), columns, path=("csv",)):
        assert all(isinstance(cell, str) for cell in row.cells.values())


def _read_cursor(text: str, random: Random) -> None:
    keyset.decode("order", text, name="after", types=(random.choice(((str,), (int, type(None)))), int))


def _read_change_cursor(text: str, _: Random) -> None:
    change_cursors.decode(text, root_id=1)


def _read_id(text: str, _: Random) -> None:
    name, key = ids.decode(text)
    assert (name, key) == ("", ()) or ids.encode(name, *key) == text


def _read_message(text: str, _: Random) -> None:
    message = read_message(text)
    if message.type == "subscribe":
        operation_in(message)


READERS: dict[str, tuple[Callable[[str, Random], None], Callable[[Random], str]]] = {
    "number": (_read_number, lambda random: mutated(random, NUMBERS)),
    "search": (_read_search, lambda random: mutated(random, NUMBERS)),
    "text": (_read_text, lambda random: mutated(random, PIECES)),
    "mailbox": (_read_mailbox, lambda random: mutated(random, MAILBOXES)),
    "moment": (_read_moment, lambda random: mutated(random, MOMENTS)),
    "csv": (_read_csv, lambda random: mutated(random, CELLS)),
    "cursor": (_read_cursor, _mutated_inside),
    "cursor of changes": (_read_change_cursor, _mutated_inside),
    "id": (_read_id, _mutated_inside),
    "message": (_read_message, lambda random: mutated(random, JSONS)),
}


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_any_text_is_read_or_refused(name: str) -> None:
    read, generate = READERS[name]
    random = Random(f"{SEED} {name}")  # noqa: S311 - a failure can be repeated
    refused = 0
    for _ in range(WANTED):
        text = generate(random)
        try:
            read(text, random)
        except (DialtreeError, Closed) as error:
            refused += 1
            _check_wording(str(error), text)
        except Exception as error:
            raise AssertionError(f"{name}: {text!r}") from error
    assert refused < WANTED


@pytest.mark.long
async def test_any_body_is_read_or_refused() -> None:
    random = Random(SEED)  # noqa: S311 - a failure can be repeated
    refused = 0
    for _ in range(WANTED):
        text = mutated(random, JSONS)
        body = text.encode("utf-8" if random.random() < 0.9 else "utf-16")
        method = random.choice(("GET", "POST"))

        async def receive(body: bytes = body) -> Any:
            return {"type": "http.request", "body": body}

        scope = {"method": method, "query_string": b"query=x&variables=" + body, "headers": []}
        try:
            await read_request(scope, Headers(content_type="application/json"), receive, nullcontext())
        except BadRequest as error:
            refused += 1
            _check_wording(error.message, text)
        except Exception as error:
            raise AssertionError(f"{method} {body!r}") from error
    assert 0 < refused < WANTED


def _check_wording(message: str, text: str) -> None:
    """Check that a refusal is a sentence of ours, and short: without Python's words, and without the whole input."""
    assert message.endswith((".", "?")), (message, text)
    assert len(message) < 500, (message, text)
    assert "codec" not in message, (message, text)
