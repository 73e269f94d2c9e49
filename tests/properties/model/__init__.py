"""The inventory once more, in memory and written from the requirements alone.

It shares no code with the server, so that where the two disagree, one of them is wrong.
"""
