"""Tests of the house itself: its floors, its requirement files, its database server."""
