"""Building the site: gather everything, check it, write it beside, and switch to it at the very end.

A built site lies at ``cache/site/<digest>/``, the digest being the SHA-256 of its list ``SHA256SUMS``; the small file
``cache/site/current`` names the one that is served. Equal inputs give equal bytes and so the same digest. Killed at any
point, a build leaves the site before it in place; the previous site is kept, older ones are removed.
"""

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline import __version__
from imjoy_offline.cache.lockfile import Lockfile, lock_bytes
from imjoy_offline.cache.store import Store, is_digest
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.site.assets import (
    check_modules,
    check_names,
    check_page,
    collect_assets,
    loaded_at_once,
    stylesheets,
    url_table,
    vendor_table,
)
from imjoy_offline.site.catalogue import Catalogue, Repository, make_catalogue
from imjoy_offline.site.importmap import Package, cdn_prefixes, follow, import_map_text, read_entries

SUMS = "SHA256SUMS"
_POINTER = "current"
_INPUTS = "inputs"  # fingerprint of the inputs, then the digest that they gave
_LAYOUT = 2  # raised when the same inputs are to give another site
_BUILDING = ".building-"
_APP_MODULE = "app/js/main.js"
_ABANDONED_SECONDS = 3600


@dataclass(frozen=True)
class BuiltSite:
    """The site that is served from now on; ``changed`` is False where it already was. ``notes`` are for the person."""

    digest: str
    path: Path
    changed: bool
    notes: tuple[str, ...] = ()


def build_site(
    folder: WorkingFolder,
    store: Store,
    lock: Lockfile,
    vendor: Vendor,
    repositories: Sequence[Repository],
    site_src: Path,
) -> BuiltSite:
    """Build the site of ``folder`` and switch to it; writes nothing where the inputs are those of the current one.

    Raises SiteError for wrong sources, NotMirroredError where files of the app itself are not in the store, and
    DigestMismatch where one of them is damaged.
    """
    catalogue = make_catalogue(repositories, lock)
    assets = collect_assets(site_src)
    inputs = _fingerprint(assets, site_src, lock, vendor, catalogue)
    _clean(folder.site)
    current = _unchanged(folder, inputs)
    if current is not None:
        return BuiltSite(current.name, current, changed=False, notes=catalogue.notes)
    files = _gather(assets, store, lock, vendor, catalogue, site_src)
    check_names(files)
    sums = _sums(files)
    digest = hashlib.sha256(sums).hexdigest()
    changed = _publish(folder, digest, {**files, SUMS: sums})
    _write_small(folder.site / _INPUTS, f"{inputs} {digest}\n")
    return BuiltSite(digest, folder.site / digest, changed, catalogue.notes)


def site_fault(path: Path) -> str | None:
    """What is wrong with the built site at ``path``, in words, every file compared; None where it is whole."""
    try:
        sums = (path / SUMS).read_bytes()
    except FileNotFoundError:
        return f"it has no {SUMS}"
    if hashlib.sha256(sums).hexdigest() != path.name:
        return f"its {SUMS} is not the one that it was built with"
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in sums.decode("utf-8").splitlines())}
    present = {item.relative_to(path).as_posix() for item in path.rglob("*") if not item.is_dir()} - {SUMS}
    for name in sorted(present ^ listed.keys()):
        return f"{name} is {'missing' if name in listed else 'not part of it'}"
    for name, digest in listed.items():
        if hashlib.sha256((path / name).read_bytes()).hexdigest() != digest:
            return f"{name} is damaged"
    return None


def _gather(
    assets: Mapping[str, bytes],
    store: Store,
    lock: Lockfile,
    vendor: Vendor,
    catalogue: Catalogue,
    site_src: Path,
) -> Mapping[str, bytes]:
    """Every file of the site but its list, by site path."""
    # Only a build that has something to do needs the template engine, which is slow to import.
    from imjoy_offline.site.render import AppPage, render_app, render_frame, script_hashes

    vendor_files = vendor_table(vendor, lock)
    entries = read_entries(site_src / "vendor.toml")
    imports = follow(entries, [_package(package, store) for package in vendor.packages]).imports
    check_modules(assets, imports)
    templates = site_src / "templates"
    at_once = loaded_at_once(assets, imports, _APP_MODULE)
    page = render_app(templates, AppPage(import_map_text(imports), stylesheets(assets), __version__, at_once))
    urls = url_table(lock)
    frame = render_frame(templates, import_map_text(cdn_prefixes(urls)))
    for name, text in (("app.html", page), ("frame.html", frame)):
        check_page(name, text, {*vendor_files, *(f"/{path}" for path in assets)})
    server = {"version": 1, "script_hashes": list(script_hashes(page)), "vendor": vendor_files, "urls": urls}
    return {
        **assets,
        **{f"plugins/{digest}": text for digest, text in catalogue.texts.items()},
        "app/index.html": page.encode("utf-8"),
        "sandbox/frame.html": frame.encode("utf-8"),
        "catalogue.json": _json(catalogue.document),
        "server.json": _json(server),
    }


