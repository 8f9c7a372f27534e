"""One plugin's process, from the hand-over on its channel to its end.

The main thread runs the event loop: scripts, async functions and the answers to calls. Functions that are not async run
in a thread of their own (``calls``), the channel in two more, so that the engine's ``ping`` is answered while the
plugin's code is busy, whichever it is. The end comes with ``disconnect`` or with the engine itself; then the plugin's
``exit`` is called and the process ends, whatever its threads still do.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
import types
from typing import Any, Optional

import imjoy
from imjoy.rpc.call_errors import ClosedError, words_of
from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import Message
from imjoy.rpc.peer import Peer
from imjoy.rpc.promise import PromiseRules
from imjoy.rpc.tracebacks import format_error
from imjoy.runtime.api import PluginApi
from imjoy.runtime.calls import PluginLoop, Runner
from imjoy.runtime.channel import Channel
from imjoy.runtime.handover import Handover, read_handover
from imjoy.runtime.log_gate import LogGate
from imjoy.runtime.output import Capture
from imjoy.runtime.scripts import ScriptError, file_name_of, plugin_module, run_scripts

EXIT_SECONDS = 5.0
# When the engine has gone, whoever watches over this process soon kills it.
GONE_SECONDS = 0.7
# What may take its time after exit(): tasks that tidy up, lines on their way out, threads that Python waits for.
LEAVING_SECONDS = 1.0
LOG_BACKLOG_BYTES = 4 * 1024 * 1024
HOST = "ImJoy"


def run(connection: socket.socket) -> int:
    """Be the plugin that the first message on the channel says; the exit status."""
    channel = Channel(connection)
    try:
        message = channel.receive_first()
        if message is None:
            return 0
        handover = read_handover(message)
    except ProtocolError as error:
        channel.start(lambda message, count: None, lambda reason: None)
        channel.send({"type": "failed", "message": str(error), "detail": ""})
        channel.close(LEAVING_SECONDS)
        return 1
    return Worker(channel, handover).run()


class Worker:
    """The plugin and what it needs."""

    def __init__(self, channel: Channel, handover: Handover) -> None:
        self._channel = channel
        self._handover = handover
        self._loop = PluginLoop()
        self._thread = threading.get_ident()
        self._gate = LogGate(self._send_log)
        self._capture = Capture(self._gate)
        self._runner = Runner(self._loop, self._call_failed)
        rules = PromiseRules(
            later=self._later,
            unhandled=self._unhandled,
            may_block=self._may_block,
            dispose=lambda received: self._peer.dispose_object(received),
        )
        self._peer = Peer(HOST, self._send, run=self._runner.run, rules=rules)
        self._api = PluginApi(self._peer, workspace=handover.workspace, tag=handover.tag)
        self._exit_seconds = EXIT_SECONDS
        self._status = 0

    def run(self) -> int:
        """Run the plugin to its end; the exit status."""
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(self._loop_failed)
        self._peer.on("error", lambda error: self._gate.write("error", words_of(error)))
        self._peer.on("closed", lambda reason: self._leave_soon())
        self._settle_in()
        self._channel.start(self._deliver, self._gone)
        self._loop.call_soon(self._begin)
        try:
            self._loop.run_forever()
        except (KeyboardInterrupt, SystemExit):
            self._status = 1
        self._watch_exit(LEAVING_SECONDS)
        self._capture.finish()
        self._channel.close(LEAVING_SECONDS / 2)
        return self._status

    def _settle_in(self) -> None:
        """Make this process the plugin's: ``api`` under all its names, its output, and nothing to read from."""
        imjoy.api = self._api
        alias = types.ModuleType("imjoy_rpc", "The name under which plugins have always imported ``api``.")
        alias.__dict__.update(api=self._api, __version__=imjoy.__version__)
        sys.modules["imjoy_rpc"] = alias
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
        # Functions that are not async do not run in the main thread, the only one that may have windows.
        os.environ.setdefault("MPLBACKEND", "Agg")
        self._capture.begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        """In a child that the plugin forked: its output goes to the descriptors, and the channel is not its own."""
        self._capture.release()
        self._channel.forget_in_child()

    def _begin(self) -> None:
        if self._handover.api is not None:
            self._peer.receive({"type": "setInterface", "api": self._handover.api})
        for note in self._handover.notes:
            self._gate.write("warning", note)
        module = plugin_module(file_name_of(self._handover.name), self._api)
        try:
            for note in run_scripts(self._handover.scripts, module):
                self._gate.write("warning", note)
        except ScriptError as error:
            self._fail(error)
            return
        exported = self._peer.local is not None
        if not exported:
            self._gate.write("warning", "The scripts have ended without api.export(...): nothing can be called yet.")
        self._channel.send({"type": "ready", "exported": exported})

    def _fail(self, error: ScriptError) -> None:
        self._status = 1
        message: Message = {"type": "failed", "message": str(error), "detail": error.detail}
        if error.line is not None:
            message["line"] = error.line
        self._capture.finish()
        self._channel.send(message)
        self._loop.stop()

    # --- messages -------------------------------------------------------------------------------------------------

    def _send(self, message: Message) -> None:
        # The loop never waits for room: what makes room may depend on it.
        self._channel.send(message, patient=self._may_block())

    def _deliver(self, message: Message, count: int) -> None:
        """In the reading thread."""
        if message["type"] == "disconnect":
            self._watch_exit(self._exit_seconds + LEAVING_SECONDS)
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(self._receive, message, count)

    def _receive(self, message: Message, count: int) -> None:
        self._peer.receive(message)
        self._channel.taken(count)

    def _gone(self, reason: str) -> None:
        """In the reading thread: nothing comes any more."""
        self._exit_seconds = GONE_SECONDS
        self._watch_exit(GONE_SECONDS + LEAVING_SECONDS)
        self._later(lambda: self._peer.close(reason))

    def _later(self, work: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(work)

    def _may_block(self) -> bool:
        return threading.get_ident() != self._thread

    # --- the log --------------------------------------------------------------------------------------------------

    def _send_log(self, level: str, message: str) -> None:
        # Where the engine does not read, lines are lost rather than kept without end.
        if self._channel.waiting_bytes < LOG_BACKLOG_BYTES:
            self._channel.send({"type": "log", "level": level, "message": message})

    def _call_failed(self, label: str, error: BaseException) -> None:
        self._gate.traceback(f"{label}() failed:\n{format_error(error)}")

    def _unhandled(self, error: BaseException) -> None:
        if isinstance(error, ClosedError) and self._peer.closed:
            return
        # Python may be tidying up right now, in the midst of anything.
        self._later(lambda: self._gate.traceback(f"A call has failed that nobody waited for:\n{format_error(error)}"))

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: "dict[str, Any]") -> None:
        error = context.get("exception")
        detail = "" if error is None else f":\n{format_error(error)}"
        self._gate.traceback(f"{context.get('message', 'The event loop has failed')}{detail}")

    # --- the end --------------------------------------------------------------------------------------------------

    def _leave_soon(self) -> None:
        self._watch_exit(self._exit_seconds + LEAVING_SECONDS)
        self._runner.start(self._leave())

    async def _leave(self) -> None:
        """Call ``exit``, unless the host has done so, and let tasks tidy up."""
        leave = self._exported("exit")
        if leave is not None and "exit" not in self._runner.labels:
            last = self._loop.create_task(self._runner.run_last(leave))
            done, _ = await asyncio.wait({last}, timeout=self._exit_seconds)
            if not done:
                self._gate.write("warning", f"exit() has not ended within {self._exit_seconds:g} seconds.")
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=LEAVING_SECONDS / 4)
        self._loop.stop()

    def _exported(self, name: str) -> Optional[Any]:
        local = self._peer.local
        function = local.get(name) if isinstance(local, dict) else getattr(local, name, None)
        return function if callable(function) else None

    def _watch_exit(self, seconds: float) -> None:
        """End the process after so many seconds, whatever its threads still do."""
        timer = threading.Timer(seconds, os._exit, (self._status,))
        timer.daemon = True
        timer.start()
