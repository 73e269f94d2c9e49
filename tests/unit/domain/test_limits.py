"""Limits: their numbers, which clients count as one, and how a wait is worded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import limits
from domain.limits import DAY, HOUR, QUARTER, Limit, network_of, wait_text


def test_every_limit_has_its_numbers_and_a_name_of_its_own() -> None:
    found = [limit for limit in vars(limits).values() if isinstance(limit, Limit)]
    assert {limit.name: limit.windows for limit in found} == {
        "sign-in to account": ((10, QUARTER),),
        "sign-in from known address": ((10, QUARTER),),
        "sign-in from address": ((100, QUARTER),),
        "password reset to": ((5, HOUR), (20, DAY)),
        "password reset from": ((20, HOUR), (100, DAY)),
        "mail to": ((5, HOUR), (20, DAY)),
        "mail of organization": ((100_000, HOUR), (200_000, DAY)),
        "request of organization": ((5, HOUR), (20, DAY)),
        "request to supplier": ((50, HOUR), (200, DAY)),
    }
    assert len({limit.name for limit in found}) == len(found)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:DB8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "unknown"),
        ("203.0.113.7:80", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        (timedelta(seconds=0.5), "1 minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(hours=1), "60 minutes"),
        (timedelta(hours=1, seconds=1), "2 hours"),
        (timedelta(hours=24), "24 hours"),
    ],
)
def test_a_wait_is_rounded_up(wait: timedelta, text: str) -> None:
    assert wait_text(wait) == text
