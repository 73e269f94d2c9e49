"""The pages that links in mails open, for deployments whose front end has none. They need no JavaScript."""

from app.pages.routes import page_routes

__all__ = ["page_routes"]
