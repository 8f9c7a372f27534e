"""A plugin repository: its manifest, and the plugins that a folder holds.

``read_manifest`` and ``write_manifest`` are pure; ``scan_repository`` reads files of one folder and nothing beside it.
A folder needs no manifest: every ``*.imjoy.html`` in it is a plugin. Called by ``mirror`` and ``site``.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from imjoy_offline.errors import InputError, ManifestError
from imjoy_offline.plugin.config import PluginConfig, read_config
from imjoy_offline.plugin.file import parse_plugin_file
from imjoy_offline.plugin.literals import JsonValue, Place, read_json

MANIFEST_NAME: Final = "manifest.imjoy.json"
PLUGIN_ENDING: Final = ".imjoy.html"

_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class ManifestPlugin:
    """A plugin as a manifest lists it: ``fields`` are all that is written there, ``uri`` included."""

    name: str
    uri: str
    disabled: bool
    fields: Mapping[str, JsonValue]


@dataclass(frozen=True)
class RepositoryManifest:
    """What a manifest says; ``collections`` are kept as written, ``notes`` tell what was odd."""

    name: str
    description: str
    version: str
    uri_root: str
    plugins: tuple[ManifestPlugin, ...]
    collections: tuple[Mapping[str, JsonValue], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RepositoryEntry:
    """One plugin of a repository's folder.

    ``config`` is None exactly when ``problem`` says in one sentence why the plugin cannot be used; a manifest that
    cannot be read is an entry too, under its own path. ``text`` holds the file as it is, byte order mark and line ends
    included, so that its UTF-8 bytes are those of the file; it is empty where the file could not be read. ``url`` is
    the address that it was added from, None for one that lies in a folder.
    """

    path: Path
    name: str
    text: str
    config: PluginConfig | None
    problem: str | None
    url: str | None = None


def read_manifest(text: str, where: str) -> RepositoryManifest:
    """The manifest in ``text``; ``where`` names it in errors. Raises ManifestError with the line."""
    literal = read_json(text.removeprefix("\ufeff"), Place(f"manifest {where}", 1, ManifestError))
    fields = literal.value
    entries = fields.get("plugins")
    if not isinstance(entries, list):
        raise ManifestError(
            f'The manifest {where} has no list "plugins".', hint='Add "plugins": [...], which may be empty.', line=1
        )
    notes = list(literal.notes)
    plugins = []
    for place, entry in enumerate(entries, start=1):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(name, str) or not name.strip():
            notes.append(f"Entry {place} of the manifest {where} has no name, so it is left out.")
            continue
        uri = _text(entry, "uri") or name + PLUGIN_ENDING
        plugins.append(ManifestPlugin(name, uri, entry.get("disabled") is True, entry))
    collections = fields.get("collections")
    return RepositoryManifest(
        name=_text(fields, "name"),
        description=_text(fields, "description"),
        version=_text(fields, "version"),
        uri_root=_text(fields, "uri_root"),
        plugins=tuple(plugins),
        collections=tuple(item for item in collections if isinstance(item, Mapping))
        if isinstance(collections, list)
        else (),
        notes=tuple(notes),
    )


def write_manifest(manifest: RepositoryManifest) -> str:
    """The manifest's text; ``read_manifest`` gives the same manifest back."""
    plugins = [_entry_fields(plugin) for plugin in manifest.plugins]
    content: dict[str, object] = {
        "name": manifest.name,
        "description": manifest.description,
        "version": manifest.version,
        "uri_root": manifest.uri_root,
        "plugins": plugins,
    }
    if manifest.collections:
        content["collections"] = list(manifest.collections)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _entry_fields(plugin: ManifestPlugin) -> dict[str, JsonValue]:
    fields = {**plugin.fields, "name": plugin.name}
    if plugin.uri != plugin.name + PLUGIN_ENDING:
        fields["uri"] = plugin.uri
    if plugin.disabled:
        fields["disabled"] = True
    return fields


def manifest_of(
    folder: Path, entries: Sequence[RepositoryEntry], *, name: str, description: str = "", version: str = "0.1.0"
) -> RepositoryManifest:
    """The manifest that lists the usable plugins of a scanned folder, with all fields of their configs."""
    plugins = []
    for entry in entries:
        if entry.config is not None:
            uri = entry.path.relative_to(folder).as_posix()
            plugins.append(ManifestPlugin(entry.config.name, uri, False, {**entry.config.raw, "uri": uri}))
    return RepositoryManifest(name, description, version, "", tuple(plugins))


