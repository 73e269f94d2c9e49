"""A sample of the project itself, and what makes it."""
