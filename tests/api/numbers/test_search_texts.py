"""Search texts as they are typed and pasted find the number or the tag that they show."""

from __future__ import annotations

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened

NUMBERS = """\
+14165550100,+1 416,Acme,AVAILABLE,,,,
+442079460958,+44 20,Acme/London,AVAILABLE,,,,
+14165550199,+1 416,Acme,RESERVED,front desk,,,
"""
SEARCH = "query ($text: String!) { phoneNumbers(filter: {text: $text}) { totalCount nodes { number } } }"
TORONTO = (
    *("(416) 555-0100\n", "\t416 555 0100", "\u202a416 555 0100\u202c", "416\u00a0555\u20110100", "416.555.0100"),
    *("+1 (416) 555-0100", "tel:+1-416-555-0100", "00 1 416 555 0100", "\uff14\uff11\uff16 555 0100", "4165550100"),
    *("\u0664\u0661\u0666 555 0100", "1 416 555\u200b 0100"),
)
LONDON = (
    *("020 7946 0958", "02079460958", "(020) 7946 0958", "+44 (0)20 7946 0958", "00 44 20 7946 0958"),
    *("+44 20 7946 0958", "tel:+442079460958", "\u2066020 7946 0958\u2069", " 020 7946", "7946 0958"),
)
TAG = (
    "front desk ",
    " front",
    "front desk\n",
    "\ufefffront\u200b desk",
    "FRONT",
    "desk",
    "\u2067front desk\u2069",
    "nt de",
)


def test_a_text_that_is_too_long_finds_nothing(databases: Databases) -> None:
    long = "\u200b" * 10_001
    fields = ("text", "tag", "tagContains", "startsWith", "endsWith")
    searches = [f"{field}: phoneNumbers(filter: {{{field}: $long}}) {{ totalCount }}" for field in fields]
    searches += [f"{name}(search: $long) {{ totalCount }}" for name in ("organizations", "series")]
    searches.append("users(filter: {text: $long}) { totalCount }")
    with opened(databases) as server:
        acme = Inventory(server, "Acme,,\nAcme/London,,\n", NUMBERS)
        acme.add("+14165550101,+1 416,Acme,IN_USE,,Ada,Ling,ada@acme.test\n")
        found = acme.ask(f"query ($long: String) {{ {' '.join(searches)} }}", {"long": long})
        assert list(found.values()) == [{"totalCount": 0}] * len(searches)


def test_each_text_finds_what_it_shows(databases: Databases) -> None:
    with opened(databases) as server:
        acme = Inventory(server, "Acme,,\nAcme/London,,\n", NUMBERS)
        region = {"organizationId": acme.organization("Acme/London"), "region": "GB"}
        assert acme.mutate("updateOrganization", "userErrors { code }", region)["userErrors"] == []
        expected = {
            **{("Acme", text): "+14165550100" for text in TORONTO},
            **{("Acme/London", text): "+442079460958" for text in LONDON},
            **{("Acme", text): "+14165550199" for text in TAG},
        }
        found = {(at, text): acme.ask(SEARCH, {"text": text}, at=at)["phoneNumbers"] for at, text in expected}
        one = {case: {"totalCount": 1, "nodes": [{"number": number}]} for case, number in expected.items()}
        assert found == one
