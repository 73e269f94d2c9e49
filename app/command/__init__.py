"""The `dialtree` command."""

from app.command.main import main

__all__ = ["main"]
