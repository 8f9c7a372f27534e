"""A stand-in for a package index: made-up wheels on loopback, faults on order. It is reached through pip's settings."""

import base64
import hashlib
import html
import io
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from imjoy_offline.cache.wheelhouse import wheel_parts
from tests.helpers.upstream import Sending, StandIn, serving

_WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class MadeWheel:
    """A wheel: its file name, its bytes, and the metadata inside."""

    name: str
    content: bytes
    metadata: bytes

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


def made_wheel(name: str, version: str, *requires: str, tag: str = "py3-none-any", more: bytes = b"") -> MadeWheel:
    """An installable wheel of one module that knows its version, the same bytes each time; ``more`` makes it large."""
    module, base = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        f"Requires-Dist: {text}\n" for text in requires
    )
    files = {
        f"{module}.py": f"__version__ = {version!r}\n".encode(),
        f"{base}.dist-info/METADATA": metadata.encode(),
        f"{base}.dist-info/WHEEL": _WHEEL.replace("py3-none-any", tag).encode(),
        **({f"{module}.bin": more} if more else {}),
    }
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{base}.dist-info/RECORD"] = f"{record}{base}.dist-info/RECORD,,\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return MadeWheel(f"{base}-{tag}.whl", packed.getvalue(), metadata.encode())


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode("ascii").rstrip("=")


class PackageIndex(StandIn):
    """The server; ``login`` is the ``Authorization`` that it wants, ``hashes`` whether its pages tell digests."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        super().__init__(port, scheme)
        self.login: str | None = None
        self.hashes = True
        self.wheels: dict[str, MadeWheel] = {}

    @property
    def address(self) -> str:
        """What pip calls ``index-url``."""
        return f"{self.base}/simple/"

    def environ(self, home: Path, **more: str) -> dict[str, str]:
        """The variables that lead pip and uv here and nowhere else; of unreachable things they hear at once."""
        return {**somewhere(home, self.address), **more}

    def offer(self, *wheels: MadeWheel) -> None:
        """Add wheels."""
        self.wheels.update((wheel.name, wheel) for wheel in wheels)

    def withdraw(self, wheel: MadeWheel) -> None:
        """Have the wheel no more."""
        del self.wheels[wheel.name]

    def path(self, wheel: MadeWheel) -> str:
        """Where the wheel's bytes are."""
        return f"/files/{quote(wheel.name)}"

    def fetched(self) -> list[str]:
        """The names of the wheels whose bytes were asked for, in order."""
        paths = [unquote(urlsplit(seen.path).path) for seen in self.seen]
        return [path.removeprefix("/files/") for path in paths if path.startswith("/files/") and path.endswith(".whl")]

    def answer(self, path: str, headers: Mapping[str, str]) -> Sending:
        """The right answer only for those who log in."""
        sending = super().answer(path, headers)
        refused = self.login is not None and headers.get("authorization") != self.login
        return Sending(401, b"", {"WWW-Authenticate": 'Basic realm="index"'}) if refused else sending

    def right(self, path: str) -> tuple[int, bytes, str]:
        """The pages of the simple API, and the files that they name."""
        plain = unquote(urlsplit(path).path)
        if plain.startswith("/simple/"):
            return self._page(plain.removeprefix("/simple/").rstrip("/"))
        wheel = self.wheels.get(plain.removeprefix("/files/").removesuffix(".metadata"))
        if wheel is None:
            return 404, b"no such file", "text/plain"
        body = wheel.metadata if plain.endswith(".metadata") else wheel.content
        return 200, body, "application/octet-stream"

    def _page(self, project: str) -> tuple[int, bytes, str]:
        wheels = [wheel for wheel in self.wheels.values() if wheel_parts(wheel.name)[0] == project]
        if not wheels:
            return 404, b"no such project", "text/plain"
        links = "".join(
            f'<a href="{html.escape(self.path(wheel))}{f"#sha256={wheel.sha256}" if self.hashes else ""}" '
            f'data-core-metadata="sha256={hashlib.sha256(wheel.metadata).hexdigest()}">{html.escape(wheel.name)}</a>\n'
            for wheel in wheels
        )
        return 200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"


def somewhere(home: Path, address: str) -> dict[str, str]:
    """The variables of a person whose pip asks at ``address`` alone."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "NO_PROXY": "127.0.0.1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": address,
        "UV_HTTP_RETRIES": "0",
    }


@contextmanager
def running_index(tls_folder: Path | None = None) -> Iterator[PackageIndex]:
    """The index for as long as the block lasts."""
    with serving(PackageIndex, tls_folder) as index:
        yield index


def names(wheels: Sequence[MadeWheel]) -> list[str]:
    """Their file names, sorted."""
    return sorted(wheel.name for wheel in wheels)
