"""A download link in a real browser, which sends no token with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.application import create_application
from app.settings import Settings
from tests.browser.chromium import Page
from tests.support.clock import SettableClock
from tests.support.databases import SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import opened
from tests.support.waiting import wait_until

NUMBERS = "+14185550100,+1 418,Bank,AVAILABLE,,,,\n+14185550101,+1 418,Bank,RESERVED,=1+1,,,\n"
NAME = "phone-numbers_Zürich-Bank_2026-11-21.csv"
SHOWN = "document.body?.innerText.trim()"


@dataclass
class Served:
    """A bank behind a real server; `link` asks for a link as a program with a key does."""

    bank: Inventory
    address: str
    clock: SettableClock

    def link(self) -> str:
        query = "{ phoneNumbersReport { url } }"
        found = self.bank.server.ask(query, token=self.bank.token(role="VIEWER"))["phoneNumbersReport"]
        url: str = found["url"]
        return url.replace("http://dialtree.test", self.address)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "databases").mkdir()
    with opened(SQLiteDatabases(tmp_path / "databases")) as server:
        bank, clock = Inventory(server, "Zürich Bank\n", NUMBERS.replace(",Bank,", ",Zürich Bank,")), SettableClock()
        settings = Settings(database_url=server.url)
        with serving(create_application(settings, clock=clock, works_in_background=False)) as address:
            yield Served(bank, address, clock)


def saved(folder: Path) -> bytes:
    """The content of the one file that was saved, when it is whole."""

    def names() -> list[str]:
        return [file.name for file in folder.iterdir()]

    wait_until(lambda: names() == [NAME], lambda: f"there is {names()}")
    return (folder / NAME).read_bytes()


def test_opening_a_link_saves_the_file(page: Page, served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    page.open(served.link())
    rows = list(csv.reader(io.StringIO(saved(folder).decode("utf-8-sig"), newline="")))
    assert rows[1:] == [
        ["+1 418", "+14185550100", "Zürich Bank", "Available", "", "Zürich Bank"],
        ["+1 418", "+14185550101", "Zürich Bank", "Reserved", "'=1+1", "Zürich Bank"],
    ]


@pytest.mark.long
def test_an_expired_or_changed_link_shows_a_message_and_saves_nothing(
    page: Page, served: Served, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    link = served.link()
    changed = link.replace("link=.e", "link=.f").replace("link=e", "link=f")
    page.open(changed)
    page.wait_for(f"{SHOWN} === 'This is not a valid download link of this server.'")
    served.clock.advance(301)
    page.open(link)
    page.wait_for(f"{SHOWN} === 'This download link has expired. Request a new one.'")
    assert list(folder.iterdir()) == []
