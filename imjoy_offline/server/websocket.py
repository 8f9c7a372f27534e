"""The engine's websocket: takes events of the connection to a Session and does what it answers.

No protocol here, only accept, timers and the caps on connections. Host and Origin were judged before (``policy``).
"""

import asyncio
from collections.abc import Callable

from imjoy_offline.engine.session import Action, End, Heartbeat, Session, State
from imjoy_offline.server.asgi import Receive, Scope, Send

WAITING_LIMIT = 64
SOCKET_LIMIT = 256
AUTHENTICATED = "imjoy.authenticated"


class Sessions:
    """The connections that there are; so many may wait for their hello, so many may be there at all."""

    def __init__(self, waiting_limit: int = WAITING_LIMIT, socket_limit: int = SOCKET_LIMIT) -> None:
        self._waiting_limit = waiting_limit
        self._socket_limit = socket_limit
        self._sessions: set[Session] = set()

    @property
    def open_count(self) -> int:
        """How many sessions are open."""
        return sum(one.state is State.OPEN for one in self._sessions)

    def refusal(self) -> str | None:
        """Why no connection can be taken now, or None."""
        waiting = sum(one.state is State.WAITING for one in self._sessions)
        if waiting >= self._waiting_limit:
            return f"{waiting} connections have not shown their token yet; no more are taken until they do."
        if len(self._sessions) >= self._socket_limit:
            return f"There are {len(self._sessions)} connections to the engine; more are not taken."
        return None

    def add(self, session: Session) -> None:
        """Count a connection."""
        self._sessions.add(session)

    def remove(self, session: Session) -> None:
        """Count it no more."""
        self._sessions.discard(session)


class EngineSocket:
    """Runs one session for each connection that the gate let through."""

    def __init__(
        self, check_token: Callable[[str], bool], sessions: Sessions, heartbeat: Heartbeat | None = None
    ) -> None:
        self._check_token = check_token
        self._sessions = sessions
        self._heartbeat = heartbeat

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it."""
        now = asyncio.get_running_loop().time
        session = Session(self._check_token, now(), heartbeat=self._heartbeat)
        self._sessions.add(session)
        try:
            await receive()
            await send({"type": "websocket.accept"})
            await _converse(session, scope, receive, send)
        finally:
            self._sessions.remove(session)


async def _converse(session: Session, scope: Scope, receive: Receive, send: Send) -> None:
    now = asyncio.get_running_loop().time
    # One task waits for the connection and outlives the timers: cancelling it could lose an event.
    coming = asyncio.ensure_future(receive())
    try:
        while session.due is not None:
            await asyncio.wait({coming}, timeout=max(0.0, session.due - now()))
            if not coming.done():
                await _perform(session.tick(now()), send)
                continue
            event = coming.result()
            if event["type"] == "websocket.disconnect":
                return
            data = event.get("bytes")
            waiting = session.state is State.WAITING
            actions = session.receive_text() if data is None else session.receive(data, now())
            if waiting and session.state is State.OPEN:
                _lift_limit(scope)
            await _perform(actions, send)
            coming = asyncio.ensure_future(receive())
    finally:
        coming.cancel()


def _lift_limit(scope: Scope) -> None:
    """Tell the connection, where it keeps a limit on strangers, that this is none."""
    authenticated = scope.get("extensions", {}).get(AUTHENTICATED)
    if authenticated is not None:
        authenticated()


async def _perform(actions: tuple[Action, ...], send: Send) -> None:
    for action in actions:
        if isinstance(action, End):
            await send({"type": "websocket.close", "code": action.code, "reason": action.reason})
        else:
            await send({"type": "websocket.send", "bytes": action.data})
