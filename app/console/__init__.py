"""The console: the page at `/` and its built files. Its source is the folder `console/`."""

from app.console.pages import console_routes

__all__ = ["console_routes"]
