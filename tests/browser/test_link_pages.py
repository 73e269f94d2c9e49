"""The pages behind the mails' links in a real browser, as wide as a phone and as a tablet."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.application import create_application
from app.settings import Settings
from db.core.migrations import migrate
from tests.api.access.administrators.actions import anybody
from tests.api.users.actions import FREE, invited, link
from tests.browser.chromium import Page
from tests.support.clock import SettableClock
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.outbox import token_of
from tests.support.server import Server

ORGANIZATION, OWNER = "Bank of the Long Name", "owner@bank.test"
NUMBERS = "".join(f"+1418555010{n},+1 418,{ORGANIZATION},AVAILABLE,,,,\n" for n in range(8))
WIDTHS = pytest.mark.parametrize("width", [390, pytest.param(800, marks=pytest.mark.long)])


@contextmanager
def served(folder: Path, prepare: Callable[[Inventory], str]) -> Iterator[tuple[str, str, SettableClock]]:
    """A server over what was prepared: its address, the token of the link that was sent, and its clock."""
    url = f"sqlite:///{folder / 'bank.db'}"
    asyncio.run(migrate(url))
    with closing(Server(url)) as server:
        token = prepare(Inventory(server, f"{ORGANIZATION}\n", NUMBERS))
    clock = SettableClock()
    with serving(create_application(Settings(database_url=url), clock=clock, works_in_background=False)) as address:
        yield address, token, clock


def invite_without_number(bank: Inventory) -> str:
    invited(bank)
    return link(bank)


def invite_with_number(bank: Inventory) -> str:
    invited(bank, numberId=bank.number(FREE))
    return link(bank)


def forget_password(bank: Inventory) -> str:
    bank.server.create_administrator(organization=ORGANIZATION, role="OWNER", email=OWNER, password="correct horse")
    anybody(bank, "requestPasswordReset", "", email=OWNER)
    return token_of(bank.server, OWNER)


def shown(page: Page, url: str, width: int) -> None:
    """Open a page in a window of this width, in which nothing may stick out."""
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=2, mobile=width < 600)
    page.open(url)
    page.wait_for("document.readyState === 'complete' && document.querySelector('main') && true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def headed(page: Page, heading: str) -> None:
    """Wait for the page with this heading."""
    page.wait_for(f"document.querySelector('h1')?.innerText === {json.dumps(heading)}")


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.evaluate(f"document.querySelector({json.dumps(f'[name={name}]')}).value = {json.dumps(value)}")


@WIDTHS
def test_an_invitation_is_accepted_on_its_page(page: Page, tmp_path: Path, width: int) -> None:
    with served(tmp_path, invite_without_number) as (address, token, _):
        shown(page, f"{address}/invitation?token={token}", width)
        page.screenshot(tmp_path / f"invitation-{width}.png")
        page.click("label.choice:nth-of-type(2)")
        assert page.evaluate("document.querySelector('input:checked').parentElement.innerText") == "+1 418-555-0101"
        page.screenshot(tmp_path / f"chosen-{width}.png")
        page.click("button")
        headed(page, "The number is yours")
        page.screenshot(tmp_path / f"accepted-{width}.png")
        assert page.evaluate("document.querySelector('.number').innerText") == "+1 418-555-0101"
        assert page.errors == []
        assert [url for url in page.requests if not url.startswith((f"{address}/", "data:"))] == []


@WIDTHS
@pytest.mark.long
def test_a_password_is_set_on_its_page(page: Page, tmp_path: Path, width: int) -> None:
    with served(tmp_path, forget_password) as (address, token, _):
        shown(page, f"{address}/password", width)
        page.screenshot(tmp_path / f"forgotten-{width}.png")
        fill(page, email=OWNER)
        page.click("button")
        headed(page, "Check your inbox")
        page.screenshot(tmp_path / f"asked-{width}.png")
        assert page.errors == []
        shown(page, f"{address}/password?token={token}", width)
        fill(page, password="a brand new password", again="another new password")
        page.click("button")
        page.wait_for("document.querySelector('.error')?.innerText === 'The passwords do not match.'")
        page.screenshot(tmp_path / f"password-{width}.png")
        fill(page, password="a brand new password", again="a brand new password")
        page.click("button")
        headed(page, "Your password is set")
        page.screenshot(tmp_path / f"set-{width}.png")


@WIDTHS
@pytest.mark.long
def test_an_expired_link_shows_a_message(page: Page, tmp_path: Path, width: int) -> None:
    with served(tmp_path, invite_with_number) as (address, token, clock):
        shown(page, f"{address}/invitation?token={token}", width)
        page.screenshot(tmp_path / f"number-{width}.png")
        assert page.evaluate("document.querySelector('.number').innerText") == "+1 418-555-0100"
        clock.advance(14 * 24 * 3600)
        shown(page, f"{address}/invitation?token={token}", width)
        page.screenshot(tmp_path / f"late-{width}.png")
        assert "has expired" in page.evaluate("document.querySelector('main').innerText")
