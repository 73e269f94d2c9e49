"""The inventory that every operation is run on: a demo's, changed by the server's own mutations, and a neighbour's.

The demo alone would have a history of one operation. What is done to it here gives numbers a past, and leaves tags with
special characters, retired numbers, operations on organizations and series, and cursors into every kind of list.
"""

from __future__ import annotations

from typing import Any

from db.core.database import Database
from resolvers.core.csv_records import records_of_text
from resolvers.imports.demo import ROOT_NAME, create_demo_inventory
from resolvers.imports.numbers import import_numbers
from resolvers.imports.organizations import import_organizations
from resolvers.organizations.paths import organization_at
from schema.core.ids import encode
from tests.properties.execution import people
from tests.properties.execution.callers import CHILD, EMAIL, LEAF, PASSWORD, Ask
from tests.support.clock import SettableClock

Names = dict[str, Any]
"""What the corpus' placeholders stand for."""

ORGANIZATIONS = 30
NUMBERS = 500
SEED = 7

PLACES = {
    "root": ROOT_NAME,
    "child": CHILD,
    "grandchild": f"{CHILD}/Sales Berlin",
    "leaf": LEAF,
    "empty": f"{ROOT_NAME}/Field Service New York",
    "sibling": f"{ROOT_NAME}/Trading New York",
}
BUSY = "+44 20 2000 0001"
"""The number that most of the changes are made to, as people write it."""

TAG = "100% naïve_café"

_NEIGHBOURS_NUMBERS = """\
number,series,organization,status,reserved_tag,first_name,last_name,email
+442079460100,+44 20 London,Rival,AVAILABLE,,,,
+442079460101,Rival's own,Rival,RESERVED,sales,,,
+442079460102,Rival's own,Rival/Team,IN_USE,,Grace,Hopper,grace@rival.example
"""


async def fill_demo(database: Database, clock: SettableClock) -> None:
    """The demo's organizations and numbers, in an empty database."""
    await create_demo_inventory(
        database, organization_count=ORGANIZATIONS, number_count=NUMBERS, seed=SEED, now=clock()
    )


async def live(database: Database, clock: SettableClock, ask: Ask) -> Names:
    """Let things happen in a demo; the names of what is in it then."""
    names: Names = {
        name: encode("Organization", (await organization_at(database, path)).id) for name, path in PLACES.items()
    }
    series = await ask("{ organization { inventory { available series { id } } } }")
    rows = series["organization"]["inventory"]
    names["series"] = max(rows, key=lambda row: row["available"])["series"]["id"]
    await _change(clock, ask, names)
    available = [node["id"] for node in await _listed(ask, names["root"], statuses=["AVAILABLE"])]
    await people.invite(ask, names, available=available, reserved_tag=TAG)
    await people.refuse_mails(database, ask)
    names |= await people.named(database, ask, names)
    names |= await _numbers(ask, names)
    await _use(ask, names["inUseNumber"])
    return names | await _history(ask, names) | await _cursors(ask) | _constants(names)


async def settle(database: Database, clock: SettableClock) -> None:
    """Put another tenant beside the demo."""
    tree = records_of_text("path\nRival\nRival/Team\n")
    assert not (await import_organizations(database, tree, now=clock())).lines
    numbers = records_of_text(_NEIGHBOURS_NUMBERS)
    assert not (await import_numbers(database, numbers, now=clock())).lines


async def neighbours(ask: Ask) -> Names:
    """The names of what the other tenant has, as that tenant sees it."""
    found = await ask("{ organization { id } series { nodes { id } } phoneNumbers(first: 1) { nodes { id number } } }")
    number = found["phoneNumbers"]["nodes"][0]
    return {
        "outsider": found["organization"]["id"],
        "outsiderSeries": found["series"]["nodes"][0]["id"],
        "outsiderNumber": number["id"],
        "outsiderE164": number["number"],
    }


async def _change(clock: SettableClock, ask: Ask, names: Names) -> None:
    ids = [node["id"] for node in await _listed(ask, names["root"], statuses=["AVAILABLE"])]
    busy, blocked, retired, moved = ids[0], ids[1:5], ids[5:7], ids[7:9]
    names["busy"] = busy
    steps: list[tuple[str, dict[str, Any]]] = [
        ("reserveNumbers", {"numberIds": [busy], "tag": "first"}),
        ("editReservedTag", {"numberId": busy, "tag": "sales_14182"}),
        ("moveNumbers", {"numberIds": [busy], "organizationId": names["child"]}),
        ("moveNumbers", {"numberIds": [busy], "organizationId": names["root"]}),
        ("unreserveNumbers", {"numberIds": [busy]}),
        ("reserveNumbers", {"numberIds": [busy], "tag": TAG}),
        ("reserveNumbers", {"numberIds": blocked, "tag": "O'Brien's \"desk\" \\ 日本", "idempotencyKey": "blocked"}),
        ("moveNumbers", {"numberIds": moved, "organizationId": names["grandchild"]}),
        ("retireNumbers", {"numberIds": retired}),
        ("allocateNumbers", {"seriesId": names["series"], "quantity": 3, "toOrganizationId": names["child"]}),
        ("allocateNumbers", {"seriesId": names["series"], "quantity": 2, "toOrganizationId": names["leaf"]}),
        ("withdrawNumbers", {"seriesId": names["series"], "quantity": 1, "organizationId": names["leaf"]}),
        ("addNumbers", {"seriesId": names["series"], "ranges": [{"first": "+442029990001", "last": "+442029990009"}]}),
        ("createOrganization", {"name": "A/B test", "parentId": names["child"], "thresholdPercent": 65}),
        ("updateOrganization", {"organizationId": names["child"], "timeZone": "America/Halifax"}),
        ("setUtilizationThreshold", {"organizationId": names["leaf"], "percent": 20}),
        ("createSeries", {"name": "Toll free"}),
        ("updateSeries", {"seriesId": names["series"], "region": "Somewhere"}),
    ]
    for name, arguments in steps:
        clock.advance(60)
        await people.change(ask, name, arguments)
    names["retired"] = retired[0]
    names["childSeries"] = names["series"]


