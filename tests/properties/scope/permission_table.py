"""Who may do what: every root field, every field of an object with an id, by role and place of the caller.

An outcome is written as five characters, for an anonymous caller, OWNER, ADMIN, VIEWER and USAGE_WRITER:
`+` allowed, `x` forbidden, `0` not found (or nothing), `?` unauthenticated. Requests are about what belongs to Sales.
"""

from __future__ import annotations

from typing import NamedTuple

CALLERS = (None, "OWNER", "ADMIN", "VIEWER", "USAGE_WRITER")
PLACES = {"above": "Bank", "inside": "Bank/Sales", "beside": "Bank/Retail", "below": "Bank/Sales/Trading"}


class Rule(NamedTuple):
    """The outcomes of acting from each place; acting from beside or below is acting from outside the scope."""

    above: str
    inside: str
    beside: str
    below: str


PUBLIC = Rule(*["+++++"] * 4)
SIGNED_IN = Rule(*["?++++"] * 4)
NO_KEY = Rule(*["?xxxx"] * 4)
"""Of administrators with a password; the callers of the table are API keys."""

OWN_LIST = Rule(*["?+++x"] * 4)
"""Shows what is in the caller's own scope, whatever that is."""

OWN_ACCESS = Rule(*["?+xxx"] * 4)
READ = Rule("?+++x", "?+++x", "?000x", "?000x")
READ_ACCESS = Rule("?+00x", "?+00x", "?000x", "?000x")
CHANGE = Rule("?++xx", "?++xx", "?00xx", "?00xx")
CHANGE_FROM_ABOVE = Rule("?++xx", "?xxxx", "?00xx", "?00xx")
CHANGE_AT_ROOT = Rule("?++xx", "?xxxx", "?xxxx", "?xxxx")
CHANGE_ACCESS = Rule("?+xxx", "?+xxx", "?0xxx", "?0xxx")
RECORD = Rule("?++x+", "?++x+", "?00x0", "?00x0")

QUERIES: dict[str, Rule] = {
    "node": READ,
    "nodes": READ,
    "organization": READ,
    "organizations": OWN_LIST,
    "phoneNumber": READ,
    "phoneNumbers": READ,
    "users": READ,
    "series": OWN_LIST,
    "statusMeanings": OWN_LIST,
    "supplierContact": OWN_LIST,
    "mailDeliveries": OWN_LIST,
    "numberUtilizationReport": READ,
    "phoneNumbersReport": OWN_LIST,
    "consumptionReport": READ,
    "administrators": OWN_ACCESS,
    "apiKeys": OWN_ACCESS,
    "jobs": OWN_LIST,
    "viewer": SIGNED_IN,
    "invitation": PUBLIC,
}
SUBSCRIPTIONS: dict[str, Rule] = {
    "utilizationChanged": READ,
    "phoneNumbersChanged": OWN_LIST,
    "jobProgress": READ,
}
MUTATIONS: dict[str, Rule] = {
    "moveNumbers": CHANGE,
    "reserveNumbers": CHANGE,
    "editReservedTag": CHANGE,
    "unreserveNumbers": CHANGE,
    "updateForwardingNumber": CHANGE,
    "removeForwardingNumber": CHANGE,
    "allocateNumbers": CHANGE,
    "withdrawNumbers": CHANGE_FROM_ABOVE,
    "retireNumbers": CHANGE_AT_ROOT,
    "addNumbers": CHANGE_AT_ROOT,
    "createSeries": CHANGE_AT_ROOT,
    "updateSeries": CHANGE_AT_ROOT,
    "createOrganization": CHANGE,
    "updateOrganization": CHANGE,
    "moveOrganization": CHANGE_FROM_ABOVE,
    "deleteOrganization": CHANGE_FROM_ABOVE,
    "setUtilizationThreshold": CHANGE,
    "requestMoreNumbers": CHANGE,
    "retryMailDelivery": CHANGE,
    "inviteUser": CHANGE,
    "inviteUsers": CHANGE,
    "updateUser": CHANGE,
    "resendInvitation": CHANGE,
    "cancelInvitation": CHANGE,
    "deleteUser": CHANGE,
    "cancelJob": CHANGE,
    "recordUsage": RECORD,
    "inviteAdministrator": CHANGE_ACCESS,
    "updateAdministrator": CHANGE_ACCESS,
    "deleteAdministrator": CHANGE_ACCESS,
    "createApiKey": CHANGE_ACCESS,
    "revokeApiKey": CHANGE_ACCESS,
    "signIn": PUBLIC,
    "renewSession": NO_KEY,
    "signOut": SIGNED_IN,
    "changePassword": NO_KEY,
    "requestPasswordReset": PUBLIC,
    "setPassword": PUBLIC,
    "acceptInvitation": PUBLIC,
}

