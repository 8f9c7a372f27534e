"""One worker process: started with its channel, and ended with every process that it has started.

The only place that starts workers. What is said on the channel is the business of ``engine/supervisor``.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.engine.channel import Channel
from imjoy_offline.engine.guardian import APP_HOST, KEY_VARIABLE
from imjoy_offline.engine.surroundings import worker_environment
from imjoy_offline.engine.windows_job import Job

CONNECT_SECONDS = 20.0
KILL_SECONDS = 8.0
CAN_INHERIT = sys.platform != "win32"


@dataclass
class Worker:
    """A running process; ``output`` and ``errors`` are what it writes beside the channel."""

    process: asyncio.subprocess.Process
    channel: Channel
    output: asyncio.StreamReader
    errors: asyncio.StreamReader
    job: Job

    @property
    def pid(self) -> int:
        """The number of the process that watches over the plugin's own, or of that itself where none does."""
        return self.process.pid

    async def wait(self) -> int:
        """Until nothing is left of it: its exit status, negative for a signal."""
        return await self.process.wait()

    def kill(self) -> None:
        """Have everything ended that belongs to it; ``wait`` tells when that is done."""
        if self.process.returncode is None:
            self.job.kill()
            with contextlib.suppress(ProcessLookupError):
                # To the guardian this says: kill the worker and all below it.
                self.process.terminate()

    async def finish(self) -> int:
        """Kill it and wait; where the guardian itself does not answer, the tree is killed from here."""
        self.kill()
        try:
            return await asyncio.wait_for(asyncio.shield(self.wait()), KILL_SECONDS)
        except asyncio.TimeoutError:
            await asyncio.get_running_loop().run_in_executor(None, kill_tree, self.pid)
            return await self.wait()

    def close(self) -> None:
        """Let go of channel and job."""
        self.channel.close()
        self.job.close()


async def start_worker(python: Path, archive: Path, folder: Path, *, inherit: bool = CAN_INHERIT) -> Worker:
    """Start ``archive`` on ``python`` in ``folder``, which is made where it is not there.

    Raises OSError where the process cannot be started or, without ``inherit``, does not connect in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = worker_environment(os.environ, python)
    if inherit:
        ours, theirs = socket.socketpair()
        try:
            process = await _start(python, archive, folder, str(theirs.fileno()), environment, (theirs.fileno(),))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
    else:
        with socket.create_server((APP_HOST, 0)) as listener:
            key = secrets.token_hex(32)
            environment[KEY_VARIABLE] = key
            process = await _start(python, archive, folder, f"tcp:{listener.getsockname()[1]}", environment, ())
            try:
                ours = await asyncio.wait_for(accept_worker(listener, key), CONNECT_SECONDS)
            except BaseException:
                kill_tree(process.pid)
                await process.wait()
                raise
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 - both are pipes
    return Worker(process, Channel(ours), process.stdout, process.stderr, Job(process.pid))


async def _start(
    python: Path, archive: Path, folder: Path, address: str, environment: dict[str, str], descriptors: tuple[int, ...]
) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    hidden = 0x08000000 | 0x00000200 if sys.platform == "win32" else 0  # no console window, a group of its own
    return await asyncio.create_subprocess_exec(
        str(python),
        *("-s", str(archive), address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        cwd=folder,
        env=environment,
        pass_fds=descriptors,
        start_new_session=True,
        creationflags=hidden,
    )


async def accept_worker(listener: socket.socket, key: str) -> socket.socket:
    """The connection that knows the key; others are closed."""
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    while True:
        connection, _ = await loop.sock_accept(listener)
        connection.setblocking(False)
        said = b""
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            while len(said) < len(key):
                part = await asyncio.wait_for(loop.sock_recv(connection, len(key) - len(said)), 5)
                if not part:
                    break
                said += part
        if hmac.compare_digest(said, key.encode("ascii")):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        connection.close()


def kill_tree(pid: int) -> None:
    """Kill a process and everything below it, and on systems with sessions everything in its session's groups."""
    import psutil

    try:
        root = psutil.Process(pid)
        everyone = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for one in everyone:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            one.kill()


def describe_end(status: int) -> str:
    """How a process ended, in words that follow its name."""
    if status == 0:
        return "its process has ended"
    if status > 0:
        return f"its process ended (exit code {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name == "SIGKILL":
        return "its process was killed (SIGKILL); the computer may have run out of memory"
    if name in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "SIGFPE"):
        return f"its process has crashed ({name})"
    return f"its process was ended ({name})"
