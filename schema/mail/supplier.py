"""Whom to ask for more numbers."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.mail import supplier
from schema.core.nodes import context_of


@strawberry.type(description="Whom to ask for more numbers, as the popup shows it.")
class SupplierContact:
    """Read off `resolvers.mail.supplier.Supplier`."""

    message: str = strawberry.field(description="The popup's sentence, with the mail address and the telephone number.")
    email: str = strawberry.field(description="Whom to write to; empty where nobody is named.")
    telephone: str = strawberry.field(description="Whom to call; empty where nobody is named.")


async def supplier_contact_of(info: Info) -> Any:
    """Whom the caller asks."""
    return await supplier.supplier_contact(context_of(info))
