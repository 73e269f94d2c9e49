"""The mails that a history causes, and the administrators who get them."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from db.core.statements import Statement
from db.core.tables import AdministratorRow, columns, table
from mail.messages import AssignmentAboveThreshold, ThresholdReached
from tests.properties.histories.initial_state import ADMINISTRATORS
from tests.properties.model.alerts import Alert
from tests.support.outbox import mails
from tests.support.server import Server

_A = columns(AdministratorRow)
_SWITCH_OFF = Statement(
    update(table(AdministratorRow)).where(_A.email == bindparam("email")).values(receives_alerts=False)
)


def appoint(server: Server) -> None:
    """Give the organizations their administrators."""

    async def switch_off(email: str) -> None:
        async with server.database.write() as connection:
            assert await connection.execute(_SWITCH_OFF, email=email) == 1

    for path, email, takes_alerts in ADMINISTRATORS:
        server.create_administrator(organization=path, role="VIEWER", email=email, password="a long password")
        if not takes_alerts:
            server.run(switch_off(email))


class Mailbox:
    """Reads every mail once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._seen = 0

    def new_alerts(self) -> list[Alert]:
        """The mails about utilization that were posted since the last time."""
        found = []
        for mail in mails(self._server, after=self._seen):
            self._seen = mail.id
            facts = mail.facts
            if isinstance(facts, ThresholdReached):
                found.append(
                    Alert(
                        tuple(sorted(mail.to)),
                        facts.organization,
                        not isinstance(facts, AssignmentAboveThreshold),
                        facts.assigned_count,
                        facts.counts.in_use,
                        facts.counts.total,
                    )
                )
        return found
