"""GraphiQL: the page and its static files."""

from app.graphiql.pages import graphiql_routes

__all__ = ["graphiql_routes"]
