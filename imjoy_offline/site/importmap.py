"""Import maps: what a bare module name means, read from the ``package.json`` of the packages in ``vendor.toml``.

Follows static and literal dynamic imports from the entries that the app names, so the same walk tells which files of
a package are needed at all (``scripts/vendor.py``) and which names the page's import map must hold (the build).
Knows nothing of npm's registry or of the store: packages come as values that can read their files.
"""

import importlib
import json
import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from imjoy_offline.errors import SiteError
from imjoy_offline.links import find_references

_toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

VENDOR_PREFIX = "/cdn/npm/"
PUBLIC_HOSTS = (
    "ajax.googleapis.com",
    "cdn.jsdelivr.net",
    "cdn.plot.ly",
    "cdn.rawgit.com",
    "cdnjs.cloudflare.com",
    "code.jquery.com",
    "lib.imjoy.io",
    "raw.githubusercontent.com",
    "rawgit.com",
    "static.imjoy.io",
    "unpkg.com",
    "unpkg.io",
    "use.fontawesome.com",
)
_CONDITIONS = frozenset(("browser", "import", "module", "default"))
_FOLLOWED = frozenset(("import", "dynamic-import", "worker", "url"))
_BARE = re.compile(r"(@[\w.-]+/[\w.-]+|[\w-][\w.-]*)(?:/(.+))?")


@dataclass(frozen=True)
class Package:
    """One package at one version: the paths that may be used, and a way to read them."""

    name: str
    version: str
    paths: frozenset[str]
    read: Callable[[str], bytes]

    def url(self, path: str) -> str:
        """Where the server answers for ``path`` of this package."""
        return f"{VENDOR_PREFIX}{self.name}@{self.version}/{path}"


@dataclass(frozen=True)
class ModuleGraph:
    """``imports``: bare name -> address. ``files``: package name -> paths needed, ``package.json`` among them."""

    imports: Mapping[str, str]
    files: Mapping[str, frozenset[str]]


def read_entries(path: Path) -> tuple[str, ...]:
    """The bare names that the app imports, from the table ``entries`` of ``vendor.toml``.

    Raises SiteError when the file is unreadable or the table is not one of lists of names.
    """
    try:
        table: object = _toml.loads(path.read_text(encoding="utf-8")).get("entries", {})
    except (OSError, ValueError) as error:
        raise SiteError(f"The list of third-party modules, {path.name}, cannot be read: {error}.") from error
    groups = list(table.values()) if isinstance(table, dict) else [None]
    names = [name for group in groups if isinstance(group, list) for name in group]
    if not all(isinstance(group, list) for group in groups) or not all(isinstance(name, str) for name in names):
        raise SiteError(f"The table [entries] of {path.name} must hold lists of module names.")
    return tuple(sorted(names))


def follow(entries: Iterable[str], packages: Sequence[Package]) -> ModuleGraph:
    """Everything that ``entries`` lead to.

    Raises SiteError for a name that no package answers and for a file that its package lacks.
    """
    walk = _Walk(packages)
    for entry in entries:
        walk.want(entry, "the app")
    walk.run()
    return ModuleGraph(
        imports=dict(sorted(walk.imports.items())),
        files={name: frozenset(paths | {"package.json"}) for name, paths in sorted(walk.files.items())},
    )


def resolve(manifest: Mapping[str, object], subpath: str) -> str | None:
    """The path in its package that ``name/subpath`` means to a browser, or None where the package does not offer it."""
    exports = manifest.get("exports")
    if exports is not None:
        return _by_exports(exports, f"./{subpath}" if subpath else ".")
    if subpath:
        return subpath
    for key in ("module", "main"):
        value = manifest.get(key)
        if isinstance(value, str):
            return _tidy(value)
    return "index.js"


def import_map_text(imports: Mapping[str, str]) -> str:
    """An import map as it stands in a page: JSON in which no tag can end the script."""
    text = json.dumps({"imports": dict(sorted(imports.items()))}, ensure_ascii=True, indent=1)
    return text.replace("<", "\\u003c")


def cdn_prefixes(urls: Iterable[str]) -> Mapping[str, str]:
    """Import-map prefixes that send every public host, and every host in ``urls``, to the local CDN.

    What is not mirrored there is refused by name at once, where the outside address would only time out.
    """
    hosts = {urlsplit(url).netloc.rpartition("@")[2].lower() for url in urls} - {""}
    return {
        f"{scheme}://{host}/": f"/cdn/x/{scheme}/{host}/"
        for host in sorted(hosts.union(PUBLIC_HOSTS))
        for scheme in ("http", "https")
    }


