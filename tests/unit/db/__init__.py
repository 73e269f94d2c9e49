"""Tests of the tables and the statements."""
