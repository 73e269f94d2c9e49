"""The pages behind the links in mails, for deployments whose front end has none of its own. They need no script."""

from app.pages.routes import page_routes

__all__ = ["page_routes"]