class _Walk:
    def __init__(self, packages: Sequence[Package]) -> None:
        self.imports: dict[str, str] = {}
        self.files: dict[str, set[str]] = {}
        self._queue: list[tuple[Package, str]] = []
        self._packages: dict[str, Package] = {}
        for package in packages:
            if package.name in self._packages:
                raise SiteError(f"The package {package.name} is listed at two versions; the import map holds one.")
            self._packages[package.name] = package
        self._manifests: dict[str, Mapping[str, object]] = {}

    def want(self, specifier: str, importer: str) -> None:
        """Note that ``importer`` imports the bare ``specifier``."""
        if specifier in self.imports:
            return
        match = _BARE.fullmatch(specifier)
        package = self._packages.get(match[1]) if match else None
        if match is None or package is None:
            raise SiteError(
                f"{importer} imports {specifier!r}, which no listed package answers.",
                hint="Add its package to vendor.toml with scripts/vendor.py.",
            )
        path = resolve(self._manifest(package), match[2] or "")
        if path is None:
            raise SiteError(f"{importer} imports {specifier!r}, which {package.name} {package.version} does not offer.")
        self._take(package, path, importer)
        self.imports[specifier] = package.url(path)

    def run(self) -> None:
        """Follow until nothing new is found."""
        while self._queue:
            package, path = self._queue.pop()
            if posixpath.splitext(path)[1] in (".js", ".mjs"):
                self._follow_file(package, path)

    def _follow_file(self, package: Package, path: str) -> None:
        text = package.read(path).decode("utf-8", "replace")
        importer = f"{package.name}@{package.version}/{path}"
        for reference in find_references(text, "js"):
            if reference.use not in _FOLLOWED:
                continue
            if reference.url.startswith(("./", "../")) or reference.use in ("worker", "url"):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference.url))
                self._take(package, target, importer)
            else:
                self.want(reference.url, importer)

    def _take(self, package: Package, path: str, importer: str) -> None:
        if path not in package.paths:
            raise SiteError(f"{importer} needs {path} of {package.name} {package.version}, which is not there.")
        taken = self.files.setdefault(package.name, set())
        if path not in taken:
            taken.add(path)
            self._queue.append((package, path))

    def _manifest(self, package: Package) -> Mapping[str, object]:
        if package.name not in self._manifests:
            try:
                manifest = json.loads(package.read("package.json"))
            except ValueError as error:
                raise SiteError(f"package.json of {package.name} {package.version} is not JSON: {error}.") from error
            if not isinstance(manifest, dict):
                raise SiteError(f"package.json of {package.name} {package.version} is not an object.")
            self._manifests[package.name] = manifest
        return self._manifests[package.name]


def _tidy(path: str) -> str:
    return posixpath.normpath(path)


def _by_exports(exports: object, key: str) -> str | None:
    table = exports if isinstance(exports, dict) else {".": exports}
    if not any(name.startswith(".") for name in table):
        table = {".": exports}
    if key in table:
        target = _by_condition(table[key])
        return _tidy(target) if target else None
    best: tuple[int, str] | None = None
    for pattern, value in table.items():
        fitting = _fit(pattern, key)
        target = _by_condition(value) if fitting is not None else None
        if fitting is not None and target and (best is None or len(pattern.split("*")[0]) > best[0]):
            best = (len(pattern.split("*")[0]), target.replace("*", fitting) if "*" in target else target + fitting)
    return _tidy(best[1]) if best else None


def _fit(pattern: str, key: str) -> str | None:
    """What ``*`` (or the end of a folder pattern) stands for when ``pattern`` fits ``key``."""
    if "*" in pattern:
        before, after = pattern.split("*", 1)
        if key.startswith(before) and key.endswith(after) and len(key) > len(before) + len(after):
            return key[len(before) : len(key) - len(after)]
    elif pattern.endswith("/") and key.startswith(pattern) and key != pattern:
        return key[len(pattern) :]
    return None


def _by_condition(value: object) -> str | None:
    """The first fitting target, conditions taken in the file's own order."""
    if isinstance(value, str):
        return value
    choices = value if isinstance(value, list) else []
    if isinstance(value, dict):
        choices = [item for condition, item in value.items() if condition in _CONDITIONS]
    for choice in choices:
        found = _by_condition(choice)
        if found is not None:
            return found
    return None
