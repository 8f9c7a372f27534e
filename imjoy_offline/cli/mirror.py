"""``python -m imjoy mirror``, and what ``--serve`` does before it serves: bring, lock, build, tell what is lacking."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from imjoy_offline.cache.lockfile import Lockfile, read_lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import read_vendor
from imjoy_offline.cli.added import (
    added_repository,
    check_address,
    check_usable,
    copy_plugin,
    holds_added,
    is_address,
)
from imjoy_offline.cli.console import Console
from imjoy_offline.errors import EXIT_DONE, EXIT_FINDINGS, FetchError, InputError, ManifestError, OfflineError
from imjoy_offline.mirror.plan import Plan, plan, repository_folders
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.settings import Settings, read_settings
from imjoy_offline.mirror.sync import sync
from imjoy_offline.paths import WorkingFolder, shipped_folder
from imjoy_offline.plugin.manifest import MANIFEST_NAME, read_manifest, scan_repository
from imjoy_offline.progress import SilentProgress
from imjoy_offline.site.build import BuiltSite, build_site
from imjoy_offline.site.catalogue import Repository


def run_mirror(arguments: argparse.Namespace, console: Console) -> int:
    """Mirror into the current folder; raises ImjoyError."""
    folder = WorkingFolder(Path.cwd())
    return supply(folder, console, strict=arguments.strict, wanted=arguments.plugin, retry=arguments.retry)


def supply(
    folder: WorkingFolder, console: Console, *, strict: bool, wanted: Sequence[str] = (), retry: bool = False
) -> int:
    """Bring everything that the folder lacks and build its site; the exit status. Raises ImjoyError.

    With ``retry``, what earlier runs found missing is asked for again.
    """
    addresses = [check_address(text) for text in wanted if is_address(text)]
    settings = read_settings(folder.settings_file)
    for text in wanted:
        if not is_address(text):
            copy_plugin(folder, Path(text), console)
    planned, report, built = _bring(folder, settings, addresses, console, retry=retry, thorough=strict)
    for source in report.repaired:
        console.note(f"Fetched again, since its copy here was damaged or gone: {source}")
    for note in built.notes:
        console.note(note)
    status = _tell_missing(report, console, strict)
    if not retry and set(report.missing) - set(planned.refused):
        console.note("`python -m imjoy mirror --retry` asks again for what was not found.")
    return status


def supply_or_keep(folder: WorkingFolder, console: Console, *, strict: bool) -> int:
    """As ``supply``; but where nothing answers and the folder has a site already, that one is kept, and it is said."""
    try:
        return supply(folder, console, strict=strict)
    except OfflineError as error:
        if strict or folder.current_site() is None:
            raise
        console.error(error)
        console.note("The folder stays as it was at its last mirror run; that is what is served now.")
        return EXIT_DONE


def _bring(
    folder: WorkingFolder,
    settings: Settings,
    addresses: Sequence[str],
    console: Console,
    *,
    retry: bool,
    thorough: bool,
) -> tuple[Plan, SyncReport, BuiltSite]:
    site_src = shipped_folder("site_src")
    vendor = read_vendor(site_src / "vendor.toml")
    store = Store(folder.objects)
    repositories = _repositories(folder, settings)
    added = sorted({*_locked(folder).plugins, *addresses})
    if added:
        repositories.append(_added(folder, settings, repositories, added, store, console, retry))
        settings = _with_added(settings, repositories[-1])
    wanted = plan(settings, vendor, repositories, added)
    report = sync(folder, wanted, settings, console, retry_missing=retry, thorough=thorough)
    return wanted, report, build_site(folder, store, report.lock, vendor, repositories, site_src)


def _added(
    folder: WorkingFolder,
    settings: Settings,
    repositories: Sequence[Repository],
    added: Sequence[str],
    store: Store,
    console: Console,
    retry: bool,
) -> Repository:
    """The repository of added plugins; their texts are brought first, since they say what else is wanted."""
    before = _locked(folder)
    lock = before
    if not holds_added(before, store, added):
        vendor = read_vendor(shipped_folder("site_src") / "vendor.toml")
        everything = replace(settings, plugins=())
        lock = sync(folder, plan(everything, vendor, repositories, added), settings, console, retry_missing=retry).lock
    try:
        found = added_repository(lock, store, added)
        check_usable(entry for entry in found.entries if entry.url not in before.plugins)
    except (FetchError, InputError):
        if lock != before:
            _without_new(folder, settings, repositories, before.plugins, store, lock)
        raise
    return found


def _without_new(
    folder: WorkingFolder,
    settings: Settings,
    repositories: Sequence[Repository],
    kept: Sequence[str],
    store: Store,
    lock: Lockfile,
) -> None:
    """Take a wrong address out of the lock again, where every later run would fail at it."""
    vendor = read_vendor(shipped_folder("site_src") / "vendor.toml")
    rest = [*repositories, added_repository(lock, store, kept)]
    sync(folder, plan(_with_added(settings, rest[-1]), vendor, rest, kept), settings, SilentProgress())


def _with_added(settings: Settings, added: Repository) -> Settings:
    """The settings, where they name the plugins that are wanted: those that were added one by one are wanted too."""
    if not settings.plugins:
        return settings
    names = (entry.name for entry in added.entries if entry.config is not None)
    return replace(settings, plugins=tuple(dict.fromkeys((*settings.plugins, *names))))


def _locked(folder: WorkingFolder) -> Lockfile:
    return read_lockfile(folder.lock_file) if folder.lock_file.is_file() else Lockfile()


def _repositories(folder: WorkingFolder, settings: Settings) -> list[Repository]:
    """The folder's own repository first, so that a lab's own plugin wins over a shipped one of the same name."""
    own = folder.own_repository.resolve()
    paths = repository_folders(folder, settings, shipped_folder("plugin_repository"))
    return [_repository(path) for path in sorted(paths, key=lambda path: path.resolve() != own)]


def _repository(path: Path) -> Repository:
    name, description = path.name, ""
    manifest_path = path / MANIFEST_NAME
    if manifest_path.is_file():
        # A manifest that cannot be read is told as an entry of the catalogue; the plugins beside it are still used.
        with suppress(ManifestError, UnicodeDecodeError):
            manifest = read_manifest(manifest_path.read_text(encoding="utf-8"), MANIFEST_NAME)
            name, description = manifest.name or name, manifest.description
    return Repository(name, description, path, scan_repository(path))


def _tell_missing(report: SyncReport, console: Console, strict: bool) -> int:
    if not report.missing:
        return EXIT_DONE
    console.note("Could not be had:")
    for item in report.missing:
        line = f", line {item.line}" if item.line else ""
        console.note(f"  {item.asked}   ({item.plugin}{line}): {item.reason}")
    return EXIT_FINDINGS if strict else EXIT_DONE
