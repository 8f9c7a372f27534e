"""What can go wrong between two sides: few errors, each with the word and the close code of ``protocol.json``.

They know nothing of ImJoy Offline's own error tree; ``engine/session`` turns them into an end of the connection.

    RpcError
      EncodeError       we were asked to send what cannot be sent
      ProtocolError     the other side sent what is not the protocol
        TooLargeError   the other side sent, or announced, more than is allowed
"""

from typing import ClassVar

CLOSE_PROTOCOL_ERROR = 4400
CLOSE_REFUSED = 4401
CLOSE_TOO_LARGE = 4413


class RpcError(Exception):
    """The root; ``code`` is one of the error codes of ``protocol.json``."""

    code: ClassVar[str] = "thrown"


class EncodeError(RpcError):
    """A value could not be sent; nothing has been sent."""

    code: ClassVar[str] = "encode"


class ProtocolError(RpcError):
    """What came is not a message of this protocol; the connection ends with ``close_code``."""

    code: ClassVar[str] = "decode"
    close_code: ClassVar[int] = CLOSE_PROTOCOL_ERROR


class TooLargeError(ProtocolError):
    """What came, or what it announces, is larger than allowed."""

    close_code: ClassVar[int] = CLOSE_TOO_LARGE
