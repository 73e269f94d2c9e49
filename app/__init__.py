"""The front door: the application, its routes, settings and command."""