_COUNTS = "total inUse available reserved assigned registered allocatedToSubOrganizations"
NODES: dict[tuple[str, str], tuple[Rule, str]] = {
    ("Organization", "read"): (
        READ,
        (
            "id name path parent ancestors childCount children descendants timeZone region utilization inventory"
            " dashboard supplierContact users availableActions activity"
        ),
    ),
    ("Organization", "access"): (Rule("?+xxx", "?+xxx", "?000x", "?000x"), "administrators"),
    ("Utilization", "read"): (
        READ,
        (
            f"id organization {_COUNTS} pendingInvitations pendingWithoutNumber shortfall percent thresholdPercent"
            " thresholdReached categories"
        ),
    ),
    ("SeriesInventory", "read"): (READ, f"id organization series {_COUNTS}"),
    ("Dashboard", "read"): (READ, "id currentCycle pastCycle allTime"),
    ("CycleUsage", "read"): (
        READ,
        (
            "id start end newUsers activeUsers voiceMinutes messages dataMegabytes totalVoiceMinutes totalMessages"
            " totalDataMegabytes heading daily"
        ),
    ),
    ("Series", "read"): (READ, "id name region"),
    ("PhoneNumber", "read"): (
        READ,
        (
            "id number nationalFormat series organization status reservedTag forwardingNumber user availableActions"
            " retiredAt updatedAt history"
        ),
    ),
    ("NumberEvent", "read"): (
        READ,
        (
            "id number action at actor organizationBefore organizationAfter statusBefore statusAfter reservedTagBefore"
            " reservedTagAfter forwardingNumberBefore forwardingNumberAfter userBefore userAfter operationId operation"
        ),
    ),
    ("Operation", "read"): (READ, "id action at actor changedCount organization changes events"),
    ("User", "read"): (
        READ,
        (
            "id firstName lastName email status organization phoneNumber invitedAt activatedAt invitationExpiresAt"
            " invitationError availableActions"
        ),
    ),
    ("MailDelivery", "read"): (READ, "id kind to subject state attempts error createdAt sentAt"),
    ("Job", "read"): (
        READ,
        ("id kind state done total percent changedCount operationId organizations report errors startedAt finishedAt"),
    ),
    ("Administrator", "access"): (
        READ_ACCESS,
        "id name email role organization receivesAlerts status lastSignInAt",
    ),
    ("ApiKey", "access"): (
        READ_ACCESS,
        "id name role organization createdAt expiresAt lastUsedAt revokedAt",
    ),
    ("Viewer", "own"): (
        # Nobody is a viewer but the caller: the requests are about the OWNER at Sales.
        Rule("?0000", "?+000", "?0000", "?0000"),
        "id name email role homeOrganization actingOrganization",
    ),
}
"""The fields of each object type with an id, as `node` gives them."""

OF_VIEWERS_ORGANIZATION = "id name timeZone"
"""What a USAGE_WRITER reads of its own organization, through `viewer`."""

VALUES = """
AcceptInvitationPayload AddNumbersPayload AdministratorConnection AdministratorEdge AllocateNumbersPayload
CancelInvitationPayload CancelJobPayload JobConnection JobEdge ChangePasswordPayload CreateApiKeyPayload
CreateOrganizationPayload CreateSeriesPayload
DeleteAdministratorPayload DeleteOrganizationPayload DeleteUserPayload DownloadLink EditReservedTagPayload FieldChange
InvitationOffer InviteAdministratorPayload InviteUserPayload InviteUsersPayload LineReport MailDeliveryConnection
MailDeliveryEdge MoveNumbersPayload MoveOrganizationPayload NumberEventConnection NumberEventEdge NumberRefusal
OfferedNumber OperationConnection OperationEdge OrganizationConnection OrganizationEdge PageInfo PhoneNumberConnection
PhoneNumberEdge RecordUsagePayload RemoveForwardingNumberPayload RequestMoreNumbersPayload RequestPasswordResetPayload
NumberPreview OrganizationCount PhoneNumbersChange RenewSessionPayload
ResendInvitationPayload ReserveNumbersPayload RetireNumbersPayload RetryMailDeliveryPayload RevokeApiKeyPayload
SeriesConnection SeriesCount SeriesEdge SetPasswordPayload SetUtilizationThresholdPayload SignInPayload SignOutPayload
StatusCount StatusMeaning SupplierContact UnreserveNumbersPayload UpdateAdministratorPayload
UpdateForwardingNumberPayload UpdateOrganizationPayload UpdateSeriesPayload UpdateUserPayload UsagePoint UsageTotals
UserConnection UserEdge UserError UtilizationSlice WithdrawNumbersPayload
"""
"""Object types without an id, which have the permission of the field that they come from."""
