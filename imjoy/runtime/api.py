"""The ``api`` that a plugin sees: what the host offers, and what belongs to the plugin's own side. Every other name
fails by name when it is called, whether it is a function of a later version or a slip of the pen.

Functions that are called before the host's interface has come, as scripts may do, are called when it comes. Plugins may
put members of their own on it.
"""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Optional

from imjoy.rpc.call_errors import NotAvailableError
from imjoy.rpc.caller import RemoteFunction
from imjoy.rpc.context import ValueCodec
from imjoy.rpc.dotdict import DotDict
from imjoy.rpc.peer import Peer
from imjoy.rpc.promise import Promise

CONSTANTS = ("TAG", "WORKSPACE", "ENGINE_URL", "FILE_MANAGER_URL")


class ApiMember:
    """A name of the api, with its path: to be called, or asked for members of its own."""

    def __init__(self, api: "PluginApi", path: str) -> None:
        self._api = api
        self._path = path
        self.__name__ = path.split(".")[-1]

    def __call__(self, *args: Any, **kwargs: Any) -> Promise:
        """Rejects with a NotAvailableError where the host has no such function."""
        return self._api.call_path(self._path, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._api.member(f"{self._path}.{name}")

    def __repr__(self) -> str:
        return f"<api.{self._path}>"


class PluginApi:
    """See the module."""

    def __init__(self, peer: Peer, *, workspace: Optional[str], tag: Optional[str]) -> None:
        self._peer = peer
        self._own_config = {"workspace": workspace, "tag": tag, "work_dir": os.getcwd()}  # noqa: PTH109 - a text
        self._constants: Mapping[str, Any] = {**dict.fromkeys(CONSTANTS), "TAG": tag, "WORKSPACE": workspace}
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []
        self.WORK_DIR = self._own_config["work_dir"]
        self.registerCodec = self.register_codec
        self.disposeObject = self.dispose_object
        peer.on("interface", lambda remote: self._go_on())
        peer.on("closed", lambda reason: self._go_on())

    def export(self, interface: Any, config: Optional[Mapping[str, Any]] = None) -> Promise:
        """Offer the plugin: an instance, or a dictionary, whose functions the host may call.

        Raises TypeError for what cannot be an interface, and EncodeError for what cannot be sent.
        """
        self._peer.export_interface(interface)
        return self._settled()

    def init(self, config: Optional[Mapping[str, Any]] = None) -> Promise:
        """Offer a plugin that does nothing."""
        return self.export({"setup": lambda: None})

    def register_codec(self, codec: Optional[Mapping[str, Any]] = None, **more: Any) -> Promise:
        """Send and read values of one type in a way of the plugin's own: ``name``, ``type``, ``encoder``, ``decoder``.

        Raises ValueError for a codec that lacks its name or both functions.
        """
        members = {**(codec or {}), **more}
        name, encoder, decoder = members.get("name"), members.get("encoder"), members.get("decoder")
        if not isinstance(name, str) or not (callable(encoder) or callable(decoder)):
            raise ValueError("a codec needs a 'name' and an 'encoder' or a 'decoder'")
        self._peer.register_codec(ValueCodec(name, members.get("type"), encoder, decoder))
        return self._settled()

    def dispose_object(self, received: object) -> Promise:
        """Let the host forget an object that came from there."""
        return self._peer.dispose_object(received)

    def dispose(self) -> Promise:
        """End this plugin."""
        self._peer.disconnect("the plugin has ended itself")
        return self._settled()

    @property
    def config(self) -> DotDict:
        """What the host says of this plugin, and its working folder."""
        remote = self._find("config")
        return DotDict({**self._own_config, **(remote if isinstance(remote, dict) else {})})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._constants and name not in (self._peer.remote or {}):
            return self._constants[name]
        return self.member(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._constants, *(self._peer.remote or {})})

    def member(self, path: str) -> Any:
        """The value at a path of the host's interface; what has functions, or is not there, is asked by its path."""
        value = self._find(path)
        if value is None or isinstance(value, RemoteFunction):
            return value if isinstance(value, RemoteFunction) else ApiMember(self, path)
        if isinstance(value, dict) and any(isinstance(one, RemoteFunction) for one in value.values()):
            return ApiMember(self, path)
        return value

    def call_path(self, path: str, args: Any, kwargs: Any) -> Promise:
        """Call the function at a path of the host's interface, when that is known."""
        promise = self._peer.new_promise()

        def call() -> None:
            function = self._find(path)
            if isinstance(function, RemoteFunction):
                outcome = function(*args, **kwargs)
                outcome.listen(lambda value, error: promise.resolve(value) if error is None else promise.reject(error))
            else:
                promise.reject(NotAvailableError(f"api.{path} is not part of this version of ImJoy Offline"))

        with self._lock:
            waits = self._peer.remote is None and not self._peer.closed
            if waits:
                self._waiting.append(call)
        if not waits:
            call()
        return promise

    def _go_on(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def _find(self, path: str) -> Any:
        at: Any = self._peer.remote
        for name in path.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        return at

    def _settled(self) -> Promise:
        promise = self._peer.new_promise()
        promise.resolve(None)
        return promise
