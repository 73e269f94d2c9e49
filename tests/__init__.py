"""The tests: one folder for each room, and `house` for the house itself."""
