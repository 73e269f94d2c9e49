"""GraphQL over WebSocket: the protocol graphql-transport-ws and no other."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from app.metrics import Metrics
from app.requests import client_address, read_headers
from app.websocket_connection import Connection
from app.websocket_messages import SUBPROTOCOL, CloseCode
from app.websocket_operations import ConnectionServices


class WebSocketEndpoint:
    """Serves GraphQL over WebSocket."""

    def __init__(self, services: ConnectionServices, metrics: Metrics) -> None:
        self._services = services
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a WebSocket connection, as an ASGI application."""
        headers = read_headers(scope)
        await receive()
        if not self._services.subscribers.allows_origin(headers.origin, host=headers.host):
            await send({"type": "websocket.close"})  # before it was accepted: status 403
            return
        speaks = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if speaks else None})
        if not speaks:
            code = CloseCode.BAD_SUBPROTOCOL
            await send({"type": "websocket.close", "code": int(code), "reason": f"Use {SUBPROTOCOL}."})
            return
        self._metrics.open_sockets.inc()
        try:
            await Connection(self._services, headers, receive, send, client=client_address(scope)).serve()
        finally:
            self._metrics.open_sockets.dec()
