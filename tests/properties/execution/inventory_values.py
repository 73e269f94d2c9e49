"""Values for arguments and input fields of the server's own schema: mostly such as find something."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.properties.execution.inventory import Names
from tests.properties.execution.values import ValueGenerator

_ORGANIZATIONS = ("child", "root", "grandchild", "leaf", "empty", "sibling", "outsider")
_SERIES = ("series", "outsiderSeries")
_NUMBER_IDS = (
    "available",
    "reserved",
    "inUse",
    "busy",
    "assigned",
    "available2",
    "reserved2",
    "retired",
    "outsiderNumber",
)
_USERS = ("user", "invited", "invitedWithNumber", "invitedWithout", "notInvited", "refused", "outsider")
_OTHER_IDS = (
    "user",
    "invited",
    "operation",
    "settingsOperation",
    "event",
    "utilization",
    "seriesInventory",
    "viewer",
    "administrator",
    "apiKey",
    "mail",
    "dashboard",
    "cycle",
)
_E164 = ("availableNumber", "reservedNumber", "inUseNumber", "retiredNumber", "spacedNumber", "outsiderE164")
_CURSORS = (
    "numbersCursor",
    "organizationsCursor",
    "historyCursor",
    "activityCursor",
    "eventsCursor",
    "descendantsCursor",
    "seriesCursor",
    "tagCursor",
    "usersCursor",
    "administratorsCursor",
    "mailsCursor",
)
_SIZES = (2, 1, 3, 5, 10, 20)
_TEXTS = ("1418", "sales", "a", "vip", "14", "", "é", "100%", "_", "front desk", "+1 418", "(212) 200", "zz")
_SEARCHES = ("a", "S", "Trading", "", "berlin", "%", "+1", "no such name")
_NEW = ("Harbour Office", "Legal Paris", "Dry Dock", "Å", "x" * 101, " ", "a/b")
_ZONES = ("Europe/Paris", "UTC", "Mars/Base", "")
_CSV = ("+14182997001\n+14182997002", "number\n+14182997001\n", "number,other\nnonsense,1\n\n+14182997001,2\n", "")
_KEYS = ("key", "another key", "", "\t")

_BY_NAME: dict[str, Sequence[Any]] = {
    "first": _SIZES,
    "last": _SIZES,
    "search": _SEARCHES,
    "text": _TEXTS,
    "tag": _TEXTS,
    "tagContains": _TEXTS,
    "startsWith": ("1", "+1212", "44", "", "x"),
    "endsWith": ("1", "07", "", "x"),
    "name": _NEW,
    "timeZone": _ZONES,
    "region": ("CA", "", "Somewhere"),
    "csv": _CSV,
    "idempotencyKey": _KEYS,
    "quantity": (1, 2, 3, 0, -1, 100_000),
    "percent": (50, 1, 100, 0, 101),
    "thresholdPercent": (50, 1, 100, 0, 101),
    "expectedCount": (1, 2, 0),
    "supplierEmail": ("carrier@example.com", "", "nobody"),
    "supplierTelephone": ("+14188984760", "", "12"),
    "email": ("nobody@example.com", "new@halcyon.example", "pick@halcyon.example", "nonsense"),
    "password": ("short",),
    "currentPassword": ("wrong",),
    "newPassword": ("short",),
    "firstName": ("Grace", "", "Émile"),
    "lastName": ("Hopper", " "),
    "area": ("+1 418", "", None),
    "note": ("soon", "two\nlines", ""),
    "expiresInDays": (1, 30, 0, -1),
    "forwardingNumber": ("+14185550123", "12"),
    "recordId": ("u1", "usage-1", "", "u2"),
}
"""By the name of an argument or an input field. No password is right or long enough: those are slow on purpose."""

_NAMED: dict[str, Sequence[str]] = {
    "after": _CURSORS,
    "before": _CURSORS,
    "seriesId": _SERIES,
    "seriesIds": _SERIES,
    "numberId": _NUMBER_IDS,
    "numberIds": _NUMBER_IDS,
    "organizationId": _ORGANIZATIONS,
    "organizationIds": _ORGANIZATIONS,
    "toOrganizationId": _ORGANIZATIONS,
    "fromOrganizationId": _ORGANIZATIONS,
    "parentId": _ORGANIZATIONS,
    "userId": _USERS,
    "administratorId": ("administrator", "viewerBelow", "outsider"),
    "apiKeyId": ("apiKey", "revokedKey", "outsider"),
    "mailDeliveryId": ("failedMail", "mail", "outsider"),
    "token": ("numberToken", "pickToken", "passwordToken"),
    "Query.organization(id)": _ORGANIZATIONS,
    "Query.phoneNumber(id)": _NUMBER_IDS,
}
"""Those whose values the inventory names."""


class InventoryValueGenerator(ValueGenerator):
    """The values that fit an inventory."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def scalar(self, rng: Random, name: str, type_name: str, place: str) -> Any:
        """A value of a scalar, mostly one that finds something."""
        named = _NAMED.get(place) or _NAMED.get(name)
        if named is None and type_name == "ID":
            named = (*_NUMBER_IDS[:4], *_OTHER_IDS, *_ORGANIZATIONS[:3], "series", "outsider")
        if named is None and type_name == "E164":
            named = _E164
        if named is not None:
            return self._names[rng.choice(named)]
        if name in _BY_NAME:
            return rng.choice(_BY_NAME[name])
        return super().scalar(rng, name, type_name, place)
