"""WebDriver BiDi over one websocket: commands with their answers, events as they come."""

import json
import time
from typing import Any

from websockets.sync.client import ClientConnection

from tests.other_browsers.driving import DriverError, Gone

ANSWER_SECONDS = 60.0
_GONE = ("no such frame", "no such node", "no such handle", "no such element", "stale element reference")

Event = dict[str, Any]


class BidiConnection:
    """A connection to a browser; not for several threads."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self._events: list[Event] = []

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do a command and return its result; raises DriverError, and Gone where its target is no more."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                answer = json.loads(self._socket.recv(timeout=max(0.0, deadline - time.monotonic())))
            except TimeoutError:
                raise DriverError("timeout", f"{method} was not answered in {ANSWER_SECONDS:g} s") from None
            if answer["type"] == "event":
                self._events.append(answer)
            elif answer["id"] != self._count:
                continue  # to a command that was given up
            elif answer["type"] == "error":
                kind = Gone if answer["error"] in _GONE else DriverError
                raise kind(answer["error"], f"{method}: {answer['message']}")
            else:
                result: dict[str, Any] = answer["result"]
                return result

    def take_events(self) -> list[Event]:
        """What has come since the last time."""
        # An answer comes behind every event that was sent before it.
        self.send("session.status")
        taken, self._events = self._events, []
        return taken
