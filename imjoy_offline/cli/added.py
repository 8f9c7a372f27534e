"""Plugins that ``mirror --plugin`` adds to a folder: a file is copied to its own repository, an address is locked.

An address stays in the lock file's list ``plugins``: every later run keeps that plugin, and asks for nothing while its
text is in the store.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from imjoy_offline.cache.lockfile import Lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.cli.console import Console
from imjoy_offline.errors import FetchError, InputError, PluginFileError, UsageError
from imjoy_offline.mirror.sources import DirectUrl, NpmFile, OutOfReach, Unreadable, recognise
from imjoy_offline.paths import WorkingFolder, atomic_write
from imjoy_offline.plugin.config import read_config
from imjoy_offline.plugin.file import parse_plugin_file
from imjoy_offline.plugin.manifest import PLUGIN_ENDING, RepositoryEntry
from imjoy_offline.site.catalogue import Repository


def is_address(text: str) -> bool:
    """Whether ``--plugin`` was given an address and not a file."""
    return text.startswith(("http://", "https://", "npm:"))


def check_address(text: str) -> str:
    """The address, where this version can take a plugin from it; raises UsageError with what it can."""
    source = recognise(text)
    if isinstance(source, OutOfReach | Unreadable):
        raise UsageError(f"--plugin {text}: this version cannot take a plugin from there. {source.reason}")
    if not isinstance(source, NpmFile | DirectUrl) or not urlsplit(source.url).path.endswith(PLUGIN_ENDING):
        raise UsageError(
            f"--plugin {text}: this version cannot take a plugin from there.",
            hint=f"Give a file, or the address of a file that ends in {PLUGIN_ENDING}.",
        )
    return text


def copy_plugin(folder: WorkingFolder, file: Path, console: Console) -> None:
    """Copy a plugin file into the folder's own repository; raises InputError where it is no plugin."""
    try:
        content = file.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--plugin {file}: the file cannot be read ({error}).", hint="Check the path.") from None
    try:
        config = read_config(parse_plugin_file(text))
    except InputError as error:
        raise type(error)(f"{file}: {error.message}", hint=error.hint, line=error.line) from None
    name = file.name if file.name.endswith(PLUGIN_ENDING) else f"{config.name}{PLUGIN_ENDING}"
    target = folder.own_repository / name
    if target.resolve() != file.resolve() and not (target.is_file() and target.read_bytes() == content):
        with atomic_write(target) as stream:
            stream.write(content)
        console.note(f"Copied the plugin {config.name!r} to plugin_repository/{name}.")


def holds_added(lock: Lockfile, store: Store, urls: Sequence[str]) -> bool:
    """Whether the texts of all of them are in the store, whole."""
    by_url = lock.by_url()
    sources = [recognise(url) for url in urls]
    artifacts = [by_url.get(source.url) for source in sources if isinstance(source, NpmFile | DirectUrl)]
    return all(item is not None and store.fault(item.sha256, item.size) is None for item in artifacts)


def added_repository(lock: Lockfile, store: Store, urls: Sequence[str]) -> Repository:
    """The plugins that were added by address, as they lie in the store.

    Raises FetchError where one could not be had, DigestMismatch where one is damaged.
    """
    by_url = lock.by_url()
    reasons = {item.asked: item.reason for item in lock.missing}
    entries = []
    for asked in urls:
        source = recognise(asked)
        artifact = by_url.get(source.url) if isinstance(source, NpmFile | DirectUrl) else None
        if artifact is None:
            reason = reasons.get(asked, "It was not found.")
            raise FetchError(f"The plugin at {asked} could not be had. {reason}", hint="Check the address.")
        entries.append(_entry(asked, store.read(artifact.sha256)))
    return Repository("Added by address", "Plugins that were added one by one", Path(), tuple(entries))


def check_usable(entries: Iterable[RepositoryEntry]) -> None:
    """Raises InputError for the first that is no plugin: a wrong address is told and not kept as a broken plugin."""
    for entry in entries:
        if entry.problem is not None:
            raise PluginFileError(
                f"What lies at {entry.url} cannot be used as a plugin: {entry.problem.removeprefix(f'{entry.url}: ')}",
                hint="Give the address of the plugin's own file (on a code host, its raw file).",
            )


def _entry(url: str, content: bytes) -> RepositoryEntry:
    file_name = PurePosixPath(unquote(urlsplit(url).path)).name
    stem = file_name.removesuffix(PLUGIN_ENDING)
    path = Path(file_name)
    try:
        text = content.decode("utf-8")
        config = read_config(parse_plugin_file(text))
    except UnicodeDecodeError as error:
        return RepositoryEntry(path, stem, "", None, f"{url} is not UTF-8 text: {error}.", url)
    except InputError as error:
        return RepositoryEntry(path, stem, text, None, f"{url}: {error}", url)
    return RepositoryEntry(path, config.name, text, config, None, url)
