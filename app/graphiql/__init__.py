"""The console: GraphiQL's page and files, served by ourselves."""

from app.graphiql.pages import console_routes

__all__ = ["console_routes"]
