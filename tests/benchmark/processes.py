"""What processes take: the server until its first page, a worker until it is ready, an environment, a mirror run."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imjoy.rpc.messages import Binary, Message
from imjoy_offline.engine.environment import Installer, own_interpreter
from imjoy_offline.engine.log_gate import LogLine
from imjoy_offline.engine.plugin_environments import PluginEnvironments
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.engine.running import Ended
from imjoy_offline.engine.runtime_zip import runtime_zip
from imjoy_offline.engine.supervisor import Supervisor
from tests.benchmark.figures import Figure, in_turn
from tests.helpers.made_wheels import carry, made_wheel
from tests.helpers.processes import bare_environment, free_port
from tests.helpers.worker_programs import OwnPython, plugin_message

SCRIPT = {"content": "from imjoy import api\napi.export({'setup': lambda: None})", "lang": "python", "line": 1}


class _Nobody:
    """Asks for a worker and does not care what it says."""

    async def progress(self, stage: str, text: str, peer: str | None = None) -> None: ...

    async def started(self, peer: str) -> None: ...

    async def message(self, peer: str, message: Message, frame: Binary) -> None: ...

    async def log(self, peer: str, line: LogLine) -> None: ...

    async def ended(self, peer: str, end: Ended) -> None: ...


def worker_figures(scratch: Path) -> Iterator[Figure]:
    """A worker until the plugin's scripts have run, against an interpreter that says one word over its event loop."""
    archive = runtime_zip((scratch / "runtime",))

    async def start(supervisor: Supervisor) -> float:
        begun = time.perf_counter()
        running = await supervisor.start(PluginStart.read(plugin_message(scripts=[SCRIPT])), _Nobody())
        seconds = time.perf_counter() - begun
        await running.kill("measured")
        return seconds

    def ours() -> float:
        return asyncio.run(start(Supervisor(OwnPython(), scratch / "workspace", lambda: archive)))

    def bare() -> float:
        here, there = socket.socketpair()
        begun = time.perf_counter()
        command = [sys.executable, "-s", str(Path(__file__).with_name("bare_worker.py")), str(there.fileno())]
        with subprocess.Popen(command, pass_fds=(there.fileno(),)) as process:
            there.close()
            assert here.recv(5) == b"ready"
            seconds = time.perf_counter() - begun
            process.wait()
        here.close()
        return seconds

    yield Figure("worker ready, by spawn", *in_turn(ours, bare, runs=15), "bare asyncio process", "50 ms")


def environment_figures(scratch: Path) -> Iterator[Figure]:
    """An environment of twelve packages from the wheelhouse, which the installer has unpacked before."""
    names = [f"package{number}" for number in range(12)]
    wheels = [made_wheel(name, "1.0", {f"{name}/m{n}.py": f"x = {n}\n" * 50 for n in range(40)}) for name in names]
    folder = carry(scratch / "folder", wheels, names)
    plugin = PluginStart.read(plugin_message(requirements=names))
    cache = scratch / "cache"
    environments = PluginEnvironments(folder, cache)
    installer = Installer(cache / "uv")
    pylock = next(folder.cache.glob("pylock.*.toml"))

    def ours() -> float:
        shutil.rmtree(cache / "environments", ignore_errors=True)
        begun = time.perf_counter()
        environments.prepare(plugin, lambda text: None)
        return time.perf_counter() - begun

    def bare() -> float:
        shutil.rmtree(scratch / "bare", ignore_errors=True)
        begun = time.perf_counter()
        installer.make(scratch / "bare", own_interpreter(), pylock)
        return time.perf_counter() - begun

    pair = in_turn(ours, bare, runs=9)
    yield Figure("environment from the wheelhouse, warm", *pair, "uv venv and uv pip sync alone", "100 ms")


def server_figures(folder: Path, scratch: Path) -> Iterator[Figure]:
    """A process from its start to its first page, and a mirror run that finds everything there."""
    environment = bare_environment(scratch / "home 3")

    def until_page(*command: str) -> float:
        port = free_port()
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", *(word.replace("PORT", str(port)) for word in command)],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                first_page(port, process)
                return time.perf_counter() - begun
            finally:
                process.terminate()

    sandbox = ("--sandbox-port", str(free_port()))
    pair = in_turn(
        lambda: until_page("imjoy", "--no-open", "--port", "PORT", *sandbox),
        lambda: until_page("tests.benchmark.bare", "starlette", "PORT"),
        runs=9,
    )
    yield Figure("process start to first page", *pair, "bare Starlette with uvicorn", "1.5")

    def run(*command: str) -> float:
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return time.perf_counter() - begun

    pair = in_turn(lambda: run("-m", "imjoy", "mirror"), lambda: run("-c", "import yaml, json, hashlib"), runs=9)
    yield Figure("mirror, nothing changed", *pair, "an interpreter with its YAML reader", "500 ms")


def first_page(port: int, process: "subprocess.Popen[Any]") -> None:
    """Ask until it answers with a page."""
    deadline = time.monotonic() + 30
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    while True:
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "no page came"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                answer = b""
                while chunk := connection.recv(65536):
                    answer += chunk
            assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
            return
        except ConnectionRefusedError:
            os.sched_yield()
