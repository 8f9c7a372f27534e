"""What can go wrong with values and calls, beside ``errors``, which is about frames; and the words of anything thrown.

RpcError
  DecodeError         a value came that cannot be read
  NoSuchObjectError   the function or object that was asked for is not known here
  NotAvailableError   the api has no such function in this version
  ClosedError         the other side has ended, so that a call gets no answer
  RemoteError         the function called on the other side has failed
ReceivedError         an error that came as a value; raised by nobody here
"""

from typing import ClassVar, Optional

from imjoy.rpc.errors import RpcError


class DecodeError(RpcError):
    """A value came that cannot be read."""

    code: ClassVar[str] = "decode"


class NoSuchObjectError(RpcError):
    """The function or object that the other side asked for is not known here."""

    code: ClassVar[str] = "no-such-object"


class NotAvailableError(RpcError):
    """A function of the api that this version does not have."""

    code: ClassVar[str] = "not-available"


class ClosedError(RpcError):
    """The other side has ended, so that a call will never be answered."""

    code: ClassVar[str] = "closed"


class RemoteTraceback(Exception):
    """The stack of the other side, shown by Python as the cause of the error that came from there."""

    def __str__(self) -> str:
        return f"on the other side:\n{self.args[0]}"


class ReceivedError(Exception):
    """An error of the other side, as a value: what it is called there, where it arose, and the words (``str``)."""

    def __init__(
        self,
        message: str,
        *,
        name: str = "Error",
        remote_stack: str = "",
        code: Optional[str] = None,
        plugin: Optional[str] = None,
        function_name: Optional[str] = None,
        line: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.remote_stack = remote_stack
        self.remote_code = code
        self.plugin = plugin
        self.function_name = function_name
        self.line = line
        if remote_stack:
            self.__cause__ = RemoteTraceback(remote_stack)


class RemoteError(RpcError):
    """A function on the other side failed.

    ``plugin`` and ``function_name`` say which, ``remote_stack`` where, ``remote_name`` is the class of the error over
    there, ``remote_code`` its code, ``line`` that of the plugin file, ``value`` what was thrown where it was no error.
    """

    def __init__(
        self,
        message: str,
        *,
        plugin: str,
        function_name: str,
        remote_name: str = "Error",
        remote_stack: str = "",
        remote_code: str = "thrown",
        line: Optional[int] = None,
        value: object = None,
    ) -> None:
        super().__init__(message)
        self.plugin = plugin
        self.function_name = function_name
        self.remote_name = remote_name
        self.remote_stack = remote_stack
        self.remote_code = remote_code
        self.line = line
        self.value = value
        if remote_stack:
            self.__cause__ = RemoteTraceback(remote_stack)


def to_remote_error(thrown: object, plugin: str, function_name: str) -> RemoteError:
    """What the other side threw, as it was decoded, as an error that names the plugin and the function."""
    words = "no reason was given" if thrown is None else words_of(thrown)
    message = f"{plugin}: {called(function_name)} failed: {words}"
    if not isinstance(thrown, ReceivedError):
        return RemoteError(message, plugin=plugin, function_name=function_name, value=thrown)
    if thrown.plugin and thrown.function_name:
        # An error that has been relayed already says where it comes from.
        message, plugin, function_name = str(thrown), thrown.plugin, thrown.function_name
    return RemoteError(
        message,
        plugin=plugin,
        function_name=function_name,
        remote_name=thrown.name,
        remote_stack=thrown.remote_stack,
        remote_code=thrown.remote_code or "thrown",
        line=thrown.line,
    )


def called(function_name: str) -> str:
    """``run()``; words for what is no function stay as they are."""
    return function_name if " " in function_name else f"{function_name}()"


def words_of(thrown: object) -> str:
    """The words of anything that was thrown, without the class name where that says nothing."""
    if isinstance(thrown, str):
        return thrown
    if not isinstance(thrown, BaseException):
        return f"something that is no error was thrown ({type(thrown).__name__})"
    name = thrown.name if isinstance(thrown, ReceivedError) else type(thrown).__name__
    message = str(thrown)
    if not message:
        return name
    plain = isinstance(thrown, RpcError) or type(thrown) is Exception or name == "Error"
    return message if plain else f"{name}: {message}"
