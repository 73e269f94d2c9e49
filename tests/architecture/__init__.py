"""Tests of the architecture: layers, requirement files, documentation."""
