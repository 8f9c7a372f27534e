"""The values of the classic imjoy-rpc protocol: what may be sent, how it travels, and how it is read again.

``protocol.json`` names the tags and limits; ``tests/vectors/rpc_codec.json`` holds Python and JavaScript to the same.
"""

from typing import Any

from imjoy.rpc.call_errors import DecodeError
from imjoy.rpc.context import DecodeContext, EncodeContext
from imjoy.rpc.decode import Decoder
from imjoy.rpc.encode import Encoder
from imjoy.rpc.errors import EncodeError

_TOO_DEEP = "is nested too deep for what is left of Python's stack here"


def encode(value: Any, context: EncodeContext) -> Any:
    """What travels for ``value``: JSON's values and binary ones.

    Raises EncodeError naming the place in ``value`` that cannot be sent.
    """
    try:
        return Encoder(context).value(value)
    except RecursionError as error:
        raise EncodeError(f"the value {_TOO_DEEP}") from error


def encode_interface(value: Any, context: EncodeContext) -> Any:
    """As ``encode``, with the functions in it offered for good, each under its path."""
    try:
        return Encoder(context).interface(value)
    except RecursionError as error:
        raise EncodeError(f"the value {_TOO_DEEP}") from error


def decode(encoded: Any, context: DecodeContext) -> Any:
    """The value that was encoded.

    Raises DecodeError.
    """
    try:
        return Decoder(context).value(encoded)
    except RecursionError as error:
        raise DecodeError(f"a value {_TOO_DEEP}") from error