async def _numbers(ask: Ask, names: Names) -> Names:
    held = {status: await _listed(ask, names["root"], statuses=[status]) for status in ("AVAILABLE", "RESERVED")}
    taken = {status: await _listed(ask, names["sibling"], statuses=[status]) for status in ("ASSIGNED", "IN_USE")}
    available, reserved = held["AVAILABLE"], held["RESERVED"]
    assigned, in_use = taken["ASSIGNED"][0], taken["IN_USE"][0]
    retired = await ask(
        "query ($id: ID!) { node(id: $id) { ... on PhoneNumber { number } } }",
        id=names["retired"],
    )
    return {
        "available": available[0]["id"],
        "available2": available[1]["id"],
        "available3": available[2]["id"],
        "availableNumber": available[0]["number"],
        "spacedNumber": f"{available[0]['number'][:4]} ({available[0]['number'][4:7]}) {available[0]['number'][7:]}",
        "reserved": reserved[0]["id"],
        "reserved2": reserved[1]["id"],
        "reservedNumber": reserved[0]["number"],
        "tag": reserved[0]["reservedTag"],
        "assigned": assigned["id"],
        "invited": assigned["user"]["id"],
        "inUse": in_use["id"],
        "inUseNumber": in_use["number"],
        "user": in_use["user"]["id"],
        "retiredNumber": retired["node"]["number"],
    }


async def _use(ask: Ask, number: str) -> None:
    """Usage of this month and of the one before."""
    records = [
        {
            "recordId": f"usage-{index}",
            "number": number,
            "kind": ("VOICE", "MESSAGE", "DATA")[index % 3],
            "direction": ("INCOMING", "OUTGOING", None)[index % 3],
            "quantity": 1 + index * 997,
            "billable": index % 4 != 0,
            "at": f"2026-{10 + index % 2}-{1 + index:02}T{index:02}:30:00Z",
        }
        for index in range(20)
    ]
    await people.change(ask, "recordUsage", {"records": records})


async def _history(ask: Ask, names: Names) -> Names:
    found = await ask(
        """query ($busy: ID!, $child: ID!) {
          viewer { id }
          phoneNumber(id: $busy) { history { nodes { id operation { id } } edges { cursor } } }
          organization {
            utilization { id }
            inventory { id }
            dashboard { id currentCycle { id } }
            activity { nodes { id action changedCount events(first: 2) { edges { cursor } } } edges { cursor } }
          }
          child: organization(id: $child) { activity { nodes { id action } } }
        }""",
        busy=names["busy"],
        child=names["child"],
    )
    organization = found["organization"]
    allocated = next(one for one in organization["activity"]["nodes"] if one["action"] == "ALLOCATED")
    settings = next(one for one in found["child"]["activity"]["nodes"] if one["action"] == "ORGANIZATION_UPDATED")
    return {
        "viewer": found["viewer"]["id"],
        "event": found["phoneNumber"]["history"]["nodes"][0]["id"],
        "operation": allocated["id"],
        "settingsOperation": settings["id"],
        "utilization": organization["utilization"]["id"],
        "seriesInventory": organization["inventory"][0]["id"],
        "dashboard": organization["dashboard"]["id"],
        "cycle": organization["dashboard"]["currentCycle"]["id"],
        "historyCursor": found["phoneNumber"]["history"]["edges"][1]["cursor"],
        "activityCursor": organization["activity"]["edges"][2]["cursor"],
        "eventsCursor": allocated["events"]["edges"][0]["cursor"],
    }


async def _cursors(ask: Ask) -> Names:
    found = await ask("""{
      numbers: phoneNumbers(first: 40) { edges { cursor } }
      tags: phoneNumbers(orderBy: { field: RESERVED_TAG }, first: 12) { edges { cursor } }
      organizations(first: 9) { edges { cursor } }
      organization { descendants(first: 4) { edges { cursor } } }
      series(first: 3) { edges { cursor } }
    }""")
    return {
        "numbersCursor": found["numbers"]["edges"][-1]["cursor"],
        "tagCursor": found["tags"]["edges"][-1]["cursor"],
        "organizationsCursor": found["organizations"]["edges"][-1]["cursor"],
        "descendantsCursor": found["organization"]["descendants"]["edges"][-1]["cursor"],
        "seriesCursor": found["series"]["edges"][-1]["cursor"],
    }


def _constants(names: Names) -> Names:
    return {
        "email": EMAIL,
        "password": PASSWORD,
        "long": "x" * 1000,
        "many": [names["root"]] * 501,
        # Until a neighbour settles: what never was.
        "outsider": encode("Organization", 9999),
        "outsiderSeries": encode("Series", 9999),
        "outsiderNumber": encode("PhoneNumber", 9999),
        "outsiderE164": "+442079460100",
    }


async def _listed(ask: Ask, organization: str, **wanted: Any) -> list[dict[str, Any]]:
    found = await ask(
        """query ($filter: PhoneNumberFilter!) {
          phoneNumbers(filter: $filter, first: 100) { nodes { id number reservedTag user { id } } }
        }""",
        filter={"organizationIds": [organization], **wanted},
    )
    nodes: list[dict[str, Any]] = found["phoneNumbers"]["nodes"]
    return nodes
