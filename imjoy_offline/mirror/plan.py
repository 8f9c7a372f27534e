"""What a mirror run has to bring, before anything is asked: the app's own modules, what plugins name, and ``extra``.

Plugins in the browser name addresses, those in the engine Python packages. Pure but for looking whether folders exist.
``sync`` carries the plan out; the command line shows its counts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from imjoy_offline.cache.lockfile import MissingItem
from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.errors import ConfigError, ImjoyError
from imjoy_offline.mirror.environments import PackageSet
from imjoy_offline.mirror.python_wants import PythonWant, python_want
from imjoy_offline.mirror.settings import SHIPPED, Settings
from imjoy_offline.mirror.sources import DirectUrl, LocalFile, NpmFile, OutOfReach, Source, Unreadable, recognise
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.config import PluginConfig, read_config
from imjoy_offline.plugin.file import PluginFile, parse_plugin_file
from imjoy_offline.plugin.manifest import RepositoryEntry
from imjoy_offline.plugin.requirements import is_native, parse_requirement

_NO_BROWSER_PYTHON_YET = "This version does not carry Python packages for the browser yet."
_NOT_RELATIVE = "A relative address means nothing here: name an npm package, or a whole http or https address."
_SETTINGS = "imjoy.yaml"
_ADDED = "mirror --plugin"


class Repository(Protocol):
    """A repository as it was scanned."""

    @property
    def entries(self) -> Sequence[RepositoryEntry]:
        """Its plugins."""
        ...


@dataclass(frozen=True, order=True)
class Want:
    """One address that a plugin (or ``imjoy.yaml``) names on a line, and the npm file that it means."""

    asked: str
    plugin: str
    line: int
    source: NpmFile


@dataclass(frozen=True, order=True)
class DirectWant:
    """One address that a plugin (or ``imjoy.yaml``) names on a line, and that is asked for as it is."""

    asked: str
    plugin: str
    line: int
    source: DirectUrl


@dataclass(frozen=True)
class Plan:
    """Everything wanted; ``refused`` is known to be out of reach of this version, with reasons.

    ``wants`` are files of npm packages, ``direct`` other addresses; ``added`` are the addresses of plugin files that a
    person added one by one, which are among these. ``python`` are the packages of plugins in the engine, which must run
    on ``target``.
    """

    vendor: Vendor
    wants: tuple[Want, ...] = ()
    refused: tuple[MissingItem, ...] = ()
    plugins: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    python: tuple[PythonWant, ...] = ()
    target: Target = field(default_factory=Target.here)
    direct: tuple[DirectWant, ...] = ()

    @property
    def addressed(self) -> tuple[Want | DirectWant, ...]:
        """All that is wanted by address."""
        return (*self.wants, *self.direct)

    @property
    def package_sets(self) -> tuple[PackageSet, ...]:
        """The distinct sets of Python packages."""
        return tuple(sorted({PackageSet(want.packages, self.target) for want in self.python if want.packages}))

    @property
    def text(self) -> str:
        """The plan in one line for people."""
        vendor_files = sum(len(package.files) for package in self.vendor.packages)
        addresses = len({want.source.url for want in self.addressed})
        return (
            f"{count(len(self.plugins), 'plugin')}; {count(vendor_files, 'file')} of "
            f"{count(len(self.vendor.packages), 'package')} for the app itself; "
            f"{count(addresses, 'address', 'addresses')} for plugins"
            + (f"; {count(len(self.package_sets), 'set')} of Python packages" if self.package_sets else "")
            + (f"; {count(len(self.refused), 'thing')} that this version cannot bring" if self.refused else "")
        )


def plan(settings: Settings, vendor: Vendor, repositories: Iterable[Repository], added: Sequence[str] = ()) -> Plan:
    """Collect the wants of the chosen plugins, of ``extra``, and the plugin files that were ``added`` by address.

    Raises ConfigError, with its line, where ``plugins`` names one that no repository has.
    """
    entries = _chosen(settings, [entry for repository in repositories for entry in repository.entries])
    wants: set[Want] = set()
    direct: set[DirectWant] = set()
    refused: set[MissingItem] = set()
    names = {entry.name for entry in entries if entry.config is not None}
    found: list[_Wish] = []
    python: set[PythonWant] = set()
    for entry in entries:
        file = parse_plugin_file(entry.text)
        for config in _under_each_tag(entry, file):
            if isinstance(config, _Wish):
                found.append(config)
                continue
            found += _wishes(config, file, names)
            if is_native(config.type):
                python.add(python_want(config, file))
    refused.update(item for want in python for item in want.unmet)
    for index, text in enumerate(settings.extra):
        found.append(_Wish(text, _SETTINGS, settings.lines.get(f"extra[{index}]", 0)))
    found += [_Wish(text, _ADDED, 0) for text in added]
    for wish in found:
        source = recognise(wish.asked) if not wish.reason else None
        if isinstance(source, NpmFile):
            wants.add(Want(wish.asked, wish.plugin, wish.line, source))
        elif isinstance(source, DirectUrl):
            direct.add(DirectWant(wish.asked, wish.plugin, wish.line, source))
        else:
            refused.add(MissingItem(wish.asked, wish.plugin, wish.line, wish.reason or _reason(source)))
    return Plan(
        vendor,
        tuple(sorted(wants, key=_order)),
        tuple(sorted(refused)),
        tuple(sorted(names)),
        tuple(sorted(added)),
        tuple(sorted(python)),
        direct=tuple(sorted(direct, key=_order)),
    )


def repository_folders(folder: WorkingFolder, settings: Settings, shipped: Path) -> tuple[Path, ...]:
    """The repositories of a working folder, each once: those of ``imjoy.yaml`` (else the shipped one), and its own.

    Raises ConfigError, with its line, for a folder that does not exist.
    """
    folders: dict[Path, Path] = {}
    for index, text in enumerate(settings.repositories or (SHIPPED,)):
        path = shipped if text == SHIPPED else folder.root / Path(text).expanduser()
        if not path.is_dir():
            line = settings.lines.get(f"repositories[{index}]")
            raise ConfigError(
                f"{_SETTINGS}, line {line}: there is no folder {text!r}.",
                hint="Repositories are folders, relative to the folder of imjoy.yaml or absolute.",
                line=line,
            )
        folders.setdefault(path.resolve(), path)
    if folder.own_repository.is_dir():
        folders.setdefault(folder.own_repository.resolve(), folder.own_repository)
    return tuple(folders.values())


@dataclass(frozen=True)
class _Wish:
    """Something that is asked for somewhere; with ``reason`` where it is already known to be out of reach."""

    asked: str
    plugin: str
    line: int
    reason: str = ""


def _chosen(settings: Settings, entries: list[RepositoryEntry]) -> list[RepositoryEntry]:
    """The first entry of every wanted name."""
    first: dict[str, RepositoryEntry] = {}
    for entry in entries:
        first.setdefault(entry.name, entry)
    if not settings.plugins:
        return list(first.values())
    for index, name in enumerate(settings.plugins):
        if name not in first:
            line = settings.lines.get(f"plugins[{index}]")
            raise ConfigError(
                f"{_SETTINGS}, line {line}: no repository has a plugin named {name!r}.",
                hint=f"There are: {', '.join(sorted(first)) or 'none'}.",
                line=line,
            )
    chosen: dict[str, RepositoryEntry] = {}
    pending = list(settings.plugins)
    while pending:
        name = pending.pop()
        if name in first and name not in chosen:
            chosen[name] = entry = first[name]
            pending += [_plugin_name(uri) for uri in entry.config.dependencies] if entry.config else []
    return [entry for name, entry in first.items() if name in chosen]


def _under_each_tag(entry: RepositoryEntry, file: PluginFile) -> Iterator[PluginConfig | _Wish]:
    """The plugin under each of its tags; what is wrong with a tag under which it cannot be read."""
    if entry.config is None:
        return
    yield entry.config
    for tag in entry.config.tags:
        if tag != entry.config.tag:
            try:
                yield read_config(file, tag)
            except ImjoyError as error:
                yield _Wish(f"tag {tag}", entry.name, error.line or 0, error.message)


def _wishes(config: PluginConfig, file: PluginFile, names: set[str]) -> Iterator[_Wish]:
    """What the plugin asks for beside Python packages."""
    if not is_native(config.type):
        yield from (_requirement(text, config, file) for text in config.requirements)
    for uri in config.dependencies:
        if _plugin_name(uri) not in names:
            yield _Wish(uri, config.name, file.line_of(uri), "No repository of this folder has this plugin.")
    for asked in _addresses(config):
        yield _Wish(asked, config.name, file.line_of(asked))


def _requirement(text: str, config: PluginConfig, file: PluginFile) -> _Wish:
    line = file.line_of(text)
    requirement = parse_requirement(text, config.type)
    if requirement.url is not None:
        return _Wish(requirement.url, config.name, line)
    if requirement.kind == "python":
        return _Wish(text, config.name, line, _NO_BROWSER_PYTHON_YET)
    return _Wish(text, config.name, line, f"It is not used: {requirement.reason or 'it is no http or https address'}.")


def _addresses(config: PluginConfig) -> Iterator[str]:
    """Outside addresses beside the requirements: frames, pictures, scripts and links with an address."""
    named = [config.base_frame, config.base_worker, config.icon, *config.cover]
    named += [block.attribute("src") for block in config.scripts]
    named += [block.attribute("href") for block in config.links]
    yield from (text for text in named if text and re.match(r"(?:https?:)?//", text))


def _plugin_name(uri: str) -> str:
    """The plugin that a dependency names, as far as that can be told from ``repository:Name@tag``."""
    return re.sub(r"@[^@]*$", "", uri.rpartition(":")[2]).strip() if "://" not in uri else uri


def _reason(source: Source | None) -> str:
    if isinstance(source, OutOfReach | Unreadable):
        return source.reason
    if isinstance(source, LocalFile):
        return _NOT_RELATIVE
    return ""


def _order(want: Want | DirectWant) -> tuple[str, str, int]:
    return (want.source.url, want.plugin, want.line)


def count(number: int, one: str, many: str = "") -> str:
    """A number of things in words."""
    return f"{number} {one if number == 1 else many or one + 's'}"
