"""The messages that the two ends of an engine socket exchange about the socket itself, as frozen values.

They are checked field by field when they come in. Every other kind (calls, interfaces) is the business of the peers and
passes the wire as it is. ``protocol.json`` is the authority on names and limits; a test holds this module to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Optional, Union

from imjoy.rpc.errors import ProtocolError

PROTOCOL_VERSION = 1
MAX_INTEGER = 2**53 - 1
MAX_TEXT = 1024

Message = dict[str, Any]
Binary = Union[bytes, bytearray, memoryview]


@dataclass(frozen=True)
class Limits:
    """The limits that both sides keep; bytes, seconds, and nesting of a header."""

    message_bytes: int = 16 * 1024 * 1024
    unauthenticated_bytes: int = 64 * 1024
    piece_bytes: int = 1024 * 1024
    window_bytes: int = 8 * 1024 * 1024
    hello_seconds: int = 5
    depth: int = 128

    def to_message(self) -> Message:
        """The limits as a plain object, as ``welcome`` carries them."""
        return dict(vars(self))


LIMITS = Limits()


@dataclass(frozen=True)
class Hello:
    """The first message of a page: who it is, and the token (which no representation shows)."""

    kind: ClassVar[str] = "hello"
    version: int
    token: str = field(repr=False)
    client: str

    def to_message(self) -> Message:
        """As it travels."""
        return {"type": self.kind, "version": self.version, "token": self.token, "client": self.client}


@dataclass(frozen=True)
class Welcome:
    """The answer to a ``Hello`` that was accepted."""

    kind: ClassVar[str] = "welcome"
    version: int
    session: str
    limits: Mapping[str, int]

    def to_message(self) -> Message:
        """As it travels."""
        return {
            "type": self.kind,
            "version": self.version,
            "session": self.session,
            "limits": dict(self.limits),
        }


@dataclass(frozen=True)
class Ping:
    """Is anybody there?"""

    kind: ClassVar[str] = "ping"
    id: Union[int, str]

    def to_message(self) -> Message:
        """As it travels."""
        return {"type": self.kind, "id": self.id}


@dataclass(frozen=True)
class Pong:
    """Yes: the answer to the ``Ping`` of the same id."""

    kind: ClassVar[str] = "pong"
    id: Union[int, str]

    def to_message(self) -> Message:
        """As it travels."""
        return {"type": self.kind, "id": self.id}


@dataclass(frozen=True)
class Piece:
    """A cut of a large frame: ``data`` belongs at ``offset`` of the ``size`` bytes of ``stream``."""

    kind: ClassVar[str] = "piece"
    stream: int
    offset: int
    size: int
    data: Binary = field(repr=False)
    to: Optional[str] = None

    def to_message(self) -> Message:
        """As it travels."""
        message: Message = {
            "type": self.kind,
            "stream": self.stream,
            "offset": self.offset,
            "size": self.size,
        }
        if self.to is not None:
            message["to"] = self.to
        message["data"] = self.data
        return message


@dataclass(frozen=True)
class Credit:
    """So many more bytes of ``stream`` may come."""

    kind: ClassVar[str] = "credit"
    stream: int
    bytes: int
    to: Optional[str] = None

    def to_message(self) -> Message:
        """As it travels."""
        message: Message = {"type": self.kind, "stream": self.stream, "bytes": self.bytes}
        if self.to is not None:
            message["to"] = self.to
        return message


SocketMessage = Union[Hello, Welcome, Ping, Pong, Piece, Credit]
SOCKET_KINDS = frozenset(one.kind for one in (Hello, Welcome, Ping, Pong, Piece, Credit))


def read_message(message: Mapping[str, Any]) -> SocketMessage:
    """The value of a message about the socket; members that nobody knows are passed over.

    Raises ProtocolError for another kind, and for a member that is missing or of a wrong type.
    """
    reader = _Reader(message)
    kind = message.get("type")
    if kind == Hello.kind:
        return Hello(reader.integer("version"), reader.text("token"), reader.text("client"))
    if kind == Welcome.kind:
        return Welcome(reader.integer("version"), reader.text("session"), reader.numbers("limits"))
    if kind == Ping.kind:
        return Ping(reader.identifier("id"))
    if kind == Pong.kind:
        return Pong(reader.identifier("id"))
    if kind == Piece.kind:
        return Piece(
            reader.integer("stream"),
            reader.integer("offset"),
            reader.integer("size"),
            reader.binary("data"),
            reader.optional_text("to"),
        )
    if kind == Credit.kind:
        return Credit(reader.integer("stream"), reader.integer("bytes"), reader.optional_text("to"))
    raise ProtocolError(f"A message of the kind {kind!r} says nothing about the socket.")


def _is_integer(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


class _Reader:
    """Members of one message, each with its check."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        self._message = message

    def _wrong(self, name: str, wanted: str) -> ProtocolError:
        return ProtocolError(f"In a {self._message.get('type')!r} message, {name!r} must be {wanted}.")

    def integer(self, name: str) -> int:
        value = self._message.get(name)
        if not _is_integer(value):
            raise self._wrong(name, "a whole number from 0 to 2^53 - 1")
        return int(value)  # type: ignore[arg-type]

    def text(self, name: str) -> str:
        value = self._message.get(name)
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise self._wrong(name, f"a text of at most {MAX_TEXT} characters")
        return value

    def optional_text(self, name: str) -> Optional[str]:
        return None if self._message.get(name) is None else self.text(name)

    def identifier(self, name: str) -> Union[int, str]:
        return self.text(name) if isinstance(self._message.get(name), str) else self.integer(name)

    def binary(self, name: str) -> Binary:
        value = self._message.get(name)
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise self._wrong(name, "a binary value")
        return value

    def numbers(self, name: str) -> Mapping[str, int]:
        value = self._message.get(name)
        if not isinstance(value, dict) or not all(_is_integer(one) for one in value.values()):
            raise self._wrong(name, "an object of whole numbers")
        return value
