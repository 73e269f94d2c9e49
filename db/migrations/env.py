"""Alembic's environment: migrations run on the connection that `db.core.migrations` passes."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import db.core.tables  # noqa: F401 - the tables register themselves

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
