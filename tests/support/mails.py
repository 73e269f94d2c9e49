"""The mails that wait in a server's outbox, and the links in them."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from db.statements import Statement
from db.tables import OutboxRow, columns
from domain.mail import MailKind
from mail.links import Links
from resolvers.operators import shared_secret
from tests.support.server import Server

_M = columns(OutboxRow)
_ALL = Statement(select(_M.kind, _M.recipients, _M.subject, _M.facts, _M.user_id).order_by(_M.id))


class Mail(NamedTuple):
    """A mail as it waits; `token` is what its link has, if it has one."""

    kind: str
    to: list[str]
    subject: str
    facts: dict[str, Any]
    user_id: int | None
    token: str | None


def mails(server: Server) -> list[Mail]:
    """Every mail, in the order of posting."""
    links = Links(server.run(shared_secret(server.database)).encode(), "", "")
    found = []
    for kind, recipients, subject, facts, user_id in server.run(server.database.fetch(_ALL)):
        values = orjson.loads(facts)
        token = links.token(values["seed"]) if "seed" in values else None
        found.append(Mail(MailKind(kind).name, orjson.loads(recipients), subject, values, user_id, token))
    return found


def token_of(server: Server, address: str) -> str:
    """The token of the last link that went to an address."""
    found = [mail.token for mail in mails(server) if mail.to == [address] and mail.token]
    return found[-1]
