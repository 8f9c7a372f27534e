"""One connected page, from its first message to its end, without any socket or clock.

``server/websocket`` feeds it messages and the time and does what it answers. Only the token in ``hello`` opens a
session; until then every other message, and silence, ends it. Errors of ``imjoy.rpc`` become an end with a close code.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from imjoy.rpc.errors import CLOSE_PROTOCOL_ERROR, CLOSE_REFUSED, ProtocolError
from imjoy.rpc.messages import (
    LIMITS,
    PROTOCOL_VERSION,
    SOCKET_KINDS,
    Credit,
    Hello,
    Limits,
    Message,
    Piece,
    Ping,
    Pong,
    Welcome,
    read_message,
)
from imjoy.rpc.wire import decode_frame, encode_frame

CLOSE_GOING_AWAY = 1001
REASON_BYTES = 123  # a close frame has room for no more (RFC 6455, section 5.5)


class State(Enum):
    """Where a session stands; it never goes back."""

    WAITING = "waiting"
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True)
class Send:
    """Send this frame."""

    data: bytes


@dataclass(frozen=True)
class End:
    """Close the connection, with a reason in words."""

    code: int
    reason: str


@dataclass(frozen=True)
class Forward:
    """This message is not about the socket: hand it, with its frame, to who knows the workers."""

    message: Message
    frame: bytes


Action = Send | End | Forward


@dataclass(frozen=True)
class Heartbeat:
    """Seconds of silence until we ask, and until we take the other side for gone."""

    interval: float = 20.0
    patience: float = 60.0


class Session:
    """The state of one connection; every method returns what is to be done, in order."""

    def __init__(
        self,
        check_token: Callable[[str], bool],
        now: float,
        *,
        heartbeat: Heartbeat | None = None,
        limits: Limits = LIMITS,
        forwards: bool = False,
    ) -> None:
        self.id = secrets.token_hex(8)
        self.client = ""
        self.state = State.WAITING
        self._check_token = check_token
        self._heartbeat = heartbeat or Heartbeat()
        self._limits = limits
        self._forwards = forwards
        self._opened = now
        self._heard = now
        self._asked = now
        self._pings = 0

    @property
    def due(self) -> float | None:
        """When ``tick`` wants to be called next; None after the end."""
        if self.state is State.WAITING:
            return self._opened + self._limits.hello_seconds
        if self.state is State.OPEN:
            next_ping = max(self._heard, self._asked) + self._heartbeat.interval
            return min(next_ping, self._heard + self._heartbeat.patience)
        return None

    def tick(self, now: float) -> tuple[Action, ...]:
        """What is due at ``now``: a ping, or the end of a silent connection."""
        if self.due is None or now < self.due:
            return ()
        if self.state is State.WAITING:
            return self._end(CLOSE_REFUSED, f"No hello came within {self._limits.hello_seconds} seconds.")
        if now >= self._heard + self._heartbeat.patience:
            return self._end(CLOSE_GOING_AWAY, f"Nothing was heard for {self._heartbeat.patience:g} seconds.")
        self._asked = now
        self._pings += 1
        return (_send(Ping(self._pings).to_message()),)

    def receive_text(self) -> tuple[Action, ...]:
        """A text message came, which this protocol does not have."""
        if self.state is State.ENDED:
            return ()
        code = CLOSE_REFUSED if self.state is State.WAITING else CLOSE_PROTOCOL_ERROR
        return self._end(code, "A text message came; every message of this protocol is binary.")

    def receive(self, data: bytes, now: float) -> tuple[Action, ...]:
        """A binary message came."""
        if self.state is State.ENDED:
            return ()
        self._heard = now
        if self.state is State.WAITING:
            return self._receive_hello(data)
        try:
            return self._receive_message(decode_frame(data, self._limits.message_bytes), data)
        except ProtocolError as error:
            return self._end(error.close_code, str(error))

    def _receive_hello(self, data: bytes) -> tuple[Action, ...]:
        if len(data) > self._limits.unauthenticated_bytes:
            return self._end(
                CLOSE_REFUSED, f"The first message may have {self._limits.unauthenticated_bytes} bytes at most."
            )
        try:
            hello = read_message(decode_frame(data))
        except ProtocolError as error:
            return self._end(CLOSE_REFUSED, f"The first message was not a hello. {error}")
        if not isinstance(hello, Hello):
            return self._end(CLOSE_REFUSED, "The first message was not a hello.")
        if hello.version != PROTOCOL_VERSION:
            return self._end(
                CLOSE_REFUSED,
                f"The page speaks version {hello.version} of the protocol, the engine {PROTOCOL_VERSION}. Reload it.",
            )
        if not self._check_token(hello.token):
            return self._end(CLOSE_REFUSED, "The token is not that of this engine. Open the link that it printed.")
        self.state = State.OPEN
        self.client = hello.client
        return (_send(Welcome(PROTOCOL_VERSION, self.id, self._limits.to_message()).to_message()),)

    def refuse(self, error: ProtocolError) -> tuple[Action, ...]:
        """What was handed on cannot be understood."""
        return () if self.state is State.ENDED else self._end(error.close_code, str(error))

    def _receive_message(self, message: Message, frame: bytes) -> tuple[Action, ...]:
        kind = message["type"]
        if kind not in SOCKET_KINDS or kind in (Piece.kind, Credit.kind):
            if self._forwards:
                return (Forward(message, frame),)
            if kind not in SOCKET_KINDS:
                return (_send(not_available(kind)),)
        value = read_message(message)
        if isinstance(value, Ping):
            return (_send(Pong(value.id).to_message()),)
        if isinstance(value, Pong):
            return ()
        if isinstance(value, Hello | Welcome):
            return self._end(CLOSE_PROTOCOL_ERROR, f"A second {kind} came.")
        return (_send(not_available(kind)),)

    def _end(self, code: int, reason: str) -> tuple[Action, ...]:
        self.state = State.ENDED
        return (End(code, shorten_reason(reason)),)


def shorten_reason(reason: str) -> str:
    """``reason`` cut, between characters, to what a close frame can carry."""
    return reason.encode("utf-8", "replace")[:REASON_BYTES].decode("utf-8", "ignore")


def _send(message: Message) -> Send:
    return Send(encode_frame(message))


def not_available(kind: str) -> Message:
    """The answer to a message of a kind that this engine does not know."""
    return {
        "type": "error",
        "code": "not-available",
        "message": f"The engine of this version has no answer to a message of the kind {kind[:64]!r}.",
    }
