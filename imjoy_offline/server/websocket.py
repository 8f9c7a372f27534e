"""The engine's websocket: takes events of the connection to a Session and does what it answers.

No protocol here, only accept, timers and the caps on connections. Host and Origin were judged before (``policy``). What
is for the page's workers goes to its ``Router``, and what they say is sent as the connection takes it.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from imjoy.rpc.errors import ProtocolError
from imjoy_offline.engine.session import Action, End, Forward, Heartbeat, Session, State
from imjoy_offline.server.asgi import Receive, Scope, Send

if TYPE_CHECKING:
    from imjoy_offline.engine.outbox import Outbox
    from imjoy_offline.engine.router import Router

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
        self,
        check_token: Callable[[str], bool],
        sessions: Sessions,
        heartbeat: Heartbeat | None = None,
        make_router: "Callable[[], Router] | None" = None,
    ) -> None:
        self._check_token = check_token
        self._sessions = sessions
        self._heartbeat = heartbeat
        self._make_router = make_router

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it; nothing that it has started is left then."""
        now = asyncio.get_running_loop().time
        router = self._make_router() if self._make_router is not None else None
        session = Session(self._check_token, now(), heartbeat=self._heartbeat, forwards=router is not None)
        self._sessions.add(session)
        try:
            await receive()
            await send({"type": "websocket.accept"})
            await _Conversation(session, router, scope, receive, send).run()
        finally:
            self._sessions.remove(session)
            if router is not None:
                await router.close()


class _Conversation:
    """What comes over one connection, and what is done about it."""

    def __init__(self, session: Session, router: "Router | None", scope: Scope, receive: Receive, send: Send) -> None:
        self._session = session
        self._router = router
        self._scope = scope
        self._receive = receive
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the session has ended."""
        if self._router is not None:
            self._sending = asyncio.create_task(_send_all(self._router.outbox, self._send))
        # Two tasks for the whole of the session: to start one for each message would be half of the work.
        tasks = {asyncio.create_task(self._listen()), asyncio.create_task(self._keep_time())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._stop_sending()

    async def _listen(self) -> None:
        """Take what comes until the connection, or the session, has ended."""
        now = asyncio.get_running_loop().time
        session = self._session
        while session.due is not None:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return
            data = event.get("bytes")
            waiting = session.state is State.WAITING
            actions = session.receive_text() if data is None else session.receive(data, now())
            if waiting and session.state is State.OPEN:
                _lift_limit(self._scope)
            await self._perform(actions)

    async def _keep_time(self) -> None:
        """Do what the session wants done when its times come, until it has ended."""
        now = asyncio.get_running_loop().time
        while (due := self._session.due) is not None:
            await asyncio.sleep(max(0.0, due - now()))
            await self._perform(self._session.tick(now()))

    def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()

    async def _perform(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            if isinstance(action, End):
                # Nothing may be sent behind the close.
                self._stop_sending()
                await self._send({"type": "websocket.close", "code": action.code, "reason": action.reason})
            elif isinstance(action, Forward):
                await self._forward(action)
            else:
                await self._send({"type": "websocket.send", "bytes": action.data})

    async def _forward(self, action: Forward) -> None:
        if self._router is None:
            return
        try:
            await self._router.receive(action.message, action.frame)
        except ProtocolError as error:
            await self._perform(self._session.refuse(error))


async def _send_all(outbox: "Outbox", send: Send) -> None:
    """Send what the workers say; where the connection is gone, the conversation is told of it too."""
    with contextlib.suppress(OSError):
        while True:
            await send({"type": "websocket.send", "bytes": await outbox.next()})


def _lift_limit(scope: Scope) -> None:
    """Tell the connection, where it keeps a limit on strangers, that this is none."""
    authenticated = scope.get("extensions", {}).get(AUTHENTICATED)
    if authenticated is not None:
        authenticated()
