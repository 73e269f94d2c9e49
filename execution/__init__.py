"""Runs GraphQL operations: validates, limits, compiles and executes them. Knows nothing of the inventory."""
