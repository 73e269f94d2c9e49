"""The pages that links in mails open: opening one changes nothing, submitting its form does."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.access.administrators.actions import anybody, codes, sign_in
from tests.api.pages.conftest import OWNER, PASSWORD
from tests.api.users.actions import FREE, OTHER, invited, link
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import mails, token_of

NEW = "a brand new password"
DAY = 24 * 3600


def get(bank: Inventory, path: str) -> httpx.Response:
    return bank.server.run(bank.server.client.get(path))


def post(bank: Inventory, path: str, **fields: str) -> httpx.Response:
    return bank.server.run(bank.server.client.post(path, data=fields))


def choices(response: httpx.Response) -> dict[str, str]:
    found = re.findall(r'name="numberId" value="([^"]+)" required>([^<]+)<', response.text)
    return {text: value for value, text in found}


def test_opening_an_invitation_page_changes_nothing(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    before = dump(bank.server)
    response = get(bank, f"/invitation?token={quote(link(bank))}")
    assert response.status_code == 200
    assert "<h1>Bank invites you</h1>" in response.text
    assert "+1 418-555-0100" in response.text
    assert "expires on 5 December 2026, 09:00 UTC" in response.text
    assert dump(bank.server) == before


def test_submitting_the_form_accepts_the_invitation(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    token = link(bank)
    response = post(bank, "/invitation", token=token)
    assert (response.status_code, "+1 418-555-0100" in response.text) == (200, True)
    assert "<h1>The number is yours</h1>" in response.text
    assert bank.show(FREE, "status") == {"status": "IN_USE"}
    assert post(bank, "/invitation", token=token).status_code == 404
    assert get(bank, f"/invitation?token={token}").status_code == 404


def test_a_user_without_a_number_chooses_one_on_the_page(bank: Inventory) -> None:
    invited(bank)
    token = link(bank)
    offered = choices(get(bank, f"/invitation?token={token}"))
    assert list(offered) == [f"+1 418-555-010{n}" for n in range(5)]
    unchosen = post(bank, "/invitation", token=token)
    assert (unchosen.status_code, "Choose one of the offered numbers." in unchosen.text) == (409, True)
    invited(bank, "Dee", numberId=bank.number(FREE))
    lost = post(bank, "/invitation", token=token, numberId=offered["+1 418-555-0100"])
    assert (lost.status_code, "no longer available" in lost.text) == (409, True)
    assert list(choices(lost)) == [f"+1 418-555-010{n}" for n in range(1, 6)]
    assert post(bank, "/invitation", token=token, numberId=offered["+1 418-555-0101"]).status_code == 200
    assert bank.show(OTHER, "status") == {"status": "IN_USE"}


def test_a_page_without_free_numbers_says_so(bank: Inventory) -> None:
    reserved = {"filter": {"statuses": ["AVAILABLE"]}, "tag": "kept"}
    bank.mutate("reserveNumbers", "changedCount", reserved)
    invited(bank)
    response = get(bank, f"/invitation?token={link(bank)}")
    assert (response.status_code, "none is available at the moment" in response.text) == (200, True)
    assert "<form" not in response.text


def test_an_expired_invitation_is_410(bank: Inventory) -> None:
    invited(bank)
    bank.server.advance(14 * DAY)
    response = get(bank, f"/invitation?token={link(bank)}")
    assert (response.status_code, "has expired" in response.text) == (410, True)


@pytest.mark.parametrize(
    "path", ["/invitation", "/invitation?token=", "/invitation?token=nonsense", "/password?token=x"]
)
def test_an_unknown_link_is_404(bank: Inventory, path: str) -> None:
    response = get(bank, path)
    assert (response.status_code, "no longer valid" in response.text) == (404, True)


def test_a_password_is_set_on_the_page(bank: Inventory) -> None:
    assert "Forgot your password?" in get(bank, "/password").text
    assert post(bank, "/password", email=OWNER).status_code == 200
    token = token_of(bank.server, OWNER)
    before = dump(bank.server)
    form = get(bank, f"/password?token={token}")
    assert (form.status_code, OWNER in form.text) == (200, True)
    assert dump(bank.server) == before
    unlike = post(bank, "/password", token=token, password=NEW, again="another")
    assert (unlike.status_code, "do not match" in unlike.text) == (422, True)
    short = post(bank, "/password", token=token, password="short", again="short")
    assert (short.status_code, "at least 12 characters" in short.text) == (422, True)
    assert dump(bank.server) == before
    assert "Your password is set" in post(bank, "/password", token=token, password=NEW, again=NEW).text
    assert sign_in(bank, OWNER, NEW)["token"]
    assert codes(sign_in(bank, OWNER, PASSWORD)) == ["INVALID_CREDENTIALS"]
    assert post(bank, "/password", token=token, password=NEW, again=NEW).status_code == 404


def test_requesting_a_link_looks_the_same_for_known_and_unknown_addresses(bank: Inventory) -> None:
    known, unknown = (post(bank, "/password", email=email) for email in (OWNER, "nobody@bank.test"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert len(mails(bank.server)) == 1


def test_pages_have_the_security_headers(bank: Inventory) -> None:
    invited(bank)
    pages = [get(bank, f"/invitation?token={link(bank)}"), get(bank, "/password"), get(bank, "/invitation")]
    for response in pages:
        headers = response.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script" not in response.text
        assert " style=" not in response.text


def test_user_input_is_escaped(bank: Inventory) -> None:
    nasty = "<script>alert(1)</script>"
    said = {"organizationId": bank.organization("Bank"), "name": f'"{nasty}'}
    bank.mutate("updateOrganization", "userErrors { code }", said)
    invited(bank, lastName=nasty)
    text = get(bank, f"/invitation?token={link(bank)}").text
    assert nasty not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert '"><script' not in get(bank, '/invitation?token="><script>').text


@pytest.mark.parametrize(
    ("body", "status", "media"),
    [
        ("x" * 70_000, 413, "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(50)), 400, "application/x-www-form-urlencoded"),
        ("token=%ff%00", 404, "application/x-www-form-urlencoded"),
        ("{}", 415, "application/json"),
        ("", 415, "multipart/form-data; boundary=x"),
    ],
)
def test_an_invalid_form_is_refused(bank: Inventory, body: str, status: int, media: str) -> None:
    before = dump(bank.server)
    headers = {"Content-Type": media}
    response = bank.server.run(bank.server.client.post("/invitation", content=body, headers=headers))
    assert response.status_code == status
    assert dump(bank.server) == before


def test_other_methods_of_pages_are_405(bank: Inventory) -> None:
    response = bank.server.run(bank.server.client.delete("/invitation"))
    assert response.status_code == 405


def test_the_pages_have_the_same_effect_as_the_api(bank: Inventory) -> None:
    """A front end that hosts its own pages has the same token."""
    invited(bank, numberId=bank.number(FREE))
    done: Any = anybody(bank, "acceptInvitation", "number", token=link(bank))
    assert (done["number"], done["userErrors"]) == (FREE, [])
