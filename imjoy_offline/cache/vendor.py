"""``site_src/vendor.toml``: the third-party modules that the app itself is made of, pinned to the byte.

Each ``[[package]]`` has ``name``, ``version``, ``integrity`` (sha512 of the npm tarball) and ``[package.files]``, a
table of path to SHA-256. The mirror fetches by it, the site builder builds by it; neither takes anything else.
"""

import base64
import binascii
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imjoy_offline.cache.store import is_digest
from imjoy_offline.errors import LockfileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

PACKAGE_NAME = re.compile(r"(?:@[A-Za-z0-9~._-]+/)?[A-Za-z0-9~_-][A-Za-z0-9~._-]*")
EXACT_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class VendorPackage:
    """One pinned npm package and the files taken from it."""

    name: str
    version: str
    integrity: str
    files: Mapping[str, str]

    def source(self, path: str) -> str:
        """What the lock calls the file ``path``."""
        return npm_source(self.name, self.version, path)


@dataclass(frozen=True)
class Vendor:
    """Every pinned package."""

    packages: tuple[VendorPackage, ...] = ()

    def digests(self) -> Mapping[str, str]:
        """Source (``npm:name@version/path``) to SHA-256."""
        return {package.source(path): digest for package in self.packages for path, digest in package.files.items()}


def npm_source(name: str, version: str, path: str) -> str:
    """How lock and records name a file of an npm package."""
    return f"npm:{name}@{version}/{path}"


def is_member_path(path: str) -> bool:
    """Whether ``path`` is a plain relative path inside a package."""
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path and str(pure) == path


def is_integrity(text: str) -> bool:
    """Whether ``text`` is one sha512 in the form ``sha512-<base64>``."""
    kind, _, encoded = text.partition("-")
    try:
        return kind == "sha512" and len(base64.b64decode(encoded, validate=True)) == 64
    except binascii.Error:
        return False


def read_vendor(path: Path) -> Vendor:
    """Read ``vendor.toml``; raises LockfileError in words where it is absent or not as described above."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _fault(path, "is absent") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault(path, f"cannot be read ({error})") from None
    entries = table.get("package", [])
    if not isinstance(entries, list):
        raise _fault(path, "has a `package` that is no list of tables")
    packages = tuple(_package(path, entry) for entry in entries)
    names = [(package.name, package.version) for package in packages]
    for name, version in names:
        if names.count((name, version)) > 1:
            raise _fault(path, f"lists {name}@{version} twice")
    return Vendor(packages)


def _package(path: Path, entry: object) -> VendorPackage:
    if not isinstance(entry, dict):
        raise _fault(path, "has a [[package]] that is no table")
    name, version, integrity = (entry.get(key) for key in ("name", "version", "integrity"))
    if not isinstance(name, str) or not PACKAGE_NAME.fullmatch(name):
        raise _fault(path, f"has a package whose name is {name!r}")
    if not isinstance(version, str) or not EXACT_VERSION.fullmatch(version):
        raise _fault(path, f"gives {name} the version {version!r}; it must be exact")
    if not isinstance(integrity, str) or not is_integrity(integrity):
        raise _fault(path, f"gives {name}@{version} an integrity that is not sha512-<base64>")
    files = entry.get("files")
    if not isinstance(files, dict) or not files:
        raise _fault(path, f"names no files of {name}@{version}")
    checked: dict[str, str] = {}
    for file, digest in files.items():
        if not is_member_path(str(file)) or not isinstance(digest, str) or not is_digest(digest):
            raise _fault(path, f"has a wrong line for the file {file!r} of {name}@{version}")
        checked[str(file)] = digest
    return VendorPackage(name, version, integrity, dict(sorted(checked.items())))


def _fault(path: Path, what: str) -> LockfileError:
    return LockfileError(
        f"The file {path.name} that pins the app's own modules {what}.", hint="Install ImJoy Offline again."
    )
