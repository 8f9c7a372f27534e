"""Write the packages of site_src/vendor.toml anew: ``python scripts/vendor.py [name@version ...]`` in the clone.

The table [entries] is edited by hand: it says which modules the app imports. Packages keep their versions but for those
named on the command line; every package that the entries lead to must be known by one or the other. Packages and files
that nothing leads to are dropped.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from imjoy_offline.cache.archive import TarArchive  # noqa: E402 - the clone's own package comes first
from imjoy_offline.cache.vendor import read_vendor  # noqa: E402
from imjoy_offline.errors import ImjoyError, UsageError  # noqa: E402
from imjoy_offline.mirror.fetch import Fetcher  # noqa: E402
from imjoy_offline.mirror.npm import npm_configuration  # noqa: E402
from imjoy_offline.mirror.registry import RegistryReader  # noqa: E402
from imjoy_offline.mirror.trust import tls_context  # noqa: E402
from imjoy_offline.site.importmap import Package, follow, read_entries  # noqa: E402

_HEAD = """\
# The third-party modules of the app. [entries], by package, is written by hand; the rest by scripts/vendor.py.
"""
_LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE")


@dataclass(frozen=True)
class Tarball:
    """An npm package as the registry gives it, its files read."""

    integrity: str
    files: Mapping[str, bytes]


async def fetch(versions: Mapping[str, str]) -> dict[str, Tarball]:
    """The tarball of every package, checked against the registry's word, by package name."""
    npm = npm_configuration(ROOT, None, os.environ)
    tls, _ = tls_context(os.environ, npm.cafile)
    tarballs: dict[str, Tarball] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with Fetcher({}, Path(folder), tls) as fetcher:
            registry = RegistryReader(npm, fetcher)
            for name, version in sorted(versions.items()):
                part, integrity = await registry.tarball(name, version, "")
                with TarArchive(part.path, f"{name}@{version}") as archive:
                    tarballs[name] = Tarball(integrity, dict(archive.read(archive.names)))
    return tarballs


def vendor_text(entries: Sequence[str], versions: Mapping[str, str], tarballs: Mapping[str, Tarball]) -> str:
    """The new text of vendor.toml; raises SiteError where an entry leads to a package whose version is not known."""
    packages = [
        Package(name, versions[name], frozenset(tarball.files), tarball.files.__getitem__)
        for name, tarball in tarballs.items()
    ]
    graph = follow(entries, packages)
    pieces = [_HEAD, "\n[entries]\n"]
    for name in sorted(versions):
        own = [entry for entry in entries if entry == name or entry.startswith(f"{name}/")]
        if own:
            pieces.append(f"{_quoted(name)} = [\n" + "".join(f"  {_quoted(entry)},\n" for entry in sorted(own)) + "]\n")
    for name, paths in graph.files.items():
        tarball = tarballs[name]
        taken = sorted(paths | {licence for licence in _LICENCES if licence in tarball.files})
        pieces.append(f"\n[[package]]\nname = {_quoted(name)}\nversion = {_quoted(versions[name])}\n")
        pieces.append(f"integrity = {_quoted(tarball.integrity)}\n\n[package.files]\n")
        pieces.extend(f"{_quoted(path)} = {_quoted(_sha256(tarball.files[path]))}\n" for path in taken)
    return "".join(pieces)


def _quoted(text: str) -> str:
    return json.dumps(text)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Write the file; say what is wrong otherwise."""
    path = ROOT / "site_src" / "vendor.toml"
    try:
        versions = {package.name: package.version for package in read_vendor(path).packages}
        for argument in arguments:
            name, at, version = argument.rpartition("@")
            if not (at and name and version):
                raise UsageError(f"{argument!r} is not name@version.")
            versions[name] = version
        text = vendor_text(read_entries(path), versions, asyncio.run(fetch(versions)))
    except ImjoyError as error:
        print(error, file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
