"""Names, places and number ranges of the demo inventory."""

from __future__ import annotations

from typing import NamedTuple

DEPARTMENTS = (
    "Sales",
    "Support",
    "Field Service",
    "Finance",
    "Legal",
    "Retail",
    "Operations",
    "Research",
    "Branch",
    "Trading",
)


class Place(NamedTuple):
    """The time zone and the region of a city."""

    time_zone: str
    region: str


PLACES = {
    "Quebec": Place("America/Toronto", "CA"),
    "Montreal": Place("America/Toronto", "CA"),
    "New York": Place("America/New_York", "US"),
    "Boston": Place("America/New_York", "US"),
    "Seattle": Place("America/Los_Angeles", "US"),
    "London": Place("Europe/London", "GB"),
    "Manchester": Place("Europe/London", "GB"),
    "Paris": Place("Europe/Paris", "FR"),
    "Berlin": Place("Europe/Berlin", "DE"),
    "Mumbai": Place("Asia/Kolkata", "IN"),
    "Sydney": Place("Australia/Sydney", "AU"),
}
FIRST_NAMES = (
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Ken",
    "Radia",
    "Donald",
    "Frances",
    "Tim",
    "Émile",
    "Zoë",
)
LAST_NAMES = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Dijkstra",
    "Liskov",
    "Thompson",
    "Perlman",
    "Knuth",
    "Allen",
    "Lee",
    "Baudot",
)
TAGS = (
    "salestag",
    "vip",
    "hold 2027-Q1",
    "sales_14182",
    "front desk",
    "100% reserved",
    "naïve café",
    "spare",
)


class DemoSeries(NamedTuple):
    """A series, and its numbers: a prefix and the first subscriber number."""

    name: str
    region: str
    prefix: str
    first: int


SERIES = (
    DemoSeries("+1 418 Quebec", "CA", "+1418", 2_000_000),
    DemoSeries("+1 514 Montreal", "CA", "+1514", 2_000_000),
    DemoSeries("+1 212 New York", "US", "+1212", 2_000_000),
    DemoSeries("+1 617 Boston", "US", "+1617", 2_000_000),
    DemoSeries("+1 206 Seattle", "US", "+1206", 2_000_000),
    DemoSeries("+44 20 London", "GB", "+4420", 30_000_000),
    DemoSeries("+33 1 Paris", "FR", "+331", 40_000_000),
    DemoSeries("+49 30 Berlin", "DE", "+4930", 20_000_000),
    DemoSeries("+91 22 Mumbai", "IN", "+9122", 20_000_000),
    DemoSeries("+61 2 Sydney", "AU", "+612", 80_000_000),
)

SUPPLIER_EMAIL = "orders@northline.example"
SUPPLIER_TELEPHONE = "+1 418 555 0142"

ADMINISTRATORS = ("Priya Raman", "Tomás Ortega", "Mei Lindqvist")
"""The people whose changes the history shows."""

DELIVERY_DAYS = (400, 330, 260, 200, 150, 110, 70, 40, 15)
"""How many days ago the numbers were added, an equal share each time."""
