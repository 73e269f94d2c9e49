"""Compose an EmailMessage: headers, addresses, and a Message-ID that stays the same across retries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from domain.emails import ENCODED_WORD, clean_email, delivery_address
from domain.errors import InvalidInput
from mail.messages import Message


def parse_sender(text: str) -> Address:
    """Parse the sender of mail, such as `Dialtree <dialtree@example.com>`. Raises ValueError."""
    header = EmailMessage()
    try:
        header["From"] = text
        (sender,) = header["From"].addresses
        return address(clean_email(sender.addr_spec, path=()), name=sender.display_name)
    except (ValueError, InvalidInput):
        raise ValueError("use an email address, such as Dialtree <dialtree@example.com>") from None


def address(email: str, *, name: str = "") -> Address:
    """Return the normal form of an email address for a header: the domain is in ASCII.

    Raises ValueError for one with an encoded word (RFC 2047), which EmailMessage would decode to another address.
    """
    local, _, host = delivery_address(email).rpartition("@")
    if ENCODED_WORD in local:
        raise ValueError(f"{email!r} contains {ENCODED_WORD!r}")
    return Address(name, local, host)


def compose(message: Message, *, sender: Address, to: Sequence[Address], message_id: str, at: datetime) -> EmailMessage:
    """Compose the mail with a text and an HTML part. Raises ValueError for a header with line breaks.

    The headers are in UTF-8 (RFC 6532) only if an address has other characters than ASCII before the @.
    """
    reply_to = address(message.reply_to) if message.reply_to else None
    addresses = [sender, *to, *([reply_to] if reply_to else [])]
    mail = EmailMessage(policy=SMTP if all(known.addr_spec.isascii() for known in addresses) else SMTPUTF8)
    mail["From"] = sender
    mail["To"] = tuple(to)
    _set_subject(mail, message.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}>"
    if reply_to:
        mail["Reply-To"] = reply_to
    # Keeps out-of-office replies away.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _set_subject(mail: EmailMessage, subject: str) -> None:
    """Set the subject so that the recipient reads exactly this text.

    EmailMessage decodes what looks like an encoded word, also to line breaks that begin another header, and loses
    spaces when it folds a long text outside ASCII.
    """
    if subject.isascii() and ENCODED_WORD not in subject:
        mail["Subject"] = subject
    else:
        mail.set_raw("Subject", Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n"))
