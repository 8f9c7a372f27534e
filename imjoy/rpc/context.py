"""What encoding and decoding need from whoever sends and receives: where functions and objects are kept and called."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Optional, Protocol, Union

CallbackId = Union[int, str]
Function = Callable[..., Any]


class Offered(NamedTuple):
    """Where a function can be reached: by its path in an object that is kept under an id."""

    object_id: str
    path: str


class ValueCodec(NamedTuple):
    """A plugin's own way to send and read values: ``name`` is the tag; at least one of the functions is there."""

    name: str
    type: Any = None
    encoder: Optional[Function] = None
    decoder: Optional[Function] = None


class EncodeContext(Protocol):
    """The side that sends."""

    @property
    def escape(self) -> bool:
        """Whether both ends are ours: objects of a user that look like a tag are then escaped."""

    @property
    def target_id(self) -> Optional[str]:
        """Our own address, written into every reference."""

    @property
    def codecs(self) -> Mapping[str, ValueCodec]:
        """Registered by the plugin, by name."""

    def add_callback(self, function: Function) -> CallbackId:
        """Keep a function; the id under which it can be called."""

    def offered_as(self, function: Function) -> Optional[Offered]:
        """Where a function is offered already."""

    def add_object(self, value: object, wanted_id: Optional[str]) -> str:
        """Keep an object whose functions are going to be offered; its id."""

    def offer(self, offered: Offered, function: Function) -> None:
        """Allow calls of this function."""


class DecodeContext(Protocol):
    """The side that receives."""

    @property
    def codecs(self) -> Mapping[str, ValueCodec]:
        """Registered by the plugin, by name."""

    def callback(self, callback_id: CallbackId, name: str, target: Optional[str]) -> Function:
        """A function that calls a callback of the other side."""

    def method(self, object_id: str, path: str, target: Optional[str]) -> Function:
        """A function that calls one of an object that the other side keeps."""

    def note_object(self, received: Any, object_id: str) -> None:
        """Told of every object that the other side keeps."""
