"""The first process of every worker: starts the second, in which the plugin runs, and sees to it that nothing stays.

It travels in the runtime's zip (``engine/runtime_zip``) and runs on the Python of a plugin's environment, which may be
older than ours: standard library of Python 3.9 alone, and little of it. When the engine's end of the channel is gone
(also after SIGKILL), when it is told to, and when the worker has ended, it kills every process that the worker has
started, and then ends as the worker has ended.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable

APP_HOST = "127.0.0.1"
KEY_VARIABLE = "IMJOY_CHANNEL_KEY"
GRACE_MILLISECONDS = 1000
KILL_SECONDS = 5.0

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36


def begin(address: str) -> socket.socket:
    """The worker's end of the channel, in the worker's process; the guardian never comes back from here.

    ``address`` is the number of an inherited descriptor, or ``tcp:`` and a port where none can be inherited.
    """
    channel = open_channel(address)
    if hasattr(os, "fork"):
        Guardian(channel).run()
    return channel


def open_channel(address: str) -> socket.socket:
    """The worker's end of the channel; no process that the plugin starts inherits it."""
    if not address.startswith("tcp:"):
        channel = socket.socket(fileno=int(address))
        channel.set_inheritable(False)
        return channel
    key = os.environ.pop(KEY_VARIABLE)
    channel = socket.create_connection((APP_HOST, int(address[4:])))
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    channel.sendall(key.encode("ascii"))
    return channel


class Guardian:
    """Forks the worker; ``run`` comes back in the worker alone, the guardian never leaves it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._status: int | None = None
        self._worker = 0

    def run(self) -> None:
        """Fork and watch."""
        guardian = os.getpid()
        _control(_SET_CHILD_SUBREAPER, 1)
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signals = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        for one in signals:
            signal.signal(one, _noted)
        self._worker = os.fork()
        if self._worker == 0:
            signal.set_wakeup_fd(-1)
            for one in signals:
                signal.signal(one, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.close(woken)
            os.close(wake)
            os.setsid()
            _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
            if os.getppid() != guardian:
                os._exit(1)
            return
        try:
            _let_go_of_output()
            self._watch(woken)
            self._kill_all()
        finally:
            self._leave()

    def _watch(self, woken: int) -> None:
        """Until the worker has ended, or has to."""
        import select

        poll = select.poll()
        poll.register(self._channel, 0)  # a hang-up is told even where nothing is asked for
        poll.register(woken, select.POLLIN)
        patience = -1
        while self._status is None:
            events = poll.poll(patience)
            if not events:
                return
            for descriptor, _ in events:
                if descriptor != woken:
                    # The worker sees the same and may leave in good order.
                    poll.unregister(self._channel)
                    patience = GRACE_MILLISECONDS
                elif signal.SIGTERM in os.read(woken, 4096):
                    return
            self._reap()

    def _reap(self) -> bool:
        """Take note of every child that has ended; whether there are more."""
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if ended == 0:
                return True
            if ended == self._worker:
                self._status = status

    def _kill_all(self) -> None:
        """Kill until there is nobody left: who is killed while it starts another one leaves that one to us."""
        _kill(os.killpg, self._worker)
        end = time.monotonic() + KILL_SECONDS
        while self._reap() and time.monotonic() < end:
            for process in (self._worker, *descendants(os.getpid())):
                if process != self._worker or self._status is None:
                    _kill(os.kill, process)
            time.sleep(0.002)

    def _leave(self) -> None:
        """End as the worker has ended, by the same signal if it was one."""
        status = self._status
        if status is None or not os.WIFSIGNALED(status):
            os._exit(1 if status is None else os.WEXITSTATUS(status))
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        os._exit(128 + number)


def descendants(ancestor: int) -> "list[int]":
    """Every process below ``ancestor``, where the system has ``/proc`` to tell; else none."""
    parents = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - pathlib is slow to load
    except OSError:
        return []
    for name in names:
        try:
            with open("/proc/" + name + "/stat", "rb") as stream:  # noqa: PTH123 - as above
                # The name of the program, in brackets, may hold anything.
                parents[int(name)] = int(stream.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    found: list[int] = []
    below = {ancestor}
    while below:
        below = {process for process, parent in parents.items() if parent in below}
        found.extend(below)
    return found


def _kill(call: Callable[[int, int], None], process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        call(process, signal.SIGKILL)


def _noted(number: int, frame: object) -> None:
    """Signals only wake the guardian."""


def _let_go_of_output() -> None:
    """The pipes end with the last process that writes into them, which is not to be the guardian."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _control(option: int, value: int) -> None:
    """Linux's ``prctl``; elsewhere the guardian does without."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)
