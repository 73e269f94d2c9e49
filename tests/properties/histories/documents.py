"""The GraphQL documents that a history sends."""

from dataclasses import dataclass

COUNTS = "total inUse available reserved assigned registered allocatedToSubOrganizations"

ERRORS = """
userErrors { code message path numbers numberCount refusals { number status allowed } }
"""

EVENTS = """
totalCount
nodes {
  action operationId number
  organizationBefore { id } organizationAfter { id }
  statusBefore statusAfter reservedTagBefore reservedTagAfter
  forwardingNumberBefore forwardingNumberAfter userBefore userAfter
}
"""

NUMBER = """
id number status reservedTag forwardingNumber availableActions retiredAt
series { id name } organization { id }
user { email status organization { id } }
"""

USER = """
id firstName lastName email status invitationExpiresAt availableActions
organization { id } phoneNumber { number }
"""

ORGANIZATIONS = f"""
query Organizations($after: String) {{
  viewer {{ role homeOrganization {{ id }} actingOrganization {{ id }} }}
  organizations(first: 20, after: $after) {{
    totalCount
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id name timeZone childCount availableActions
      parent {{ id }} ancestors {{ id }}
      utilization {{
        {COUNTS} pendingInvitations pendingWithoutNumber shortfall
        percent thresholdPercent thresholdReached
        categories {{ category count percent }}
      }}
      inventory {{ {COUNTS} series {{ id name }} }}
    }}
  }}
}}
"""

OBJECTS = f"""
query Objects($numbers: Int!, $hidden: [ID!]!) {{
  phoneNumbers(first: $numbers) {{
    totalCount
    statusCounts {{ status count }}
    seriesCounts {{ series {{ name }} count }}
    nodes {{ {NUMBER} }}
  }}
  users(first: 200) {{ totalCount nodes {{ {USER} }} }}
  series(first: 100) {{ nodes {{ id name }} }}
  nodes(ids: $hidden) {{ id }}
}}
"""

HISTORIES = f"""
query Histories($numbers: [E164!], $first: Int!, $operation: ID!) {{
  phoneNumbers(filter: {{numbers: $numbers}}, first: $first) {{
    nodes {{ number history(first: 100) {{ {EVENTS} }} }}
  }}
  node(id: $operation) {{ ... on Operation {{ action changedCount }} }}
}}
"""

PHONE_NUMBER = f"""
query PhoneNumber($number: E164!) {{
  phoneNumber(number: $number) {{ {NUMBER} history(first: 100) {{ {EVENTS} }} }}
}}
"""

SEARCH = """
query Search(
  $filter: PhoneNumberFilter, $order: PhoneNumberOrder
  $first: Int, $after: String, $last: Int, $before: String
) {
  phoneNumbers(
    filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before
  ) {
    totalCount
    statusCounts { status count }
    seriesCounts { series { name } count }
    nodes { number }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

BRANCH = """
query Branch($id: ID!, $search: String!) {
  organization(id: $id) {
    id
    children(first: 100) { totalCount nodes { id } }
    found: children(first: 100, search: $search) { totalCount nodes { id } }
    descendants(first: 100) { totalCount nodes { id } }
    holding: descendants(first: 100, holdingNumbers: true) { totalCount nodes { id } }
  }
  organizations(search: $search, includeSelf: false, first: 100) { totalCount nodes { id } }
}
"""

VIEWER = "query Viewer { viewer { role actingOrganization { id } } }"


@dataclass(frozen=True)
class Verb:
    """A mutation, and what its answer is asked for."""

    name: str
    answer: str
    takes_dry_run: bool = False

    @property
    def document(self) -> str:
        """The document; the answer stands under the name `answer`."""
        kind = f"{self.name[0].upper()}{self.name[1:]}Input"
        return (
            f"mutation Change($input: {kind}!) {{\n"
            f"  answer: {self.name}(input: $input) {{ {self.answer} {ERRORS} }}\n}}"
        )


BULK = f"""
changedCount operationId organizationCount organizations {{ id }} phoneNumbers {{ {NUMBER} }}
"""

MOVE = Verb("moveNumbers", BULK, takes_dry_run=True)
RESERVE = Verb("reserveNumbers", BULK, takes_dry_run=True)
UNRESERVE = Verb("unreserveNumbers", BULK, takes_dry_run=True)
ALLOCATE = Verb("allocateNumbers", BULK, takes_dry_run=True)
WITHDRAW = Verb("withdrawNumbers", BULK, takes_dry_run=True)
ADD = Verb("addNumbers", f"{BULK} skippedCount lines {{ line value code }}", takes_dry_run=True)
RETIRE = Verb(
    "retireNumbers",
    "changedCount operationId organizationCount organizations { id } retiredIds",
    takes_dry_run=True,
)
EDIT_TAG = Verb("editReservedTag", f"operationId phoneNumber {{ {NUMBER} }}")

ORGANIZATION = "organization { id name timeZone parent { id } utilization { thresholdPercent } }"

CREATE_ORGANIZATION = Verb("createOrganization", ORGANIZATION)
UPDATE_ORGANIZATION = Verb("updateOrganization", ORGANIZATION)
SET_THRESHOLD = Verb("setUtilizationThreshold", ORGANIZATION)
MOVE_ORGANIZATION = Verb(
    "moveOrganization",
    f"{ORGANIZATION} previousParent {{ id }} organizations {{ id }} organizationCount",
)
DELETE_ORGANIZATION = Verb("deleteOrganization", "deletedIds changedCount parent { id }", takes_dry_run=True)
CREATE_SERIES = Verb("createSeries", "series { id name region }")

INVITED = "user { id status }"
INVITE_USER = Verb("inviteUser", INVITED)
UPDATE_USER = Verb("updateUser", INVITED)
RESEND_INVITATION = Verb("resendInvitation", INVITED)
CANCEL_INVITATION = Verb("cancelInvitation", f"{INVITED} releasedPhoneNumber {{ number status }}")
DELETE_USER = Verb("deleteUser", "deletedUserId phoneNumber { number }", takes_dry_run=True)
FORWARD = Verb("updateForwardingNumber", f"operationId phoneNumber {{ {NUMBER} }}")
STOP_FORWARDING = Verb("removeForwardingNumber", f"operationId phoneNumber {{ {NUMBER} }}")
ACCEPT = Verb("acceptInvitation", "number offeredNumbers { number }")
