"""Python requirements become wheels: uv is asked which ones fit. Where the wheels come from is pip's to say.

Beside ``npm`` the only module of the mirror that starts a process. uv runs in an empty folder of its own, with none of
the person's files and no more of the environment than it needs; nothing is ever built. ``wheels`` brings what it names.
"""

import asyncio
import contextlib
import functools
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.errors import FetchError
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.indexes import CONSTRAINTS_FILE, Indexes
from imjoy_offline.mirror.uv_answers import WheelOffer, judged, read_offers, refusal

_HANDED_ON = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)
_AUTHORITIES_FILE = "authorities.pem"
_LONGEST_SECONDS = 1800.0


class Resolver:
    """A context manager; ``reached`` says that something was found, so that there is an index that answers.

    ``authorities`` gives a text of PEM in place of the system's certificates; an empty one for these. Nothing is made
    before the first question.
    """

    def __init__(self, indexes: Indexes, authorities: Callable[[], str], environ: Mapping[str, str]) -> None:
        self.reached = False
        self._indexes = indexes
        self._authorities = authorities
        self._handed_on = {name: environ[name] for name in _HANDED_ON if name in environ}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Resolver":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @functools.cached_property
    def _folder(self) -> Path:
        """uv's own folder. Its cache goes with it: what an index says is believed for one run only."""
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="imjoy-uv-")))
        (folder / CONSTRAINTS_FILE).write_text(self._indexes.constraints, encoding="utf-8")
        (folder / _AUTHORITIES_FILE).write_text(self._authorities(), encoding="ascii")
        return folder

    async def resolve(self, packages: Iterable[str], target: Target) -> tuple[WheelOffer, ...]:
        """The wheels that these packages and all that they need take together.

        Raises AbsentError where nothing fits, OfflineError where an index is out of reach, FetchError for the rest.
        """
        return await self._compiled(packages, target, constrained=True)

    async def locate(self, versions: Iterable[tuple[str, str]], target: Target) -> tuple[WheelOffer, ...]:
        """The wheels of just these names and versions; raises what ``resolve`` raises."""
        return await self._compiled(
            (f"{name}=={version}" for name, version in versions), target, "--no-deps", constrained=False
        )

    async def _compiled(
        self, packages: Iterable[str], target: Target, *options: str, constrained: bool
    ) -> tuple[WheelOffer, ...]:
        (self._folder / "wanted.in").write_text("".join(f"{package}\n" for package in packages), encoding="utf-8")
        arguments = ["pip", "compile", "wanted.in", "--format", "pylock.toml", "--no-header", "--only-binary", ":all:"]
        arguments += [*options, *_suited_to(target), *["--no-index"] * self._indexes.no_index]
        environment = self._environment(constrained)
        status, out, said = await self._run(arguments, environment)
        if status != 0:
            error = judged(said, target)
            if isinstance(error, AbsentError) and "UV_INDEX_STRATEGY" in environment:
                # Of several indexes that are asked at once, uv conceals that one refuses; asked in turn, it tells.
                status, _, said = await self._run(arguments, {**environment, "UV_INDEX_STRATEGY": "first-index"})
                error = (refusal(said) if status != 0 else None) or error
            raise error
        offers = read_offers(out)
        self.reached = True
        return offers

    def _environment(self, constrained: bool) -> dict[str, str]:
        variables = {
            **self._handed_on,
            "HOME": str(self._folder),
            "USERPROFILE": str(self._folder),
            "UV_CACHE_DIR": str(self._folder / "cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
            "NO_COLOR": "1",
            **self._indexes.variables,
        }
        if not constrained:
            variables.pop("UV_CONSTRAINT", None)
        authorities = self._folder / _AUTHORITIES_FILE
        if authorities.stat().st_size:
            variables["SSL_CERT_FILE"] = str(authorities)
        else:
            # The older name is for older releases of uv.
            variables.update({"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"})
        return variables

    async def _run(self, arguments: Iterable[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            _uv(),
            "--no-config",
            *arguments,
            cwd=self._folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, said = await asyncio.wait_for(process.communicate(), _LONGEST_SECONDS)
        except asyncio.TimeoutError:
            raise FetchError(f"uv was stopped since it found no answer in {_LONGEST_SECONDS:.0f} s.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out.decode("utf-8", "replace"), said.decode("utf-8", "replace")


def _suited_to(target: Target) -> list[str]:
    # The interpreter that runs here knows best what runs here; for others there is what uv knows of them.
    python = str(Path(getattr(sys, "_base_executable", None) or sys.executable).resolve())
    if target == Target.here():
        return ["--python", python]
    return ["--python", python, "--python-platform", target.platform, "--python-version", target.python]


def _uv() -> str:
    import uv

    try:
        return os.fspath(uv.find_uv_bin())
    except FileNotFoundError:
        raise FetchError(
            "The program uv, which chooses Python wheels, is not in this installation.",
            hint="Install it again with pip.",
        ) from None
