"""What an npm registry says of a package: its versions, its tags, and where a version's tarball lies.

Nothing here is kept: ``packages`` decides what is taken. Addresses of the registry end in no file and no message.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from imjoy_offline.errors import FetchError, IntegrityError, OfflineError
from imjoy_offline.mirror.exchange import AbsentError, Request
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.npm import NpmConfiguration, Registry
from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.versions import parse_range

_ABBREVIATED = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
_ALGORITHMS = ("sha512", "sha384", "sha256", "sha1")  # the strongest first


@dataclass(frozen=True)
class Release:
    """One published version: where its tarball lies, and its checksum ``<algorithm>-<base64>`` (may be empty)."""

    version: str
    tarball: str
    integrity: str


@dataclass(frozen=True)
class PackageTable:
    """A package's releases and tags."""

    name: str
    releases: Mapping[str, Release]
    tags: Mapping[str, str]

    def choose(self, asked: str) -> str:
        """The version for an exact version, range or tag (empty: the newest); raises AbsentError where none fits."""
        if asked in self.releases:
            return asked
        tagged = self.tags.get(asked or "latest")
        if tagged is not None and tagged in self.releases:
            return tagged
        wanted = parse_range(asked)
        found = wanted.best(self.releases) if wanted is not None else None
        if found is None:
            raise AbsentError(f"The npm registry has no version of {self.name} that fits {asked or 'latest'!r}.")
        return found


class RegistryReader:
    """Asks the registries; every table once."""

    def __init__(self, configuration: NpmConfiguration, fetcher: Fetcher) -> None:
        self._configuration = configuration
        self._fetcher = fetcher
        self._tables: dict[str, PackageTable] = {}

    async def table(self, name: str) -> PackageTable:
        """The package's table; raises OfflineError (also where no registry is known), AbsentError, FetchError."""
        if name not in self._tables:
            registry = self._registry(name)
            request = Request(
                url=registry.address + quote(name, safe="@"),
                what=f"The npm registry's entry of {name}",
                accept=_ABBREVIATED,
                authorization=_bearer(registry),
                trusted=True,
            )
            try:
                document = await self._fetcher.table(request)
            except AbsentError as error:
                raise AbsentError(f"The npm registry has no package {name}.", hint=error.hint) from None
            self._tables[name] = _read_table(name, document)
        return self._tables[name]

    async def tarball(self, name: str, version: str, expected: str) -> tuple[Part, str]:
        """The checked tarball as a part, and its sha512 integrity.

        ``expected`` is the integrity that lock or vendor.toml promise, or empty. Raises IntegrityError where the bytes
        or the registry contradict it, and what ``table`` raises.
        """
        table = await self.table(name)
        release = table.releases.get(version)
        if release is None:
            raise AbsentError(f"The npm registry has no version {version} of {name}.")
        _compare_promises(name, version, expected, release.integrity)
        checksum = expected or release.integrity
        for address in self._addresses(name, release):
            try:
                return await self._checked(name, version, address, checksum)
            except (OfflineError, AbsentError) as error:
                hindrance = error
        raise hindrance

    async def _checked(self, name: str, version: str, address: str, checksum: str) -> tuple[Part, str]:
        registry = self._registry(name)
        same_host = urlsplit(address).hostname == urlsplit(registry.address).hostname
        request = Request(
            url=address,
            what=f"The npm package {name}@{version}",
            authorization=_bearer(registry) if same_host else None,
            trusted=same_host,
            verified=bool(checksum),
        )
        left = Part(self._fetcher.partial, address)
        if left.size and checksum and matches(left.path, checksum):
            return left, integrity_of(left.path)
        continued = left.size > 0
        part = await self._fetcher.file(request)
        if checksum and not matches(part.path, checksum):
            part.discard()
            if continued:
                # What an earlier run left may have been spoilt; from the start it must be right.
                return await self._checked(name, version, address, checksum)
            raise IntegrityError(
                f"The npm package {name}@{version} came with other bytes than its checksum promises.",
                hint="Nothing of it was kept. Something on the way to the registry changes files; try another network.",
            )
        return part, integrity_of(part.path)

    def _addresses(self, name: str, release: Release) -> list[str]:
        """Where the table says that the tarball lies, then where this registry would have it by convention.

        Registries that pass on others' tables often leave the others' addresses in them.
        """
        registry = self._registry(name)
        base = name.rpartition("/")[2]
        usual = f"{registry.address}{quote(name, safe='@/')}/-/{quote(base)}-{quote(release.version)}.tgz"
        said = release.tarball if urlsplit(release.tarball).scheme in ("http", "https") else usual
        return list(dict.fromkeys((said, usual)))

    def _registry(self, name: str) -> Registry:
        registry = self._configuration.registry_of(name)
        if registry is None:
            raise OfflineError(
                f"No npm registry is known to ask for {name}.",
                hint="Set npm_config_registry, or `upstream: npm:` in imjoy.yaml.",
            )
        return registry


def _bearer(registry: Registry) -> str | None:
    return f"Bearer {registry.token}" if registry.token else None


def integrity_of(path: Path) -> str:
    """The file's sha512 in the form that npm uses."""
    return "sha512-" + base64.b64encode(_hashed(path, "sha512")).decode("ascii")


def matches(path: Path, checksum: str) -> bool:
    """Whether the file has the checksum ``<algorithm>-<base64>``."""
    algorithm, _, encoded = checksum.partition("-")
    return base64.b64encode(_hashed(path, algorithm)).decode("ascii") == encoded


def _hashed(path: Path, algorithm: str) -> bytes:
    # SHA-1 is all that old releases have; a promise is checked as well as it was made.
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.digest()


def _read_table(name: str, document: object) -> PackageTable:
    versions = document.get("versions") if isinstance(document, dict) else None
    tags = document.get("dist-tags") if isinstance(document, dict) else None
    if not isinstance(versions, dict):
        raise FetchError(f"The npm registry's entry of {name} is not what was asked for: it lists no versions.")
    releases = {str(version): _read_release(str(version), entry) for version, entry in versions.items()}
    return PackageTable(
        name,
        {version: release for version, release in releases.items() if release is not None},
        {str(tag): str(version) for tag, version in tags.items()} if isinstance(tags, dict) else {},
    )


def _read_release(version: str, entry: object) -> Release | None:
    dist = entry.get("dist") if isinstance(entry, dict) else None
    if not isinstance(dist, dict) or not isinstance(dist.get("tarball"), str):
        return None
    return Release(version, dist["tarball"], _strongest(dist.get("integrity"), dist.get("shasum")))


def _strongest(integrity: object, shasum: object) -> str:
    promised = integrity.split() if isinstance(integrity, str) else []
    for algorithm in _ALGORITHMS:
        for one in promised:
            if one.startswith(f"{algorithm}-"):
                return one.partition("?")[0]
    try:
        return "sha1-" + base64.b64encode(binascii.unhexlify(str(shasum))).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _compare_promises(name: str, version: str, expected: str, said: str) -> None:
    if expected and said.startswith("sha512-") and said != expected:
        raise IntegrityError(
            f"The npm registry's sha512 of {name}@{version} is not the one recorded in this folder.",
            hint="Nothing was changed. Restore imjoy.lock if it was edited; else the registry changed what it serves.",
        )
