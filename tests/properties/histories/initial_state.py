"""The initial state of every history: a tree, numbers of every status, callers of every role."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.properties.model.inventory import Inventory
from tests.properties.model.vocabulary import Role, Status

QUEBEC, BERLIN, PARIS = "+1 418 Qu\u00e9bec", "+49 30 Berlin", "+33 1 Paris"

# Paths: a slash inside a name is escaped. Two Labs, because names are unique among siblings only.
TREE = {
    "Harbour": ("America/Toronto", 95),
    "Harbour/North": ("UTC", 80),
    "Harbour/North/Lab": ("Asia/Kolkata", 80),
    "Harbour/North/Lab/R\\/D": ("UTC", 50),
    "Harbour/South": ("Europe/Berlin", 60),
    "Harbour/South/Lab": ("UTC", 1),
    "Harbour/South/Depot": ("UTC", 100),
    "Harbour/Attic": ("UTC", 80),
}


@dataclass(frozen=True)
class Lot:
    """Numbers of the first import that are alike."""

    numbers: Sequence[str]
    series: str
    organization: str
    status: Status = Status.AVAILABLE
    tag: str | None = None
    mail: str | None = None


def _range(first: str, count: int) -> list[str]:
    return [f"+{int(first) + step}" for step in range(count)]


# The numbers of Berlin differ in length, so that their order by digits is not that of integers.
# Ann has a number at two organizations, so that one of them cannot come to the other.
LOTS = (
    Lot(_range("+14185550101", 6), QUEBEC, "Harbour"),
    Lot(_range("+14185550109", 3), QUEBEC, "Harbour"),
    Lot(_range("+14188984760", 3), QUEBEC, "Harbour/North"),
    Lot(["+4930123456", "+49301234560", "+4930123457", "+4930123460"], BERLIN, "Harbour"),
    Lot(["+49301234570", "+4930123461"], BERLIN, "Harbour/South"),
    Lot(_range("+33140000010", 3), PARIS, "Harbour/North/Lab"),
    Lot(["+33140000020"], PARIS, "Harbour/South", Status.RESERVED, "14185_Salestag"),
    Lot(["+14185550130"], QUEBEC, "Harbour/North", Status.RESERVED, "50% \u00e9lite"),
    Lot(["+14185550120"], QUEBEC, "Harbour", Status.IN_USE, mail="ann@harbour.example"),
    Lot(["+14185550121"], QUEBEC, "Harbour/North", Status.IN_USE, mail="ann@harbour.example"),
    Lot(["+14185550122"], QUEBEC, "Harbour/South", Status.IN_USE, mail="bob@harbour.example"),
    Lot(["+14185550123"], QUEBEC, "Harbour/North/Lab", Status.ASSIGNED, mail="bob@harbour.example"),
    Lot(["+14185550124"], QUEBEC, "Harbour/South", Status.ASSIGNED, mail="cyd@harbour.example"),
)

# What may still come in, none of it in use at the start.
SPARE = (*_range("+14185550107", 2), *_range("+14185550112", 8), *_range("+33140000030", 6))

# The first is the one who sees everything; those who change things come up more often.
CALLERS = (
    ("Harbour", Role.OWNER),
    ("Harbour", Role.ADMIN),
    ("Harbour/North", Role.OWNER),
    ("Harbour/North/Lab", Role.ADMIN),
    ("Harbour/South", Role.ADMIN),
    ("Harbour/South/Lab", Role.OWNER),
    ("Harbour", Role.VIEWER),
    ("Harbour/North", Role.VIEWER),
    ("Harbour/South", Role.USAGE_WRITER),
    ("Harbour/Attic", Role.OWNER),
)


# South has no administrators with alerts, so those of Harbour get them.
ADMINISTRATORS = (
    ("Harbour", "chief@harbour.example", True),
    ("Harbour/North", "nora@harbour.example", True),
    ("Harbour/North", "nils@harbour.example", True),
    ("Harbour/North", "quiet@harbour.example", False),
    ("Harbour/South", "sue@harbour.example", False),
)


def organizations_csv() -> str:
    """The tree as `dialtree import organizations` reads it, children before their parents."""
    rows = [(path, zone, threshold) for path, (zone, threshold) in reversed(TREE.items())]
    return _csv(("path", "time_zone", "threshold"), rows)


def numbers_csv() -> str:
    """The numbers as `dialtree import numbers` reads them."""
    header = "number,series,organization,status,reserved_tag,first_name,last_name,email"
    rows = [
        (number, lot.series, lot.organization, lot.status, lot.tag or "", *_person(lot.mail))
        for lot in LOTS
        for number in lot.numbers
    ]
    return _csv(header.split(","), rows)


def planted() -> tuple[Inventory, dict[str, str]]:
    """The model of it, and the keys of its organizations by path."""
    inventory, keys = Inventory(), dict[str, str]()
    for path, (zone, threshold) in TREE.items():
        above, name = split(path)
        parent = keys[above] if above else None
        keys[path] = inventory.plant_organization(name, parent, time_zone=zone, threshold=threshold)
    for lot in LOTS:
        inventory.plant_numbers(
            lot.numbers,
            series=lot.series,
            holder=keys[lot.organization],
            status=lot.status,
            tag=lot.tag,
            mail=lot.mail,
        )
    for path, mail, takes_alerts in ADMINISTRATORS:
        inventory.plant_administrator(keys[path], mail, takes_alerts=takes_alerts)
    for path, role in CALLERS:
        inventory.plant_caller(role, keys[path])
    return inventory, keys


def split(path: str) -> tuple[str, str]:
    """The path above an organization, empty at the root, and its name."""
    above, _, name = path.replace("\\/", "\0").rpartition("/")
    return above.replace("\0", "\\/"), name.replace("\0", "/")


def _person(mail: str | None) -> tuple[str, str, str]:
    if mail is None:
        return "", "", ""
    return mail.partition("@")[0].title(), "Example", mail


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
