"""Mail: messages, templates, transports and the outbox worker. Nothing here reads the inventory."""
