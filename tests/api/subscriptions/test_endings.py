"""A subscription ends with an error once its caller may no longer follow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from domain.errors import SessionEnded
from resolvers.core import change_feed
from resolvers.core.context import Context
from resolvers.subscriptions import numbers
from tests.api.subscriptions.conftest import Live
from tests.support.inventory import Inventory
from tests.support.subscribing import socket

PASSWORD = "cobalt lantern 41 orchard"
EMAIL = "ada@bank.test"
FOLLOW = "subscription { phoneNumbersChanged { changedCount } }"
UTILIZATION = "subscription { utilizationChanged { total } }"


@pytest.fixture(autouse=True)
def _quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_feed, "PULSE_SECONDS", 0.2)


def sign_in(bank: Inventory) -> str:
    bank.server.create_administrator(organization="Bank", role="ADMIN", email=EMAIL, password=PASSWORD)
    asked = f'mutation {{ signIn(input: {{ email: "{EMAIL}", password: "{PASSWORD}" }}) {{ token }} }}'
    token: str = bank.server.ask(asked, token=None)["signIn"]["token"]
    return token


def administrator(bank: Inventory) -> str:
    found = bank.ask("{ administrators { nodes { id } } }")["administrators"]["nodes"]
    id_: str = found[0]["id"]
    return id_


ENDINGS: dict[str, Callable[[Inventory, str], object]] = {
    "signed out": lambda bank, token: bank.server.ask("mutation { signOut { userErrors { code } } }", token=token),
    "expired": lambda bank, _: bank.server.advance(13 * 3600),
    "deleted": lambda bank, _: bank.mutate(
        "deleteAdministrator", "userErrors { code }", {"administratorId": administrator(bank)}
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_that_ends_closes_the_connection(live: Live, ending: str) -> None:
    token = sign_in(live.bank)
    with socket(live.address, token=token) as client:
        follows = [client.subscribe(FOLLOW), client.subscribe(UTILIZATION)]
        assert client.data(follows[1]) == {"total": 4}
        ENDINGS[ending](live.bank, token)
        message = client.receive()
        assert (message["type"], message["payload"][0]["extensions"]) == ("error", {"code": "UNAUTHENTICATED"})
        with suppress(ConnectionClosed):
            # The other subscription may have had its error before.
            while client.receive()["type"] == "error":
                pass
        assert client.connection.close_code == 4403


def test_a_token_ends_beside_changes_of_others(live: Live) -> None:
    bank = live.bank
    query = "subscription ($id: ID) { utilizationChanged(organizationId: $id) { total } }"
    with socket(live.address, token=sign_in(bank)) as client:
        follows = client.subscribe(query, {"id": bank.organization("Bank/Retail")})
        assert client.data(follows) == {"total": 0}
        [number] = bank.numbers("+14185550103")
        bank.server.advance(13 * 3600)
        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [number], "tag": "x"})
        assert client.message(follows)["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_a_revoked_key_and_a_lowered_role_end_the_subscription(live: Live) -> None:
    bank = live.bank
    key = bank.server.create_key(organization="Bank", role="VIEWER", name="wall")
    with socket(live.address, token=key) as client:
        follows = client.subscribe(UTILIZATION)
        assert client.data(follows) == {"total": 4}
        bank.server.revoke_key("wall")
        assert client.message(follows)["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    token = sign_in(bank)
    with socket(live.address, token=token) as client:
        follows = client.subscribe(UTILIZATION)
        assert client.data(follows) == {"total": 4}
        lowered = {"administratorId": administrator(bank), "role": "USAGE_WRITER"}
        bank.mutate("updateAdministrator", "userErrors { code }", lowered)
        assert client.message(follows)["payload"][0]["extensions"] == {"code": "FORBIDDEN"}
        asks = client.subscribe("{ viewer { role } }")
        assert client.data(asks) == {"role": "USAGE_WRITER"}


def test_a_token_is_checked_before_each_event(one_live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, checks = one_live.bank, 0
    cursor = bank.ask("{ phoneNumbers { changesCursor } }")["phoneNumbers"]["changesCursor"]
    for number in bank.numbers("+14185550100", "+14185550101"):
        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [number], "tag": "x"})

    async def end_after_one(_context: Context) -> None:
        nonlocal checks
        checks += 1
        if checks > 1:
            raise SessionEnded

    monkeypatch.setattr(numbers, "authenticate_again", end_after_one)
    with socket(one_live.address, token=bank.token()) as client:
        follows = client.subscribe(f'subscription {{ phoneNumbersChanged(after: "{cursor}") {{ changedCount }} }}')
        assert client.data(follows) == {"changedCount": 1}
        assert client.message(follows)["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_an_organization_that_is_deleted_ends_the_subscription(live: Live) -> None:
    bank = live.bank
    retail = bank.organization("Bank/Retail")
    query = "subscription ($id: ID) { utilizationChanged(organizationId: $id) { total } }"
    with socket(live.address, token=bank.token()) as client:
        follows = client.subscribe(query, {"id": retail})
        assert client.data(follows) == {"total": 0}
        bank.mutate("deleteOrganization", "userErrors { code }", {"organizationId": retail})
        assert client.message(follows)["payload"][0]["extensions"]["code"] == "NOT_FOUND"
