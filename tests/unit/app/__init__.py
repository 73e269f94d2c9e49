"""Tests of the application package."""
