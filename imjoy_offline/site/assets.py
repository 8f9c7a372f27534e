"""The files of a site that are copied as they are, the checks on them, and the tables that the server looks up.

Site paths are relative, with slashes (``app/js/main.js``). Vendor files and mirrored files are not copied: the server
reads them from the store by the digests in its tables.
"""

import posixpath
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from imjoy_offline.cache.lockfile import LockedArtifact, Lockfile
from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.errors import NotMirroredError, SiteError
from imjoy_offline.links import Reference, find_references
from imjoy_offline.mime import UNKNOWN, content_type, declared_type
from imjoy_offline.site.importmap import VENDOR_PREFIX

_APP_FOLDERS = ("js", "css", "static")
_SANDBOX_ROOMS = ("rpc", "core", "sandbox")
_SANDBOX_ENTRIES = ("sandbox/js/sandbox/frame.js",)
_MODULES = frozenset((".js", ".mjs"))
_LOADING = frozenset(("import", "dynamic-import", "worker"))
_TYPES_ONLY = ".d.ts"
_MAX_PATH = 120
_FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_EXACT = re.compile(r"[@/]v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?(?=/|\Z)")


class FileEntry(TypedDict):
    """What the server must know of a stored file."""

    sha256: str
    size: int
    type: str


class UrlEntry(FileEntry):
    """The same for an original address; ``immutable`` where it names an exact version."""

    immutable: bool


def collect_assets(site_src: Path) -> Mapping[str, bytes]:
    """Site path -> content of every file that is copied; raises SiteError when ``site_src`` is not what it must be."""
    assets: dict[str, bytes] = {}
    for folder in _APP_FOLDERS:
        for relative, content in _files(site_src / folder):
            assets[f"app/{folder}/{relative}"] = content
            if folder == "js" and relative.split("/")[0] in _SANDBOX_ROOMS:
                assets[f"sandbox/js/{relative}"] = content
    return assets


def stylesheets(assets: Collection[str]) -> tuple[str, ...]:
    """The addresses of the style sheets that lie directly in ``css/``, in the order of their names."""
    return tuple(f"/{path}" for path in sorted(assets) if re.fullmatch(r"app/css/[^/]+\.css", path))


def check_names(paths: Iterable[str]) -> None:
    """Raise SiteError for a path that Windows or exFAT cannot hold, and for two that such systems hold for one."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        if len(path) > _MAX_PATH or not all(_holdable(part) for part in parts):
            raise SiteError(f"The file name {path!r} cannot be carried to every system.", hint="Rename the file.")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            if seen.setdefault(here.casefold(), here) != here:
                raise SiteError(
                    f"The names {seen[here.casefold()]!r} and {here!r} differ in case only, which some systems lose.",
                    hint="Rename one of them.",
                )


def check_modules(assets: Mapping[str, bytes], imports: Collection[str]) -> None:
    """Raise SiteError, with file and line, for a module of ours that loads something that will not be there."""
    for path in sorted(assets):
        if path.startswith("app/js/") and posixpath.splitext(path)[1] in _MODULES:
            for reference in _loaded(assets, path):
                _target(assets, path, reference, imports)
    queue = [path for path in _SANDBOX_ENTRIES if path in assets]
    seen = set(queue)
    while queue:
        path = queue.pop()
        for reference in _loaded(assets, path):
            target = _target(assets, path, reference, ())
            if target is not None and target not in seen:
                seen.add(target)
                queue.append(target)


def loaded_at_once(assets: Mapping[str, bytes], imports: Mapping[str, str], entry: str) -> tuple[str, ...]:
    """The addresses of what the module ``entry`` imports statically, through any number of our own, nearest first.

    Told in the page, they are all asked for at once; a browser by itself finds them level by level. ``imports`` is the
    page's import map. Raises SiteError as ``check_modules`` does.
    """
    found: dict[str, None] = {}
    queue = deque((entry,))
    while queue:
        path = queue.popleft()
        for reference in _loaded(assets, path):
            if reference.use != "import":
                continue
            target = _target(assets, path, reference, imports)
            address = imports[reference.url] if target is None else f"/{target}"
            if target is not None and address not in found:
                queue.append(target)
            found[address] = None
    return tuple(found)


def check_page(name: str, page: str, answered: Collection[str]) -> None:
    """Raise SiteError, with the line, for something in a page of ours that no address in ``answered`` answers."""
    for reference in find_references(page, "html"):
        if reference.url not in answered:
            raise SiteError(
                f"{name}, line {reference.line}: nothing in the site answers {reference.url!r}.", line=reference.line
            )


def vendor_table(vendor: Vendor, lock: Lockfile) -> dict[str, FileEntry]:
    """Address on the app's port -> stored file, for every file in ``vendor.toml``.

    Raises NotMirroredError for a file that the lock does not hold as pinned.
    """
    locked = lock.by_source()
    table: dict[str, FileEntry] = {}
    for package in vendor.packages:
        for path, digest in package.files.items():
            artifact = locked.get(package.source(path))
            if artifact is None or artifact.sha256 != digest:
                raise NotMirroredError(
                    f"This folder does not hold {path} of {package.name} {package.version}, a part of the app itself.",
                    hint="Run `python -m imjoy mirror` where there is a network.",
                )
            address = f"{VENDOR_PREFIX}{package.name}@{package.version}/{path}"
            table[address] = FileEntry(sha256=digest, size=artifact.size, type=content_type(path))
    return dict(sorted(table.items()))


def url_table(lock: Lockfile) -> dict[str, UrlEntry]:
    """Original address -> stored file, for everything mirrored."""
    return {
        url: UrlEntry(
            sha256=artifact.sha256,
            size=artifact.size,
            type=declared_type(artifact.type) or content_type(_path_for_type(artifact, url)),
            immutable=_EXACT.search(urlsplit(url).path) is not None,
        )
        for url, artifact in sorted(lock.by_url().items())
    }


def _path_for_type(artifact: LockedArtifact, url: str) -> str:
    """The name of the package's file that answers (``/npm/vue@2`` has none of its own), else the address's."""
    source = artifact.source
    return source if source.startswith("npm:") and content_type(source) != UNKNOWN else urlsplit(url).path


def _files(folder: Path) -> Iterable[tuple[str, bytes]]:
    if not folder.is_dir():
        raise SiteError(f"The folder {folder.name} of site_src is absent.", hint="Install ImJoy Offline again.")
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and not path.name.endswith(_TYPES_ONLY):
            yield relative.as_posix(), path.read_bytes()


def _holdable(part: str) -> bool:
    return bool(part) and not (
        _FORBIDDEN.search(part) or part[-1] in ". " or _RESERVED.fullmatch(part) or len(part.encode("utf-16-le")) > 510
    )


def _loaded(assets: Mapping[str, bytes], path: str) -> tuple[Reference, ...]:
    try:
        text = assets[path].decode("utf-8")
    except UnicodeDecodeError as error:
        raise SiteError(f"The module {path} is not UTF-8: {error}.") from error
    return tuple(reference for reference in find_references(text, "js") if reference.use in _LOADING)


def _target(assets: Mapping[str, bytes], path: str, reference: Reference, imports: Collection[str]) -> str | None:
    """The site path that ``reference`` leads to, None for a third-party module; SiteError where it leads nowhere."""
    if reference.url in imports:
        return None
    if reference.url.startswith(("./", "../")):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference.url))
        if target in assets:
            return target
    raise SiteError(
        f"{path}, line {reference.line}: nothing in the site answers {reference.url!r}.",
        hint="Correct the address, or list the module in vendor.toml.",
        line=reference.line,
    )
