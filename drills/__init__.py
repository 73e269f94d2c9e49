"""Drills: kill servers and databases under load, and prove that nothing that was answered with success is lost."""
