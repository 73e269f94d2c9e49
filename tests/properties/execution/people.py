"""The people of the inventory: users at every stage, administrators, keys, the links in their mails, and the mails."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import bindparam, select, update

from db.core.database import Database
from db.core.statements import Statement
from db.core.tables import OutboxRow, UserRow, columns, table
from schema.core.ids import row_id
from tests.properties.execution.callers import Ask, settled

_MAILS = columns(OutboxRow)
_FACTS = Statement(select(_MAILS.subject, _MAILS.recipients, _MAILS.facts).order_by(_MAILS.id))
_REFUSE_MAIL = Statement(
    update(table(OutboxRow))
    .where(_MAILS.id == bindparam("mail"))
    .values(state=2, attempts=3, error="550 no such user", facts=None, outstanding="[]")
)
_REFUSE_USER = Statement(
    update(table(UserRow))
    .where(columns(UserRow).id == bindparam("user"))
    .values(status=3, invitation_error="550 no such user")
)

_LISTS = """query ($child: ID!) {
  users(first: 200) { edges { cursor } nodes { id email status } }
  administrators { edges { cursor } nodes { id email } }
  mailDeliveries(first: 100) { edges { cursor } nodes { id kind to } }
  apiKeys { id name }
  organization(id: $child) { users(filter: { statuses: [INVITED] }) { nodes { id } } }
}"""


async def invite(ask: Ask, names: dict[str, Any], *, available: list[str], reserved_tag: str) -> None:
    """Invite users and administrators in every way, give up some, and make and revoke keys."""
    person = {"firstName": "Ida", "lastName": "Rhodes"}
    for name, arguments in (
        ("inviteUser", {**person, "email": "number@halcyon.example", "numberId": available[0]}),
        ("inviteUser", {**person, "email": "tag@halcyon.example", "reservedTag": reserved_tag}),
        ("inviteUser", {**person, "email": "pick@halcyon.example"}),
        ("inviteUser", {**person, "email": "later@halcyon.example", "sendInvitation": False}),
        ("inviteUser", {**person, "email": "refused@halcyon.example", "numberId": available[1]}),
        ("inviteUser", {**person, "email": "forwarded@halcyon.example", "numberId": available[2]}),
        ("inviteAdministrator", {"name": "Ada", "email": "ada@halcyon.example", "role": "ADMIN"}),
        (
            "inviteAdministrator",
            {"name": "Vic", "email": "vic@halcyon.example", "role": "VIEWER", "organizationId": names["child"]},
        ),
        ("createApiKey", {"name": "dashboard", "role": "VIEWER", "expiresInDays": 30}),
        ("createApiKey", {"name": "revoked", "role": "ADMIN", "organizationId": names["child"]}),
        ("requestMoreNumbers", {"quantity": 100, "area": "+1 418", "note": "soon, please"}),
    ):
        await change(ask, name, arguments)
    found = await ask("{ apiKeys { id name } users(first: 200) { nodes { id email } } }")
    keys = {key["name"]: key["id"] for key in found["apiKeys"]}
    users = {user["email"]: user["id"] for user in found["users"]["nodes"]}
    await change(ask, "revokeApiKey", {"apiKeyId": keys["revoked"]})
    gone = {"userId": users["forwarded@halcyon.example"], "disposition": "RESERVE", "tag": "forwarded"}
    await change(ask, "deleteUser", {**gone, "forwardingNumber": "+14185550199"})
    names |= {"apiKey": keys["dashboard"], "revokedKey": keys["revoked"], "forwarded": available[2]}


async def refuse_mails(database: Database, ask: Ask) -> None:
    """Let the last mail and one invitation have been refused for good, as the mail worker would write it."""
    found = await ask("{ mailDeliveries(first: 1) { nodes { id } } users(first: 200) { nodes { id email } } }")
    users = {user["email"]: user["id"] for user in found["users"]["nodes"]}
    async with database.write() as connection:
        await connection.execute(_REFUSE_MAIL, mail=row_id(found["mailDeliveries"]["nodes"][0]["id"], "MailDelivery"))
        await connection.execute(_REFUSE_USER, user=row_id(users["refused@halcyon.example"], "User"))


async def named(database: Database, ask: Ask, names: dict[str, Any]) -> dict[str, Any]:
    """The names of the people, their lists' cursors, and the tokens in their mails."""
    found = await ask(_LISTS, child=names["child"])
    users = {user["email"].partition("@")[0]: user["id"] for user in found["users"]["nodes"]}
    administrators = {one["email"].partition("@")[0]: one["id"] for one in found["administrators"]["nodes"]}
    mails = found["mailDeliveries"]["nodes"]
    tokens = {}
    for _, to, facts in await database.fetch(_FACTS):
        seed = orjson.loads(facts or "{}").get("seed")
        if seed is not None:
            tokens[orjson.loads(to)[0].partition("@")[0]] = settled().links.token(seed)
    return {
        "invitedWithNumber": users["number"],
        "invitedWithout": users["pick"],
        "notInvited": users["later"],
        "refused": users["refused"],
        "administrator": administrators["ada"],
        "viewerBelow": administrators["vic"],
        "mail": mails[1]["id"],
        "failedMail": mails[0]["id"],
        "numberToken": tokens["number"],
        "pickToken": tokens["pick"],
        "passwordToken": tokens["ada"],
        "usersCursor": found["users"]["edges"][9]["cursor"],
        "administratorsCursor": found["administrators"]["edges"][0]["cursor"],
        "mailsCursor": found["mailDeliveries"]["edges"][1]["cursor"],
    }


async def change(ask: Ask, name: str, arguments: dict[str, Any]) -> None:
    """Make one change, which may not be refused."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ message path }} }} }}"
    await ask(document, input=arguments)
