"""Requests that try to crash, stall or fool a server."""
