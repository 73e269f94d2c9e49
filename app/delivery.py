"""Build the mail worker from the settings."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta

from app.settings import Settings
from db.core.database import Database
from mail.envelope import parse_sender
from mail.smtp import SMTPTransport
from mail.transports import FolderTransport, MailTransport
from mail.worker import DeliveryOptions, OutboxWorker
from resolvers.core.context import Clock
from resolvers.core.deployment import Deployment

logger = logging.getLogger("dialtree.mail")


def outbox_worker(settings: Settings, database: Database, clock: Clock, deployment: Deployment) -> OutboxWorker:
    """Build the worker that delivers mail to the SMTP server or the folder; the log says which."""
    options = DeliveryOptions(
        transport=_transport(settings),
        links=deployment.links,
        sender=parse_sender(settings.mail_from),
        retry_after=timedelta(seconds=settings.mail_retry_seconds),
        mail_queued=deployment.mail_queued,
    )
    return OutboxWorker(database, clock, options)


def _transport(settings: Settings) -> MailTransport:
    server = settings.smtp_server
    if server is None:
        folder = FolderTransport(settings.mail_folder)
        logger.info("DIALTREE_SMTP_URL is not set: mail is written to the folder %s", folder.path)
        return folder
    logger.info("mail is sent to %s:%s", server.host, server.port)
    return SMTPTransport(server, host_name=socket.gethostname())