def scan_repository(folder: Path) -> tuple[RepositoryEntry, ...]:
    """Every plugin of the folder: those of its manifest in its order, then the other ``*.imjoy.html`` files by path.

    Hidden folders and links to folders are not entered, links out of the folder are not followed. Of two plugins of
    one name the second is a problem. Never raises for what the files hold; OSError only when the folder itself cannot
    be listed.
    """
    files = {path: None for path in _plugin_files(folder)}
    entries: list[RepositoryEntry] = []
    manifest_path = folder / MANIFEST_NAME
    if manifest_path.is_file():
        listed, disabled = _listed(folder, manifest_path)
        entries += listed
        for path in [*disabled, *(entry.path for entry in listed)]:
            files.pop(path, None)
    entries += [_read_entry(path) for path in files]
    return tuple(_unique(entries))


def _listed(folder: Path, manifest_path: Path) -> tuple[list[RepositoryEntry], list[Path]]:
    """The entries of the manifest that count, and the files of those that it disables."""
    entries: list[RepositoryEntry] = []
    disabled: list[Path] = []
    seen: set[Path] = set()
    try:
        manifest = read_manifest(manifest_path.read_text(encoding="utf-8"), MANIFEST_NAME)
    except (OSError, UnicodeDecodeError) as error:
        problem = f"The manifest {MANIFEST_NAME} cannot be read: {_cause(error)}."
        return [RepositoryEntry(manifest_path, MANIFEST_NAME, "", None, problem)], disabled
    except ManifestError as error:
        return [RepositoryEntry(manifest_path, MANIFEST_NAME, "", None, str(error))], disabled
    for plugin in manifest.plugins:
        path = _locate(folder, manifest.uri_root, plugin)
        if plugin.disabled:
            disabled += [path] if path else []
        elif path is None:
            problem = f'The manifest lists "{plugin.name}" at {plugin.uri}, but this folder has no such file.'
            entries.append(RepositoryEntry(manifest_path, plugin.name, "", None, problem))
        elif path not in seen:
            seen.add(path)
            entries.append(_read_entry(path))
    return entries, disabled


def _locate(folder: Path, uri_root: str, plugin: ManifestPlugin) -> Path | None:
    """The file that a manifest's entry means, if it lies in the folder; never one outside."""
    uri = plugin.uri
    if uri_root.startswith(("http://", "https://")):
        uri, uri_root = uri.removeprefix(uri_root), ""
    root = uri_root.strip("/")
    candidates = [uri, unquote(uri)]
    if "uri" not in plugin.fields:
        candidates.append(plugin.name + ".html")
    for candidate in candidates:
        relative = PurePosixPath(root, candidate.strip("/"))
        unsafe = ".." in relative.parts or any(c in candidate for c in "\\:\0")
        path = folder / relative
        if not unsafe and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None


def _plugin_files(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        if error.filename == str(folder):
            raise error

    root = folder.resolve()
    for place, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in sorted(files):
            path = Path(place, name)
            if name.endswith(PLUGIN_ENDING) and not name.startswith(".") and path.resolve().is_relative_to(root):
                yield path


def _read_entry(path: Path) -> RepositoryEntry:
    stem = path.name.removesuffix(".html").removesuffix(".imjoy")
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return RepositoryEntry(path, stem, "", None, f"The file {path.name} cannot be read: {_cause(error)}.")
    try:
        config = read_config(parse_plugin_file(text))
    except InputError as error:
        return RepositoryEntry(path, stem, text, None, f"{path.name}: {error}")
    return RepositoryEntry(path, config.name, text, config, None)


def _unique(entries: Sequence[RepositoryEntry]) -> Iterator[RepositoryEntry]:
    first: dict[str, Path] = {}
    for entry in entries:
        if entry.config is not None and first.setdefault(entry.name, entry.path) != entry.path:
            other = first[entry.name].name
            problem = f'{entry.path.name}: {other} holds a plugin named "{entry.name}" too. Give one another name.'
            yield replace(entry, config=None, problem=problem)
        else:
            yield entry


def _text(fields: Mapping[str, JsonValue], field: str) -> str:
    value = fields.get(field)
    return value if isinstance(value, str) else ""


def _cause(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 text (byte {error.start})"
    return error.strerror or str(error)