def _package(package: VendorPackage, store: Store) -> Package:
    files = package.files
    return Package(package.name, package.version, frozenset(files), lambda path: store.read(files[path]))


def _json(document: object) -> bytes:
    # ASCII, since a config may hold half a character (a lone surrogate), which UTF-8 cannot.
    return (json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n").encode("ascii")


def _sums(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    return "".join(lines).encode("utf-8")


def _fingerprint(
    assets: Mapping[str, bytes], site_src: Path, lock: Lockfile, vendor: Vendor, catalogue: Catalogue
) -> str:
    """A digest over everything that a build depends on."""
    digest = hashlib.sha256()

    def add(name: str, content: bytes) -> None:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)

    add("version", f"{_LAYOUT} {__version__}".encode())
    for path, content in sorted(assets.items()):
        add(path, content)
    sources = [site_src / "vendor.toml", *sorted((site_src / "templates").rglob("*"))]
    for source in sources:
        if source.is_file():
            add(source.relative_to(site_src).as_posix(), source.read_bytes())
    add("lock", lock_bytes(lock))
    add("vendor", _json(vendor.digests()))
    add("catalogue", _json(catalogue.document))
    return digest.hexdigest()


def _unchanged(folder: WorkingFolder, inputs: str) -> Path | None:
    """The site that is served, where these very inputs gave it and it is still whole."""
    current = folder.current_site()
    try:
        recorded = (folder.site / _INPUTS).read_text(encoding="ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if current is None or recorded != [inputs, current.name] or site_fault(current) is not None:
        return None
    return current


def _publish(folder: WorkingFolder, digest: str, files: Mapping[str, bytes]) -> bool:
    """Put the site in place and switch to it; False where it was there, whole and served."""
    previous = folder.current_site()
    target = folder.site / digest
    whole = target.is_dir() and site_fault(target) is None
    if whole and previous == target:
        return False
    if not whole:
        building = _write(folder.site, files)
        if target.exists():
            target.rename(_beside(folder.site))
        building.rename(target)
    # Older sites go before the switch: afterwards nothing would tell which of them was the previous one.
    kept = {target, previous}
    _remove(item for item in folder.site.iterdir() if is_digest(item.name) and item not in kept)
    _clean(folder.site)
    _write_small(folder.site / _POINTER, f"{digest}\n")
    return True


def _write(site: Path, files: Mapping[str, bytes]) -> Path:
    building = _beside(site)
    for name, content in sorted(files.items()):
        path = building / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_file(path, content)
    return building


def _write_small(path: Path, text: str) -> None:
    """Replace a small file at once; what a kill leaves beside it is cleaned like the folders of killed builds."""
    temporary = _beside(path.parent)
    _write_file(temporary, text.encode("ascii"))
    temporary.replace(path)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _beside(site: Path) -> Path:
    """A name for something unfinished, which tells whose it is."""
    return site / f"{_BUILDING}{os.getpid()}-{secrets.token_hex(4)}"


def _clean(site: Path) -> None:
    """Remove what killed builds, and this process's own failed ones, have left."""
    if site.is_dir():
        _remove(item for item in site.iterdir() if item.name.startswith(_BUILDING) and _abandoned(item))


def _abandoned(item: Path) -> bool:
    import psutil  # slow too, and seldom needed

    process = item.name.removeprefix(_BUILDING).partition("-")[0]
    if not process.isdigit() or int(process) == os.getpid() or not psutil.pid_exists(int(process)):
        return True
    # Process numbers come again, and the folder may have come from another computer.
    return time.time() - item.stat().st_mtime > _ABANDONED_SECONDS


def _remove(items: Iterable[Path]) -> None:
    for item in list(items):
        # What somebody holds open (Windows) goes at the next build.
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        else:
            with suppress(OSError):
                item.unlink()
