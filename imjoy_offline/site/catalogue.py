"""The catalogue: every plugin of every repository, as the app lists it before anything is installed.

Texts are kept by digest; the parsed config goes along as JSON (the app reads no YAML). A plugin that cannot be read
keeps its entry, with the problem in words. Of two plugins with one name the first repository's wins.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import urldefrag

from imjoy_offline.cache.lockfile import Lockfile
from imjoy_offline.plugin.config import PluginConfig
from imjoy_offline.plugin.literals import JsonValue
from imjoy_offline.plugin.manifest import RepositoryEntry
from imjoy_offline.plugin.packages import python_needs
from imjoy_offline.plugin.requirements import is_native, parse_requirement

_NOT_MIRRORED = "It was not mirrored: run `python -m imjoy mirror` where there is a network."


@dataclass(frozen=True)
class Repository:
    """A folder of plugins as it was read; the caller puts the person's own first."""

    name: str
    description: str
    folder: Path
    entries: tuple[RepositoryEntry, ...]


class MissingEntry(TypedDict):
    """Something that a plugin asks for and this folder does not hold; ``line`` 0 where it is not known."""

    asked: str
    line: int
    reason: str


class CatalogueEntry(TypedDict):
    """One plugin."""

    name: str
    type: str
    version: str
    description: str
    icon: str
    cover: list[str]
    tags: list[str]
    labels: list[str]
    repository: str
    url: str | None
    path: str
    sha256: str
    size: int
    config: dict[str, JsonValue]
    engine: bool
    missing: list[MissingEntry]
    problem: str | None


class RepositoryInfo(TypedDict):
    """One repository."""

    name: str
    description: str


class CatalogueDocument(TypedDict):
    """``catalogue.json``."""

    version: int
    repositories: list[RepositoryInfo]
    plugins: list[CatalogueEntry]


@dataclass(frozen=True)
class Catalogue:
    """The document, the plugin texts by digest, and what the person should be told."""

    document: CatalogueDocument
    texts: Mapping[str, bytes]
    notes: tuple[str, ...]


def make_catalogue(repositories: Sequence[Repository], lock: Lockfile) -> Catalogue:
    """The catalogue of ``repositories``; a plugin that cannot be read is an entry with a problem, never an error."""
    holders: dict[str, str] = {}
    texts: dict[str, bytes] = {}
    notes: list[str] = []
    plugins: list[CatalogueEntry] = []
    mirrored = frozenset(lock.by_url())
    for repository in repositories:
        for entry in repository.entries:
            made, text = _entry(repository, entry, lock, mirrored)
            where = f"{entry.path.name} of {repository.name}"
            if made["name"] in holders:
                notes.append(f"The plugin {made['name']!r} is taken from {holders[made['name']]}, not from {where}.")
                continue
            if made["problem"] is not None:
                notes.append(f"{repository.name}: {made['problem']}")
            if entry.config is not None:
                notes += [f"{repository.name}: {entry.path.name}: {note}" for note in entry.config.notes]
            holders[made["name"]] = where
            texts[made["sha256"]] = text
            plugins.append(made)
    document = CatalogueDocument(
        version=1,
        repositories=[RepositoryInfo(name=item.name, description=item.description) for item in repositories],
        plugins=plugins,
    )
    return Catalogue(document, texts, tuple(notes))


def _entry(
    repository: Repository, entry: RepositoryEntry, lock: Lockfile, mirrored: Collection[str]
) -> tuple[CatalogueEntry, bytes]:
    text = entry.text.encode("utf-8")
    digest = hashlib.sha256(text).hexdigest()
    config = entry.config
    made = CatalogueEntry(
        name=entry.name,
        type=config.type if config else "",
        version=config.version if config else "",
        description=config.description if config else "",
        icon=_picture(config.icon, mirrored) if config else "",
        cover=[cover for cover in config.cover if _picture(cover, mirrored)] if config else [],
        tags=list(config.tags) if config else [],
        labels=list(config.labels) if config else [],
        repository=repository.name,
        url=entry.url,
        path=f"/plugins/{digest}",
        sha256=digest,
        size=len(text),
        config=dict(config.raw) if config else {},
        engine=config is not None and config.needs_engine,
        missing=_missing(config, entry.text, lock, mirrored) if config else [],
        problem=entry.problem,
    )
    return made, text


def _picture(address: str, mirrored: Collection[str]) -> str:
    """``address``, unless it is an outside one that nothing here answers: the app would ask in vain."""
    outside = address.startswith(("http://", "https://", "//"))
    return "" if outside and address not in mirrored else address


def _missing(config: PluginConfig, text: str, lock: Lockfile, mirrored: Collection[str]) -> list[MissingEntry]:
    known = [
        MissingEntry(asked=item.asked, line=item.line, reason=item.reason)
        for item in lock.missing
        if item.plugin == config.name
    ]
    asked = {item["asked"] for item in known}
    if is_native(config.type):
        known += _missing_packages(config, text, lock, asked)
    else:
        known += _missing_addresses(config, text, mirrored, asked)
    return sorted(known, key=lambda item: (item["line"], item["asked"]))


def _missing_addresses(
    config: PluginConfig, text: str, mirrored: Collection[str], asked: set[str]
) -> Iterator[MissingEntry]:
    """The addresses of requirements that nothing here answers, but for those that are told of already."""
    for requirement in config.requirements:
        parsed = parse_requirement(requirement, config.type)
        url = None if parsed.url is None else urldefrag(parsed.url).url
        if url is not None and url not in mirrored and not asked & {url, requirement}:
            asked.add(url)
            yield MissingEntry(asked=url, line=_line_of(requirement, text), reason=_NOT_MIRRORED)


def _missing_packages(config: PluginConfig, text: str, lock: Lockfile, asked: set[str]) -> Iterator[MissingEntry]:
    """What the Python environment of the plugin lacks, but for what is told of already.

    An environment is whole or is not there at all: where the lock has none and does not say why, nobody mirrored it.
    """
    needs = python_needs(config.requirements, config.type)
    for unmet in needs.unmet:
        if unmet.asked not in asked:
            yield MissingEntry(asked=unmet.asked, line=_line_of(unmet.asked, text), reason=unmet.reason)
    written = dict.fromkeys(needs.written_as(package) for package in needs.packages)
    locked = any(environment.packages == needs.packages for environment in lock.environments)
    if not locked and not asked & set(written):
        for requirement in written:
            yield MissingEntry(asked=requirement, line=_line_of(requirement, text), reason=_NOT_MIRRORED)


def _line_of(requirement: str, text: str) -> int:
    place = text.find(requirement)
    return text.count("\n", 0, place) + 1 if place >= 0 else 0
