"""The places that take an id in what is done with people: users, administrators and keys."""

from __future__ import annotations

from typing import Any

from tests.properties.scope.id_arguments import Slot

_PERSON: dict[str, Any] = {"firstName": "Ada", "lastName": "Ling", "email": "ada.ling@elsewhere.test"}
_BLANK_NAME: dict[str, Any] = {"seen": {"firstName": " "}, "code": "INVALID_INPUT"}
_NO_KEY: dict[str, Any] = {"seen": {"idempotencyKey": ""}, "code": "INVALID_INPUT"}
"""For what could not be made harmless otherwise: an idempotency key is looked at before anything else."""

PUBLIC_PLACES = {"Mutation.acceptInvitation.input.numberId"}
"""Where the token of a link decides, and not a caller's scope: see `tests/api/users/test_accepting.py`."""

SLOTS = [
    *(Slot("Query.node.id", kind, access=True) for kind in ("Administrator", "ApiKey")),
    Slot("Query.users.filter.organizationIds", "Organization"),
    Slot(
        "Mutation.inviteUser.input.organizationId", "Organization", values=_PERSON, noun="organization", **_BLANK_NAME
    ),
    Slot("Mutation.inviteUser.input.numberId", "PhoneNumber", values=_PERSON, noun="number", **_BLANK_NAME),
    Slot("Mutation.inviteUser.input.seriesId", "Series", values=_PERSON, noun="series", **_BLANK_NAME),
    Slot(
        "Mutation.inviteUsers.input.organizationId",
        "Organization",
        values={"rows": [_PERSON]},
        seen={"dryRun": True},
        code="",
        noun="organization",
    ),
    *(
        Slot(
            f"Mutation.inviteUsers.input.rows.{name}",
            kind,
            values={"rows": _PERSON},
            seen={"dryRun": True},
            code="",
        )
        for name, kind in (("numberId", "PhoneNumber"), ("seriesId", "Series"))
    ),
    Slot(
        "Mutation.updateUser.input.userId",
        "User",
        values={"lastName": "Taken"},
        seen={"lastName": " "},
        code="INVALID_INPUT",
        noun="user",
    ),
    # Who has on-boarded is past invitations.
    Slot("Mutation.resendInvitation.input.userId", "User", code="INVALID_TRANSITION", noun="user"),
    Slot("Mutation.cancelInvitation.input.userId", "User", code="INVALID_TRANSITION", noun="user"),
    Slot(
        "Mutation.resendInvitation.input.numberId", "PhoneNumber", others={"userId": "User"}, noun="number", **_NO_KEY
    ),
    Slot("Mutation.deleteUser.input.userId", "User", seen={"dryRun": True}, code="", noun="user"),
    # A reserved number that was never forwarded.
    Slot(
        "Mutation.updateForwardingNumber.input.numberId",
        "Reserved",
        values={"forwardingNumber": "+14188984760"},
        code="INVALID_TRANSITION",
        noun="number",
    ),
    Slot("Mutation.removeForwardingNumber.input.numberId", "Reserved", code="INVALID_TRANSITION", noun="number"),
    Slot(
        "Mutation.inviteAdministrator.input.organizationId",
        "Organization",
        values={"name": "Mallory", "email": "mallory@elsewhere.test", "role": "VIEWER"},
        seen={"name": " "},
        code="INVALID_INPUT",
        noun="organization",
        access=True,
    ),
    Slot(
        "Mutation.updateAdministrator.input.administratorId",
        "Administrator",
        values={"name": "Taken over"},
        seen={"name": " "},
        code="INVALID_INPUT",
        noun="administrator",
        access=True,
    ),
    Slot(
        "Mutation.deleteAdministrator.input.administratorId",
        "Administrator",
        noun="administrator",
        access=True,
        **_NO_KEY,
    ),
    Slot(
        "Mutation.createApiKey.input.organizationId",
        "Organization",
        values={"name": "Mine", "role": "VIEWER"},
        seen={"name": " "},
        code="INVALID_INPUT",
        noun="organization",
        access=True,
    ),
    # The key of the tenants is revoked: to revoke it again changes nothing.
    Slot("Mutation.revokeApiKey.input.apiKeyId", "ApiKey", code="", noun="API key", access=True),
]

_ERRORS = "userErrors { code message path numbers numberCount refusals { number } }"
SELECTIONS = {
    "users": "{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } }",
    "inviteUser": f"{{ user {{ id }} {_ERRORS} }}",
    "inviteUsers": "{ invitedCount skippedCount users { id } organizations { id } "
    f"lines {{ line value code message }} {_ERRORS} }}",
    "updateUser": f"{{ user {{ id }} {_ERRORS} }}",
    "resendInvitation": f"{{ user {{ id }} {_ERRORS} }}",
    "cancelInvitation": f"{{ user {{ id }} releasedPhoneNumber {{ id }} {_ERRORS} }}",
    "deleteUser": f"{{ deletedUserId phoneNumber {{ id }} organization {{ id }} {_ERRORS} }}",
    "updateForwardingNumber": f"{{ phoneNumber {{ id }} operationId {_ERRORS} }}",
    "removeForwardingNumber": f"{{ phoneNumber {{ id }} operationId {_ERRORS} }}",
    "inviteAdministrator": f"{{ administrator {{ id }} {_ERRORS} }}",
    "updateAdministrator": f"{{ administrator {{ id }} {_ERRORS} }}",
    "deleteAdministrator": f"{{ deletedAdministratorId {_ERRORS} }}",
    "createApiKey": f"{{ secret apiKey {{ id }} {_ERRORS} }}",
    "revokeApiKey": f"{{ apiKey {{ id }} {_ERRORS} }}",
}
